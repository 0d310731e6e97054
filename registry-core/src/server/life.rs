//! The life of what a crawl lists: looked for in vain, withdrawn, restored.
//!
//! What the crawler did stands in the `crawl` member of `_meta` (`missingSince`, `withdrawn`). It takes back only what it did
//! itself: where somebody has changed the status since, the mark no longer fits and nothing is restored. What the owner of a
//! name published, and what somebody edited, is not the crawler's to withdraw. An upstream registry that has the name is heard again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Held, Observed, Server};
use crate::card::text::shorten;
use crate::extensions::{self, CRAWL, MISSING, WITHDRAWN};
use crate::listing::{Source, Standing, Status, StatusChange};

/// The longest message (contract S18).
const LONGEST: usize = 500;

/// What the crawler remembers of a version that it withdrew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    /// When.
    at: DateTime<Utc>,
    /// Its status before.
    was: Status,
    /// Its message before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    message: Option<String>,
}

impl Server {
    /// Notes that a crawled version is looked for in vain since then; no edit of the server, so `updatedAt` stays.
    pub fn miss(&mut self, version: &str, since: DateTime<Utc>) -> Observed {
        if !Source::Crawled.may_change(self.source) {
            return Observed::Outranked;
        }
        let Some(held) = self.position(version).map(|at| &mut self.versions[at]) else {
            return Observed::Unchanged;
        };
        let is_known = crawl(held).contains_key(MISSING);
        if held.source != Source::Crawled || held.standing.status == Status::Deleted || is_known {
            return Observed::Unchanged;
        }
        note(held, MISSING, json!(since));
        self.action = "crawl";
        Observed::Changed
    }

    /// Withdraws every crawled version: deleted, with a message that says why and how to return.
    pub fn withdraw(&mut self, message: &str, at: DateTime<Utc>) -> Observed {
        if !Source::Crawled.may_change(self.source) {
            return Observed::Outranked;
        }
        let change = StatusChange { status: Status::Deleted, message: Some(shorten(message, LONGEST)) };
        let mut observed = Observed::Unchanged;
        for held in &mut self.versions {
            if held.source != Source::Crawled || held.standing.status == Status::Deleted {
                continue;
            }
            let Ok(standing) = held.standing.change(&change, at) else { continue };
            let mark = Mark { at, was: held.standing.status, message: held.standing.status_message.clone() };
            held.standing = standing;
            note(held, WITHDRAWN, json!(mark));
            observed = Observed::Changed;
        }
        if observed == Observed::Changed {
            self.action = "withdraw";
            self.flag_latest();
            self.give_up();
        }
        observed
    }

    /// Lets an upstream registry decide again where nothing but its own word and withdrawn versions are left.
    fn give_up(&mut self) {
        let is_left = |held: &Held| held.source != Source::Synced && held.standing.status != Status::Deleted;
        if !self.versions.iter().any(is_left) {
            self.source = Source::Synced;
        }
    }

    /// Restores the versions that the crawler withdrew and nobody has touched since; says how many.
    pub(super) fn restore_withdrawn(&mut self, at: DateTime<Utc>) -> usize {
        let mut restored = 0;
        for held in &mut self.versions {
            let mut crawl = crawl(held);
            let mark = crawl.remove(WITHDRAWN).and_then(|mark| serde_json::from_value::<Mark>(mark).ok());
            let Some(mark) = mark.filter(|mark| is_untouched(&held.standing, mark)) else { continue };
            crawl.remove(MISSING);
            held.extensions = extensions::with(&held.extensions, &[(CRAWL, Some(crawl.into()))]);
            held.standing = Standing {
                status: mark.was,
                status_message: mark.message,
                status_changed_at: at,
                updated_at: at,
                ..held.standing.clone()
            };
            restored += 1;
        }
        if restored > 0 {
            self.flag_latest();
        }
        restored
    }
}

