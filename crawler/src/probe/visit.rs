//! One visit to an endpoint: two questions at most, one look at how to sign in, and its tools where anybody may see them. It decides
//! nothing and writes nothing but which requests were made.

use std::time::Duration;

use registry_core::mcp::judge::{Finding, Verdict};
use registry_core::mcp::metadata::{self, Metadata, Place};
use registry_core::mcp::plan::{Plan, Step};
use registry_core::mcp::request::{Opening, Session};
use registry_core::mcp::tools::{self, Tools};
use registry_core::mcp::{answer::Answer, answer::Reply};
use registry_core::outbound::{FailureClass, FetchError, Get};
use registry_core::store::StoreError;
use serde::{Deserialize, Serialize};
use url::Url;

use super::talk::{Heard, Limits, Silence, Talk};
use crate::fetch::{Asked, Fetcher, Turns};

/// What is asked of whom.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// The endpoint.
    pub(crate) url: Url,
    /// What to ask first.
    pub(crate) opening: Opening,
    /// Where to look for metadata if the endpoint does not say.
    pub(crate) metadata: Place,
    /// Whether to ask for its tools.
    pub(crate) lists_tools: bool,
}

/// What a prober remembers of an endpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// What to ask first; none for the usual.
    pub(crate) opening: Option<Opening>,
    /// Where to look for metadata.
    pub(crate) metadata: Place,
}

/// What was found.
#[derive(Debug)]
pub(crate) struct Visited {
    pub(crate) verdict: Verdict,
    /// The address that answered, or the one that was asked.
    pub(crate) url: Url,
    /// What exactly went wrong, for people.
    pub(crate) detail: Option<String>,
    /// Whether metadata may be there and could not be read now.
    pub(crate) is_metadata_unsure: bool,
    pub(crate) tools: Option<Tools>,
    pub(crate) memory: Memory,
    /// How long it asks to be left alone, as it says it.
    pub(crate) retry_after: Option<String>,
}

impl Visited {
    /// Nothing was asked, for the verdict's reason.
    pub(super) fn without_asking(verdict: Verdict, url: &Url, memory: Memory) -> Self {
        Self {
            verdict,
            url: url.clone(),
            detail: None,
            is_metadata_unsure: false,
            tools: None,
            memory,
            retry_after: None,
        }
    }
}

/// Visits an endpoint.
pub(crate) async fn visit(fetcher: &Fetcher, turns: &Turns, target: &Target) -> Result<Visited, StoreError> {
    let talk = Talk { fetcher, turns };
    let mut visited = ask(&talk, target).await?;
    if let Some(answer) = visited.1.filter(|_| visited.0.verdict.wants_metadata()) {
        look_for_metadata(&talk, target, &answer, &mut visited.0).await?;
    }
    let mut visited = visited.0;
    if let Some(session) = visited.verdict.session.clone() {
        let url = visited.url.clone();
        if target.lists_tools && has_tools(&visited.verdict) {
            visited.tools = list_tools(&talk, &session, &url).await?;
        }
        close(&talk, &session, &url).await?;
    }
    visited.memory = remember(&visited, target);
    Ok(visited)
}

/// The questions, and the last answer to one.
async fn ask(talk: &Talk<'_>, target: &Target) -> Result<(Visited, Option<Answer>), StoreError> {
    let (mut plan, mut question) = Plan::opening(target.opening);
    let unknown = Verdict::of(Finding::Inconclusive);
    let mut visited = Visited::without_asking(unknown, &target.url, Memory::default());
    loop {
        let heard = talk.say(&question.request(), &target.url, Limits::of(&question)).await?;
        let Heard { url, answer, retry_after } = match heard {
            Ok(heard) => heard,
            Err(silence) => {
                let (finding, reason, detail) = meaning(silence);
                visited.verdict = plan.failed(finding, &reason);
                visited.detail = detail;
                return Ok((visited, None));
            }
        };
        visited.retry_after = retry_after.filter(|_| matches!(answer.status, 429 | 503));
        let step = plan.heard(&answer, &url);
        visited.url = url;
        match step {
            Step::Ask(next) => question = next,
            Step::Done(verdict) => {
                visited.verdict = *verdict;
                return Ok((visited, Some(answer)));
            }
        }
    }
}

/// What silence means: the finding, a reason that is the same for the same fact, and the details.
fn meaning(silence: Silence) -> (Finding, String, Option<String>) {
    match silence {
        Silence::Failed(error) => {
            let finding = match error.class() {
                FailureClass::Refused => Finding::Unprobed,
                _ => Finding::Unreachable,
            };
            (finding, reason(&error).to_owned(), Some(error.to_string()))
        }
        Silence::Astray(error) => {
            let reason = "it redirects to a place where nothing is asked".to_owned();
            (Finding::NotMcp, reason, Some(error.to_string()))
        }
        Silence::Disallowed(reason) => (Finding::Unprobed, reason, None),
        Silence::NotNow(reason) => (Finding::Inconclusive, reason.clone(), Some(reason)),
    }
}

