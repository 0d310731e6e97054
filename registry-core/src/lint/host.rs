//! How a document is served (H1–H14): what was seen of its host, judged.

use http::{HeaderMap, StatusCode, header};
use url::Url;

use super::members::shown;
use super::table::{H1, H2, H3, H4, H5, H6, H7, H8, H9, H10, H11, H12, H13, H14};
use super::{Finding, Found};
use crate::card::site;
use crate::outbound::FetchError;

/// What was seen of the host of a document.
#[derive(Debug, Clone)]
pub struct Hosting {
    /// The address that was asked.
    pub asked: Url,
    /// Why there was no answer; where it is set, nothing below was seen.
    pub failure: Option<Failure>,
    /// The address that answered.
    pub answered: Url,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The answer to `If-None-Match` with its `ETag`; none where it was not asked.
    pub revalidated: Option<u16>,
    /// The answer to a GET that accepts everything: its status, and whether it is the same document.
    pub plain: Option<(u16, bool)>,
    /// The headers in answer to `OPTIONS`; none where it was not asked.
    pub preflight: Option<HeaderMap>,
    /// Whether an address that nobody has is answered with the same document.
    pub is_catch_all: bool,
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// robots.txt says no, or the host asks for patience.
    Robots(String),
    /// It failed.
    Fetch(String),
    /// The address is not one that is fetched.
    Refused(String),
}

impl Failure {
    /// What to tell a stranger about a failure: nothing of what a name resolves to inside the registry's own network.
    pub fn of(error: &FetchError) -> Self {
        use crate::outbound::FailureClass;
        let told = match error {
            FetchError::LocalAddress { host, .. } => {
                format!("`{host}` has no public address; only public hosts are fetched")
            }
            FetchError::Redirect { from, .. } => format!("`{from}` redirects to a place that is not fetched"),
            other => other.to_string(),
        };
        match error.class() {
            FailureClass::Refused | FailureClass::TooLarge => Self::Refused(told),
            _ => Self::Fetch(told),
        }
    }
}

impl Hosting {
    /// Nothing but a failure.
    pub fn failed(asked: Url, failure: Failure) -> Self {
        let answered = asked.clone();
        Self { failure: Some(failure), ..Self::answered(asked, answered, 0, HeaderMap::new()) }
    }

    /// An answer, about which nothing more is known yet.
    pub fn answered(asked: Url, answered: Url, status: u16, headers: HeaderMap) -> Self {
        Self {
            asked,
            failure: None,
            answered,
            status,
            headers,
            revalidated: None,
            plain: None,
            preflight: None,
            is_catch_all: false,
        }
    }

    /// Whether there is a document.
    pub fn has_document(&self) -> bool {
        self.failure.is_none() && self.status == 200
    }

    fn text(&self, name: header::HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Everything that is wrong with how a document is served.
pub fn check(host: &Hosting) -> Vec<Finding> {
    let mut found = Found::default();
    if host.asked.scheme() != "https" {
        found.add(&H1, "", format!("`{}` is not https", host.asked.scheme()));
        return found.0;
    }
    if let Some(failure) = &host.failure {
        match failure {
            Failure::Robots(reason) => found.add(&H13, "robots.txt", reason.clone()),
            Failure::Fetch(reason) | Failure::Refused(reason) => found.add(&H2, "", reason.clone()),
        }
        return found.0;
    }
    check_redirects(host, &mut found);
    if host.status != 200 {
        let words =
            StatusCode::from_u16(host.status).ok().and_then(|s| s.canonical_reason()).unwrap_or_default();
        found.add(&H3, "", format!("the answer is {} {words}", host.status).trim_end().to_owned());
        return found.0;
    }
    if host.is_catch_all {
        found.add(&H14, "", "the host answers every address with this document");
    }
    check_type(host, &mut found);
    check_cors(host, &mut found);
    check_caching(host, &mut found);
    match host.plain {
        Some((200, true)) | None => {}
        Some((200, false)) => found.add(&H12, "", "a GET that accepts everything gets another document"),
        Some((status, _)) => {
            found.add(&H12, "", format!("a GET that accepts everything is answered {status}"))
        }
    }
    found.0
}

fn check_redirects(host: &Hosting, found: &mut Found) {
    let name = |url: &Url| url.host_str().unwrap_or_default().to_owned();
    let (asked, answered) = (name(&host.asked), name(&host.answered));
    if !site::same_site(&asked, &answered) && asked != answered {
        found.add(&H5, "", format!("`{asked}` redirects to `{answered}`, another domain"));
    }
}

fn check_type(host: &Hosting, found: &mut Found) {
    let Some(media) = host.text(header::CONTENT_TYPE) else {
        return found.add(&H4, "header.content-type", "there is none");
    };
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && !(essence.starts_with("application/") && essence.ends_with("+json")) {
        found.add(&H4, "header.content-type", format!("it is `{}`", shown(media)));
    }
}

fn check_cors(host: &Hosting, found: &mut Found) {
    match host.text(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        Some("*") => {}
        Some(other) => {
            found.add(&H6, "header.access-control-allow-origin", format!("it is `{}`", shown(other)));
        }
        None => found.add(&H6, "header.access-control-allow-origin", "there is none"),
    }
    let allows = |name: header::HeaderName, wanted: &str| {
        let preflight = host.preflight.as_ref();
        [Some(&host.headers), preflight].into_iter().flatten().any(|headers| has(headers, &name, wanted))
    };
    if !allows(header::ACCESS_CONTROL_ALLOW_METHODS, "get") {
        found.add(&H7, "header.access-control-allow-methods", "it does not have `GET`");
    }
    for wanted in ["content-type", "if-none-match"] {
        if !allows(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted) {
            found.add(&H7, "header.access-control-allow-headers", format!("it does not have `{wanted}`"));
        }
    }
    if !has(&host.headers, &header::ACCESS_CONTROL_EXPOSE_HEADERS, "etag") {
        found.add(&H8, "header.access-control-expose-headers", "it does not have `ETag`");
    }
}

/// Whether a header, in any of its lines, lists a word or `*`.
fn has(headers: &HeaderMap, name: &header::HeaderName, wanted: &str) -> bool {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|word| {
        let word = word.trim();
        word == "*" || word.eq_ignore_ascii_case(wanted)
    })
}

fn check_caching(host: &Hosting, found: &mut Found) {
    match host.text(header::CACHE_CONTROL) {
        None => found.add(&H9, "header.cache-control", "there is none"),
        Some(control) if !may_be_kept(control) => {
            found.add(&H9, "header.cache-control", format!("it is `{}`", shown(control)));
        }
        Some(_) => {}
    }
    if host.text(header::ETAG).is_none() {
        found.add(&H10, "header.etag", "there is none");
    }
    if let Some(status) = host.revalidated.filter(|status| *status != 304) {
        found.add(&H11, "header.etag", format!("`If-None-Match` with it is answered {status}"));
    }
}

fn may_be_kept(control: &str) -> bool {
    let directives: Vec<String> = control.split(',').map(|d| d.trim().to_ascii_lowercase()).collect();
    let forbids = directives.iter().any(|d| matches!(d.as_str(), "no-store" | "private" | "no-cache"));
    let age =
        directives.iter().find_map(|d| d.strip_prefix("max-age=")?.trim_matches('"').parse::<u64>().ok());
    !forbids && age.is_some_and(|seconds| seconds > 0)
}