/// Whether the status is still the one that the crawler set then.
fn is_untouched(standing: &Standing, mark: &Mark) -> bool {
    // The database keeps microseconds.
    let is_then = |at: DateTime<Utc>| at.timestamp_micros() == mark.at.timestamp_micros();
    standing.status == Status::Deleted && is_then(standing.status_changed_at) && is_then(standing.updated_at)
}

/// Whether the crawler withdrew a version and nobody has touched it since.
pub(super) fn is_withdrawn(held: &Held) -> bool {
    let mark = crawl(held).remove(WITHDRAWN).and_then(|mark| serde_json::from_value::<Mark>(mark).ok());
    mark.is_some_and(|mark| is_untouched(&held.standing, &mark))
}

fn crawl(held: &Held) -> Map<String, Value> {
    match extensions::member(&held.extensions, CRAWL) {
        Some(Value::Object(crawl)) => crawl,
        _ => Map::new(),
    }
}

fn note(held: &mut Held, word: &str, value: Value) {
    let mut crawl = crawl(held);
    crawl.insert(word.to_owned(), value);
    held.extensions = extensions::with(&held.extensions, &[(CRAWL, Some(crawl.into()))]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Upstream;
    use crate::server_json::ServerJson;
    use chrono::TimeZone;

    fn at(second: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(second, 0).single().expect("a time")
    }

    fn document(version: &str) -> ServerJson {
        ServerJson {
            name: "com.example/weather".into(),
            description: "Weather".into(),
            version: version.into(),
            ..ServerJson::default()
        }
    }

    fn members() -> Value {
        json!({ CRAWL: { "source": "https://example.com/card" } })
    }

    fn crawled(versions: &[&str]) -> Server {
        let name = "com.example/weather".parse().expect("a name");
        let mut server = Server::loaded(1, name, Source::Crawled, Vec::new());
        for version in versions {
            assert_eq!(server.crawl(&document(version), &members(), at(1)), Observed::Added);
        }
        Server::loaded(1, server.name.clone(), Source::Crawled, server.versions().to_vec())
    }

    fn again(server: &Server) -> Server {
        Server::loaded(1, server.name.clone(), server.source, server.versions().to_vec())
    }

    fn status(server: &Server, version: &str) -> Status {
        server.held(version).expect("a version").standing.status
    }

    #[test]
    fn what_is_missing_is_noted_once_and_moves_no_time() {
        let mut server = crawled(&["1.0.0"]);
        assert_eq!(server.miss("1.0.0", at(5)), Observed::Changed);
        assert_eq!(server.miss("1.0.0", at(6)), Observed::Unchanged);
        assert_eq!(server.miss("9.9.9", at(6)), Observed::Unchanged);
        let held = server.held("1.0.0").expect("a version");
        assert_eq!(held.standing.updated_at, at(1));
        assert!(held.extensions.contains(r#""missingSince":"1970-01-01T00:00:05Z""#), "{}", held.extensions);
        assert_eq!(server.changes().len(), 1);
        let mut back = again(&server);
        assert_eq!(back.crawl(&document("1.0.0"), &members(), at(7)), Observed::Changed);
        assert!(!back.versions()[0].extensions.contains("missingSince"));
        assert_eq!(back.action(), "crawl");
    }

    #[test]
    fn a_withdrawn_server_says_why_and_comes_back_as_it_was() {
        let mut server = crawled(&["1.0.0", "2.0.0"]);
        let deprecate = StatusChange { status: Status::Deprecated, message: Some("use 2".into()) };
        server.set_status("1.0.0", &deprecate, at(2)).expect("it changes");
        let mut server = again(&server);
        assert_eq!(server.withdraw(&"gone ".repeat(200), at(5)), Observed::Changed);
        assert_eq!((server.action(), server.changes().len()), ("withdraw", 2));
        assert_eq!(server.withdraw("gone", at(6)), Observed::Unchanged);
        let standing = &server.held("2.0.0").expect("a version").standing;
        assert!(standing.status_message.as_ref().is_some_and(|m| m.chars().count() <= 500));
        assert_eq!(
            (standing.status, standing.status_changed_at, standing.updated_at),
            (Status::Deleted, at(5), at(5))
        );

        let mut back = again(&server);
        assert_eq!(back.crawl(&document("2.0.0"), &members(), at(9)), Observed::Restored);
        assert_eq!(back.action(), "restore");
        let two = &back.held("2.0.0").expect("a version").standing;
        assert_eq!((two.status, &two.status_message, two.updated_at), (Status::Active, &None, at(9)));
        assert!(two.is_latest);
        let one = &back.held("1.0.0").expect("a version").standing;
        assert_eq!((one.status, one.status_message.as_deref()), (Status::Deprecated, Some("use 2")));
        assert!(!back.versions().iter().any(|held| held.extensions.contains("withdrawn")));
    }

    #[test]
    fn a_new_version_brings_the_withdrawn_ones_back_too() {
        let mut server = crawled(&["1.0.0"]);
        server.withdraw("gone", at(5));
        let mut back = again(&server);
        assert_eq!(back.crawl(&document("1.1.0"), &members(), at(9)), Observed::Restored);
        assert_eq!((status(&back, "1.0.0"), status(&back, "1.1.0")), (Status::Active, Status::Active));
    }

    #[test]
    fn what_somebody_else_deleted_stays_deleted() {
        let mut server = crawled(&["1.0.0"]);
        let delete = StatusChange { status: Status::Deleted, message: Some("by hand".into()) };
        server.set_status("1.0.0", &delete, at(4)).expect("it changes");
        assert_eq!(server.withdraw("gone", at(5)), Observed::Unchanged);
        assert_eq!(server.crawl(&document("1.0.0"), &members(), at(6)), Observed::Unchanged);
        assert_eq!(status(&server, "1.0.0"), Status::Deleted);

        let mut server = crawled(&["1.0.0"]);
        server.withdraw("gone", at(5));
        server.set_status("1.0.0", &delete, at(7)).expect("the message changes");
        let mut back = again(&server);
        back.crawl(&document("1.0.0"), &members(), at(9));
        assert_eq!(status(&back, "1.0.0"), Status::Deleted, "somebody has said so since");
    }

    #[test]
    fn an_upstream_registry_is_heard_again_once_the_card_is_gone() {
        let mut server = crawled(&["1.0.0"]);
        let standing = Standing { is_latest: true, ..Standing::published(at(4)) };
        let upstream = Upstream { server: document("1.0.0"), standing };
        assert_eq!(server.sync(&upstream), Observed::Outranked);
        assert_eq!((server.withdraw("gone", at(5)), server.source), (Observed::Changed, Source::Synced));
        let mut synced = again(&server);
        assert_eq!(synced.sync(&upstream), Observed::Changed);
        let held = synced.held("1.0.0").expect("a version");
        assert_eq!(
            (held.standing.status, held.source, &*held.extensions),
            (Status::Active, Source::Synced, "")
        );
        let mut back = again(&synced);
        assert_eq!(back.crawl(&document("1.0.0"), &members(), at(9)), Observed::Changed);
        assert_eq!(back.source, Source::Crawled);
    }

    #[test]
    fn what_its_owner_published_or_somebody_edited_is_not_withdrawn() {
        let mut server = crawled(&["1.0.0", "2.0.0"]);
        assert!(server.edit(&ServerJson { description: "Edited".into(), ..document("1.0.0") }, at(3)));
        assert_eq!(server.withdraw("gone", at(5)), Observed::Changed);
        assert_eq!((status(&server, "1.0.0"), status(&server, "2.0.0")), (Status::Active, Status::Deleted));
        assert!(server.held("1.0.0").expect("a version").standing.is_latest);
        server.publish(&document("3.0.0"), at(6)).expect("a new version");
        assert_eq!(server.withdraw("gone", at(7)), Observed::Outranked);
        assert_eq!(server.miss("2.0.0", at(7)), Observed::Outranked);
    }
}