fn reason(error: &FetchError) -> &'static str {
    match error {
        FetchError::Resolve { .. } => "its name has no address",
        FetchError::Tls { .. } => "its certificate is not accepted",
        _ => match error.class() {
            FailureClass::Refused => "its address is not one that may be asked",
            FailureClass::Unreachable => "nobody takes a connection at its address",
            FailureClass::TimedOut => "it does not answer in time",
            FailureClass::Tls | FailureClass::TooLarge | FailureClass::Protocol => {
                "its answer is no usable HTTP"
            }
        },
    }
}

/// One look at how to sign in; what is not believed adds nothing.
async fn look_for_metadata(
    talk: &Talk<'_>,
    target: &Target,
    answer: &Answer,
    visited: &mut Visited,
) -> Result<(), StoreError> {
    let Some(place) = metadata::location(&visited.url, answer, target.metadata) else { return Ok(()) };
    let get = Get::new(place, "application/json", metadata::MAX_BYTES);
    match talk.fetcher.get(&get, talk.turns).await? {
        Asked::Answer(fetched) if matches!(fetched.status, 200 | 203) => {
            let is_near = metadata::is_near(&fetched.final_url, &visited.url);
            match Metadata::read(&fetched.body, &visited.url) {
                Ok(found) if is_near => visited.verdict.with_metadata(&fetched.final_url, found),
                Ok(_) => {
                    visited.detail = Some("the metadata of the resource lies on another site".to_owned())
                }
                Err(why) => visited.detail = Some(why.to_string()),
            }
        }
        Asked::Answer(fetched) => {
            visited.is_metadata_unsure = fetched.status >= 500 || matches!(fetched.status, 401 | 403 | 429);
        }
        Asked::Failed(error) => visited.is_metadata_unsure = error.class() != FailureClass::Refused,
        Asked::NotNow(_) => visited.is_metadata_unsure = true,
        Asked::Disallowed(_) => {}
    }
    Ok(())
}

fn has_tools(verdict: &Verdict) -> bool {
    verdict.live.as_ref().is_some_and(|live| live.capabilities.iter().any(|capability| capability == "tools"))
}

/// How long something that follows may take.
const FOLLOW_UP: Limits = Limits { time: Duration::from_secs(10), bytes: 64 * 1024 };

/// The tools that are shown to anybody.
async fn list_tools(talk: &Talk<'_>, session: &Session, url: &Url) -> Result<Option<Tools>, StoreError> {
    if let Some(request) = session.initialized()
        && talk.say(&request, url, FOLLOW_UP).await?.is_err()
    {
        return Ok(None);
    }
    let limits = Limits { bytes: tools::MAX_BYTES, ..FOLLOW_UP };
    let Ok(heard) = talk.say(&session.tools(), url, limits).await? else { return Ok(None) };
    Ok(match heard.answer.reply() {
        Some(Reply::Result(result)) => Tools::read(result),
        _ => None,
    })
}

/// Takes leave; whatever is answered is fine.
async fn close(talk: &Talk<'_>, session: &Session, url: &Url) -> Result<(), StoreError> {
    if let Some(request) = session.close() {
        let _ = talk.say(&request, url, FOLLOW_UP).await?;
    }
    Ok(())
}

/// What the next visit begins with.
fn remember(visited: &Visited, target: &Target) -> Memory {
    use registry_core::mcp::Era;
    let verdict = &visited.verdict;
    let era = verdict.live.as_ref().and_then(|live| live.era);
    let opening = match (verdict.untried, era) {
        (Some(untried), _) => Some(untried),
        (None, Some(Era::Legacy)) => Some(Opening::Initialize),
        (None, Some(Era::HttpSse)) => Some(Opening::Listen),
        (None, Some(Era::Modern)) => Some(Opening::Discover),
        // Nothing new is known of how it wants to be asked.
        (None, None) if verdict.finding == Finding::Inconclusive => Some(target.opening),
        (None, None) => None,
    };
    let has_metadata = verdict
        .live
        .as_ref()
        .and_then(|live| live.auth.as_ref())
        .is_some_and(|auth| auth.metadata_url.is_some());
    let metadata =
        match (verdict.wants_metadata() && !has_metadata && !visited.is_metadata_unsure, target.metadata) {
            (false, place) => place,
            (true, Place::Path) => Place::Root,
            (true, Place::Root) => Place::Path,
        };
    Memory { opening, metadata }
}
