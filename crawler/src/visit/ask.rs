//! Asking for one document, and what its answer means.

use registry_core::digest::Digest;
use registry_core::outbound::{FetchError, Fetched, Get, place};
use registry_core::store::absences::Absent;
use registry_core::store::documents::Known;
use registry_core::store::{StoreError, documents};
use tokio::time::Instant;
use url::Url;

use super::task::{Task, Via};
use super::visited::State;
use super::{Dead, Home, Visit};
use crate::discover::{Expects, How};
use crate::fetch::{self, Meaning, meaning};

impl Visit<'_> {
    pub(super) async fn step(&mut self, task: Task) -> Result<(), StoreError> {
        if let Some(done) = self.done.get(&task.url).copied() {
            self.list_again(&task, done);
            return Ok(());
        }
        let known = self.known.get(task.url.as_str()).cloned();
        let as_before = self.as_before(&task, known.as_ref());
        let costs = as_before.is_none() && !self.means.fetcher.is_own(task.host());
        let resting = self.resting.get(task.host()).filter(|_| costs).cloned();
        if let Some(reason) = resting.or_else(|| self.spent(costs)) {
            self.leave(&task, reason);
            return Ok(());
        }
        if let Some(reason) = self.dead.get(place(&task.url)).map(|dead| dead.reason.clone()) {
            self.inconclusive(&task, reason);
            return Ok(());
        }
        self.done.insert(task.url.clone(), None);
        if self.is_left_alone(&task) {
            return Ok(());
        }
        let get = self.request(&task, known.as_ref());
        let is_as_before = as_before.is_some();
        let meaning = match as_before {
            Some(fetched) => Meaning::Unchanged(fetched),
            None => self.get_where_it_is(&get, known.as_ref()).await?,
        };
        match meaning {
            Meaning::Document(fetched) => self.document(&task, fetched, known.as_ref()).await?,
            Meaning::Unchanged(fetched) => self.unchanged(&task, get, fetched, known.as_ref()).await?,
            Meaning::Absent(reason) => self.absent(&task, State::Absent, reason),
            Meaning::Gone(reason) => self.absent(&task, State::Gone, reason),
            Meaning::Inconclusive(reason) => self.inconclusive(&task, reason),
            Meaning::Refused(reason) => self.refuse(&task, reason),
        }
        if let Some(at) = self.done.get(&task.url).copied().flatten() {
            self.seen.documents[at].is_as_before = is_as_before;
        }
        Ok(())
    }

    /// Leaves a document to the next visits. Said once, and not for each of what may be thousands.
    fn leave(&mut self, task: &Task, reason: String) {
        self.seen.is_cut = true;
        self.seen.left.insert(task.url.clone());
        if !std::mem::replace(&mut self.is_spent, true) {
            if let Some(named) = task.named() {
                let by = named.by.clone();
                self.note(by, task.format.id(), String::new(), "catalog", false, reason.clone());
            }
            self.ask_of(&task.url, State::Inconclusive, Some(reason));
        }
    }

    /// Whether there was nothing at a place not long ago, so that it is not asked today.
    fn is_left_alone(&mut self, task: &Task) -> bool {
        if task.named().is_some() || self.means.fetcher.is_own(task.host()) {
            return false;
        }
        let Some(again) = self.means.absent.get(task.url.as_str()) else { return false };
        let detail = format!("there was nothing before; it is asked again on {}", again.format("%Y-%m-%d"));
        self.ask_of(&task.url, State::Absent, Some(detail));
        self.go_on(task);
        true
    }

    /// Asks at the next place where what is not here may lie.
    fn go_on(&mut self, task: &Task) {
        if let Via::Beside { or_else } = &task.via
            && let [next, rest @ ..] = or_else.as_slice()
        {
            let via = Via::Beside { or_else: rest.to_vec() };
            self.queue.push(Task { url: next.clone(), via, ..task.clone() });
        }
    }

    fn request(&self, task: &Task, known: Option<&Known>) -> Get {
        let mut get = Get::new(task.url.clone(), task.accept(), task.max_bytes());
        get.cut = task.is_home();
        // An answer 304 has no links in its head, and a home page's may be all it says.
        if let Some(known) = known.filter(|_| !task.is_home()) {
            get.etag.clone_from(&known.etag);
            get.last_modified.clone_from(&known.last_modified);
        }
        get
    }

    pub(super) async fn get(&mut self, get: &Get) -> Result<Meaning, StoreError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        self.fetches += usize::from(!self.means.fetcher.is_own(get.url.host_str().unwrap_or_default()));
        let asked = match tokio::time::timeout(left, self.means.fetcher.get(get, &self.means.turns)).await {
            Ok(asked) => asked?,
            Err(_) => {
                fetch::Asked::NotNow("the visit took too long; the rest is left to the next one".to_owned())
            }
        };
        self.status = None;
        match &asked {
            fetch::Asked::Answer(fetched) => {
                self.status = Some(fetched.status);
                self.bytes += fetched.body.len();
                if get.cut {
                    let home = Home { host: host(&fetched.final_url), sha256: page(fetched) };
                    self.homes.insert(host(&get.url), home);
                }
                let at_home = fetched.final_url.host_str() == Some(self.seen.origin.host());
                if let Some(until) = self.means.fetcher.retry_after(fetched).filter(|_| at_home) {
                    self.seen.not_before = self.seen.not_before.max(Some(until));
                }
            }
            fetch::Asked::Failed(error) => {
                let place = place(&get.url);
                self.dead.extend(dead(error, place).map(|dead| (place.to_owned(), dead)));
            }
            fetch::Asked::NotNow(reason) => {
                self.resting.insert(host(&get.url), reason.clone());
            }
            fetch::Asked::Disallowed(_) => {}
        }
        Ok(meaning(asked))
    }

    /// The stored bytes of a document that has not changed; asked for anew where they belong to another address.
    async fn unchanged(
        &mut self,
        task: &Task,
        get: Get,
        fetched: Box<Fetched>,
        known: Option<&Known>,
    ) -> Result<(), StoreError> {
        let known = known.filter(|known| known.final_url == fetched.final_url.as_str());
        let body = match known {
            Some(known) => {
                let mut conn = self.means.pool.acquire().await?;
                documents::body(&mut conn, known.id).await?
            }
            None => None,
        };
        if let (Some(body), Some(known)) = (body, known) {
            self.bytes += body.len();
            let etag = fetched.etag.clone().or_else(|| known.etag.clone());
            let last_modified = fetched.last_modified.clone().or_else(|| known.last_modified.clone());
            let fetched = Box::new(Fetched { body, etag, last_modified, ..*fetched });
            return self.document(task, fetched, Some(known)).await;
        }
        let anew = Get { etag: None, last_modified: None, ..get };
        match self.get(&anew).await? {
            Meaning::Document(fetched) => self.document(task, fetched, None).await?,
            _ => {
                let reason = "the answer is 304 although nothing was known; serve the document".to_owned();
                self.ask_of(&task.url, State::Inconclusive, Some(reason));
            }
        }
        Ok(())
    }

    pub(super) fn refuse(&mut self, task: &Task, reason: String) {
        if self.is_quiet(task) {
            return;
        }
        // One cause is one finding, however many addresses it closes; what was a document here has one of its own.
        let host = host(&task.url);
        let is_said = self.seen.notes.iter().any(|n| n.reason == reason && n.url.host_str() == Some(&host));
        if !is_said || self.known.contains_key(task.url.as_str()) {
            self.remark(task, String::new(), "", true, reason.clone());
        }
        self.ask_of(&task.url, State::Refused, Some(reason));
    }

    fn inconclusive(&mut self, task: &Task, reason: String) {
        self.consider_endpoint(task);
        if self.is_quiet(task) {
            return;
        }
        // A home page that is not for everybody leaves nothing open, unless it led somewhere before.
        let is_closed_home = task.is_home()
            && self.status.is_some_and(|status| (400..500).contains(&status) && status != 429)
            && !self.known.contains_key(task.url.as_str());
        let state = if is_closed_home { State::Absent } else { State::Inconclusive };
        self.ask_of(&task.url, state, Some(reason));
    }

    pub(super) fn absent(&mut self, task: &Task, state: State, reason: String) {
        self.consider_endpoint(task);
        if let Some(named) = task.named().filter(|named| !named.is_guess) {
            let by = &named.by;
            let reason =
                format!("`{by}` lists this document, but {reason}; serve it, or take it off the list");
            self.remark(task, String::new(), "", true, reason);
        }
        self.go_on(task);
        let is_news = state == State::Gone || !self.known.contains_key(task.url.as_str());
        if task.named().is_none() && is_news {
            self.seen.missed.push(Absent { url: task.url.to_string(), is_gone: state == State::Gone });
        }
        if !self.is_quiet(task) {
            self.ask_of(&task.url, state, Some(reason));
        }
    }

    /// Whether what was asked for as a document answered as an endpoint does.
    fn consider_endpoint(&mut self, task: &Task) {
        let path = task.url.path().trim_end_matches('/');
        let how = match (&task.via, self.status) {
            (Via::Location, Some(405)) if path == "/.well-known/mcp" => How::Answered,
            (Via::Named(named), _) if named.expects != Expects::Card || named.is_guess => return,
            (Via::Named(_), Some(400 | 401 | 402 | 405 | 406 | 415 | 426)) => How::Answered,
            // Some endpoints answer 404 to whatever is no POST.
            (Via::Named(_), Some(404)) if path.ends_with("/mcp") => How::Named,
            _ => return,
        };
        self.lead(task.url.clone(), how, &task.url);
    }

    /// Whether an answer is not worth a word: on a host that was only guessed, at an address nobody names.
    fn is_quiet(&self, task: &Task) -> bool {
        task.is_guess()
            && matches!(task.via, Via::Location)
            && task.host() != self.seen.origin.host()
            && !self.known.contains_key(task.url.as_str())
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// What a page is, where there is one.
fn page(fetched: &Fetched) -> Option<Digest> {
    (fetched.status == 200).then(|| Digest::of(&fetched.body))
}

/// What keeps a host from being asked at all at its port; none for what may be one document's fault, or a redirect's target's.
fn dead(error: &FetchError, place: &str) -> Option<Dead> {
    let is_unresolved = matches!(error, FetchError::Resolve { .. });
    let is_dead = match error {
        FetchError::Resolve { host, .. } => {
            place.strip_prefix(host.as_str()).is_some_and(|port| port.is_empty() || port.starts_with(':'))
        }
        FetchError::Connect { host, .. }
        | FetchError::ConnectTimeout { host, .. }
        | FetchError::Tls { host, .. } => host == place,
        _ => false,
    };
    is_dead.then(|| Dead { reason: error.to_string(), is_unresolved })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_at_which_nobody_is_says_nothing_of_the_others() {
        let url = |text: &str| Url::parse(text).expect("an address");
        let refused = |host: &str| FetchError::Connect { host: host.into(), reason: "refused".into() };
        let is_dead = |error: &FetchError, asked: &str| dead(error, place(&url(asked))).is_some();
        assert!(is_dead(&refused("acme.com"), "https://acme.com/card"));
        assert!(is_dead(&refused("acme.com:8443"), "https://acme.com:8443/card"));
        assert!(!is_dead(&refused("acme.com:8443"), "https://acme.com/card"), "a redirect led there");
        assert!(!is_dead(&refused("other.com"), "https://acme.com/card"));
        let unknown = FetchError::Resolve { host: "acme.com".into(), reason: "no such name".into() };
        assert!(is_dead(&unknown, "https://acme.com/card"));
        assert!(is_dead(&unknown, "https://acme.com:8443/card"));
        assert!(!is_dead(&unknown, "https://acme.company/card"));
    }
}
