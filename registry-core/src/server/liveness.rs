//! What a probe says of a server's latest version: members of `_meta` alone. It is no edit, so `updatedAt` stays.

use serde_json::Value;

use super::{Observed, Server};
use crate::extensions::{self, LIVENESS, TOOLS};
use crate::listing::Status;

impl Server {
    /// Tells what is known of the remotes of this version, and of its tools; whatever older versions tell of theirs is long over and
    /// goes.
    pub fn observe_liveness(
        &mut self,
        version: &str,
        liveness: Option<Value>,
        tools: Option<Value>,
    ) -> Observed {
        let mut observed = Observed::Unchanged;
        for held in &mut self.versions {
            let is_meant = held.version.as_str() == version && held.standing.status != Status::Deleted;
            let members = match is_meant {
                true => [(LIVENESS, liveness.clone()), (TOOLS, tools.clone())],
                false => [(LIVENESS, None), (TOOLS, None)],
            };
            // Parsing is only worth it where there is something to change.
            let has_any = held.extensions.contains(LIVENESS) || held.extensions.contains(TOOLS);
            if !has_any && members.iter().all(|(_, value)| value.is_none()) {
                continue;
            }
            let extensions = extensions::with(&held.extensions, &members);
            if extensions != held.extensions {
                held.extensions = extensions;
                observed = Observed::Changed;
            }
        }
        if observed == Observed::Changed {
            self.action = "liveness";
        }
        observed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extensions::CRAWL;
    use crate::listing::Source;
    use crate::server_json::ServerJson;
    use chrono::{DateTime, TimeDelta};
    use serde_json::json;

    fn server() -> Server {
        let name = "com.example/weather".parse().expect("a name");
        let mut server = Server::loaded(1, name, Source::Crawled, Vec::new());
        for (days, version) in ["1.0.0", "1.1.0"].into_iter().enumerate() {
            let document = ServerJson {
                name: "com.example/weather".into(),
                version: version.into(),
                ..ServerJson::default()
            };
            let at = DateTime::UNIX_EPOCH + TimeDelta::days(i64::try_from(days).unwrap_or_default());
            server.crawl(&document, &json!({ CRAWL: { "source": "x" } }), at);
        }
        reloaded(&server)
    }

    fn reloaded(server: &Server) -> Server {
        Server::loaded(1, server.name.clone(), server.source, server.versions().to_vec())
    }

    #[test]
    fn only_the_members_of_the_probe_change_and_no_time_moves() {
        let mut server = server();
        let before = server.held("1.1.0").expect("a version").standing.clone();
        let alive = Some(json!({ "state": "alive" }));
        assert_eq!(server.observe_liveness("1.1.0", alive.clone(), None), Observed::Changed);
        let held = server.held("1.1.0").expect("a version");
        assert_eq!(held.standing, before);
        assert!(held.extensions.contains(CRAWL) && held.extensions.contains(LIVENESS));
        assert_eq!((server.action(), server.changes().len()), ("liveness", 1));
        let mut again = reloaded(&server);
        assert_eq!(again.observe_liveness("1.1.0", alive, None), Observed::Unchanged);
        assert!(again.changes().is_empty());
    }

    #[test]
    fn an_older_version_no_longer_says_that_it_lives() {
        let mut server = server();
        server.observe_liveness("1.0.0", Some(json!({ "state": "alive" })), Some(json!({ "count": 1 })));
        let mut later = reloaded(&server);
        assert_eq!(
            later.observe_liveness("1.1.0", Some(json!({ "state": "alive" })), None),
            Observed::Changed
        );
        let old = later.held("1.0.0").expect("a version");
        assert!(!old.extensions.contains(LIVENESS) && !old.extensions.contains(TOOLS));
        assert_eq!(later.changes().len(), 2);
    }
}
