//! One pull: the walk that is due, what follows its end, and the word on the upstream's row.

use std::time::Duration;

use chrono::TimeDelta;
use registry_core::store::StoreError;
use registry_core::store::upstreams::{self, Finished, Held, Walk};
use url::Url;

use super::plan::{Plan, pause, plan};
use super::vanished::Vanished;
use super::{Address, Asked, Puller};
use crate::import::{FetchError, Follow, Options, ReadError, Route, Summary, WalkError, walk};

/// The longest that an upstream is left alone because it asks for it.
const LONGEST_PATIENCE: TimeDelta = TimeDelta::days(1);

/// What a pull did.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// Which upstream.
    pub name: String,
    /// A stable word: `complete`, `late`, `failed`, `taken-over`.
    pub outcome: &'static str,
    /// A sentence.
    pub detail: String,
    /// What became of the entries.
    pub summary: Summary,
    /// How many versions were withdrawn because they had vanished.
    pub withdrawn: u64,
}

/// A pull under way.
struct Pull<'a> {
    puller: &'a Puller,
    held: Held,
    address: Address,
    asked: Asked,
    summary: Summary,
    samples: Vec<String>,
    withdrawn: u64,
    since_refused: bool,
    /// How long the upstream asks to be left alone.
    after: Option<Duration>,
    note: Option<String>,
}

/// Why a pull ends before its end.
enum Stop {
    Failed(String),
    Late,
    TakenOver,
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(format!("the database: {error}"))
    }
}

impl Puller {
    /// Pulls an upstream that is held, and gives it back.
    pub(super) async fn pull_held(&self, held: Held, asked: Asked) -> Result<Pulled, StoreError> {
        let address = match held.row.url.parse() {
            Ok(address) => address,
            Err(error) => {
                let name = held.row.name.clone();
                let (summary, detail) = (Summary::default(), format!("{error}"));
                let pulled = Pulled { name, outcome: "failed", detail, summary, withdrawn: 0 };
                return self.finish(&held, pulled, false, None).await;
            }
        };
        let mut pull = Pull {
            puller: self,
            held,
            address,
            asked,
            summary: Summary::default(),
            samples: Vec::new(),
            withdrawn: 0,
            since_refused: false,
            after: None,
            note: None,
        };
        let stop = pull.run().await.err();
        let (outcome, detail) = pull.told(stop);
        let pulled = Pulled {
            name: pull.held.row.name.clone(),
            outcome,
            detail,
            summary: pull.summary,
            withdrawn: pull.withdrawn,
        };
        self.finish(&pull.held, pulled, pull.since_refused, pull.after).await
    }

    async fn finish(
        &self,
        held: &Held,
        pulled: Pulled,
        seldom: bool,
        after: Option<Duration>,
    ) -> Result<Pulled, StoreError> {
        let at = self.now();
        let complete = pulled.outcome == "complete";
        let failures = if complete { 0 } else { held.row.failures.saturating_add(1) };
        let wait = match complete {
            // Who knows no changes is asked for everything, and not every hour.
            true if seldom => self.settings.interval * 24,
            true => self.settings.interval,
            false => pause(failures, pulled.summary.entries() > 0, &self.settings),
        };
        let after = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or_default();
        let wait = wait.max(after.min(LONGEST_PATIENCE));
        let (outcome, detail) = (pulled.outcome, pulled.detail.as_str());
        let finished = Finished { at, due_at: at + wait, outcome, detail, failures };
        upstreams::finish(&mut *self.pool.acquire().await?, held, &finished).await?;
        Ok(pulled)
    }
}

impl Pull<'_> {
    async fn run(&mut self) -> Result<(), Stop> {
        let now = self.puller.now();
        match plan(&self.held.row, self.asked.full, now, &self.puller.settings) {
            Plan::Conclude => {
                let full = self.held.row.walk_full == Some(true);
                self.conclude(self.held.row.walk, full).await
            }
            Plan::Resume(list, cursor) => {
                let full = self.held.row.walk_full == Some(true);
                match self.walk(self.held.row.walk, Route::Resume(list, cursor)).await {
                    // The page's name is no longer known; what was written is met again.
                    Err(WalkError::Read(ReadError::Fetch(FetchError::Status {
                        status: 400..=499, ..
                    }))) if self.summary.entries() == 0 => {
                        let fresh = upstreams::Row { walk_began_at: None, ..self.held.row.clone() };
                        match plan(&fresh, self.asked.full, now, &self.puller.settings) {
                            Plan::Begin(walk) => self.begin(walk).await,
                            _ => Ok(()),
                        }
                    }
                    walked => self.end(walked, full).await,
                }
            }
            Plan::Begin(walk) => self.begin(walk).await,
        }
    }

    async fn begin(&mut self, walk: Walk) -> Result<(), Stop> {
        let number = self.start(&walk).await?;
        let lists = self.lists(&walk);
        let walked = self.walk(number, Route::Start(lists)).await;
        let refused = matches!(
            &walked,
            Err(WalkError::Read(ReadError::Fetch(FetchError::Status { status: 400 | 422, .. })))
        );
        if walk.full || !refused || self.summary.entries() > 0 {
            return self.end_of(walked, walk.full, number).await;
        }
        self.since_refused = true;
        let everything = Walk { full: true, since: None, ..walk };
        let number = self.start(&everything).await?;
        let lists = self.lists(&everything);
        let walked = self.walk(number, Route::Start(lists)).await;
        self.end_of(walked, true, number).await
    }

    fn lists(&self, walk: &Walk) -> Vec<Url> {
        walk.since.map_or_else(|| self.address.everything(), |since| self.address.changes(since))
    }

    async fn start(&mut self, walk: &Walk) -> Result<i64, Stop> {
        let mut conn = self.puller.pool.acquire().await.map_err(StoreError::from)?;
        let number = upstreams::begin(&mut conn, &self.held, walk).await?.ok_or(Stop::TakenOver)?;
        let row = &mut self.held.row;
        (row.walk, row.walk_full, row.walk_unread) = (number, Some(walk.full), false);
        Ok(number)
    }

    /// Walks along a route until its end or the deadline.
    async fn walk(&mut self, number: i64, route: Route) -> Result<(), WalkError> {
        let settings = &self.puller.settings;
        let options = Options {
            batch_size: settings.batch_size,
            user_agent: settings.user_agent.clone(),
            retry: settings.retry,
            ..Options::new(std::path::PathBuf::new())
        };
        let follow = Follow {
            held: self.held.clone(),
            walk: number,
            lease: settings.lease,
            shown: self.address.shown(),
        };
        let walked =
            walk(&self.puller.pool, &self.puller.clock, route, &options, follow, settings.deadline).await;
        if let Some(held) = walked.held {
            self.held.until = held.until;
        }
        self.summary = walked.summary;
        self.samples = walked.samples;
        walked.end
    }

    async fn end(&mut self, walked: Result<(), WalkError>, full: bool) -> Result<(), Stop> {
        let number = self.held.row.walk;
        self.end_of(walked, full, number).await
    }

    async fn end_of(&mut self, walked: Result<(), WalkError>, full: bool, number: i64) -> Result<(), Stop> {
        match walked {
            Ok(()) => self.conclude(number, full).await,
            Err(WalkError::Lost) => Err(Stop::TakenOver),
            Err(WalkError::Late) => Err(Stop::Late),
            Err(WalkError::Store(error)) => Err(error.into()),
            Err(WalkError::Client(error)) => Err(Stop::Failed(error.to_string())),
            Err(WalkError::Thread) => Err(Stop::Failed("the thread that reads has broken down".to_owned())),
            Err(WalkError::Read(error)) => {
                if let ReadError::Fetch(FetchError::Status { after, .. }) = &error {
                    self.after = *after;
                }
                // Where a page's name leads nowhere, going on from it would take the rest of the list for the whole.
                if !matches!(error, ReadError::Fetch(_)) {
                    let since = self.held.row.walk_since;
                    self.start(&Walk { full, since, began_at: self.puller.now() }).await?;
                }
                Err(Stop::Failed(error.to_string()))
            }
        }
    }

    /// After the last page: what was not met, and that the walk is complete.
    async fn conclude(&mut self, number: i64, full: bool) -> Result<(), Stop> {
        if full {
            self.withdraw(number).await?;
        }
        let mut conn = self.puller.pool.acquire().await.map_err(StoreError::from)?;
        if upstreams::complete(&mut conn, &self.held).await? { Ok(()) } else { Err(Stop::TakenOver) }
    }

    async fn withdraw(&mut self, number: i64) -> Result<(), Stop> {
        let unread = {
            let mut conn = self.puller.pool.acquire().await.map_err(StoreError::from)?;
            upstreams::get(&mut conn, &self.held.row.name).await?.is_some_and(|row| row.walk_unread)
        };
        if unread {
            self.note = Some("some entries could not be read, so nothing counts as vanished".to_owned());
            return Ok(());
        }
        match self.puller.withdraw_vanished(&mut self.held, number, self.asked.full).await? {
            Vanished::Withdrawn(count) => self.withdrawn = count,
            Vanished::Lost => return Err(Stop::TakenOver),
            Vanished::TooMany { met, missed } => {
                self.note = Some(format!(
                    "only {met} entries are left of {}, so nothing was withdrawn; where that is right, run `cardinal upstreams pull {} --full`",
                    met + missed,
                    self.held.row.name
                ));
            }
        }
        Ok(())
    }

    fn told(&self, stop: Option<Stop>) -> (&'static str, String) {
        let done = sentence(&self.summary, self.withdrawn);
        let (outcome, mut detail) = match stop {
            None => ("complete", done),
            Some(Stop::Late) => {
                ("late", format!("{done}; the deadline came first, the next pull goes on from here"))
            }
            Some(Stop::TakenOver) => {
                ("taken-over", format!("{done}; another process has taken the upstream over"))
            }
            Some(Stop::Failed(why)) => ("failed", format!("{why}; {done}")),
        };
        for more in self.note.iter().chain(&self.samples) {
            detail.push_str("; ");
            detail.push_str(more);
        }
        // A NUL is no character of the database, and an upstream chooses some of these words.
        let detail = detail.replace('\0', "\u{fffd}").chars().take(2000).collect();
        (outcome, detail)
    }
}

fn sentence(summary: &Summary, withdrawn: u64) -> String {
    let others = [
        (summary.changed, "changed"),
        (summary.unchanged, "unchanged"),
        (summary.kept, "kept as others decide about them"),
        (summary.refused, "refused"),
        (withdrawn, "withdrawn"),
    ];
    let others =
        others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(", {count} {word}"));
    format!("{} added{}", summary.added, others.collect::<String>())
}
