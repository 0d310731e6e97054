//! Which version is latest, decided while entries of a name still come in.
//!
//! The source's word counts: of the versions it flags, the highest; where it flags none, the highest of all. The version that
//! holds the flag already keeps it until the source flags another one *and* is known not to flag this one, so that the same
//! source, imported again, moves nothing, however its entries are ordered. A few bytes a name are remembered.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};

use registry_core::name::ServerName;
use registry_core::server::Server;
use registry_core::version::ServerVersion;

/// What the source says of the version that holds a name's flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    /// It flags it.
    Flagged,
    /// It does not.
    StandsIn,
}

/// The memory of one import.
#[derive(Default)]
pub(super) struct Flags {
    holders: HashMap<u64, Holder>,
    waiting: BTreeMap<ServerName, ServerVersion>,
    hasher: RandomState,
}

/// What a batch says of one server: versions in the order of their entries, and whether each is flagged.
pub(super) type Mentions = Vec<(ServerVersion, bool)>;

impl Flags {
    /// Moves the flag of `server`, whose entries are in; `held` is the version that had it before.
    pub(super) fn decide(&mut self, server: &mut Server, held: Option<&ServerVersion>, mentions: &Mentions) {
        let key = self.hasher.hash_one(server.name.as_str());
        let mut claims: Vec<&ServerVersion> = Vec::new();
        for (version, flagged) in mentions {
            claims.retain(|claim| *claim != version);
            if *flagged {
                claims.push(version);
            }
        }
        let waiting = self.waiting.remove(&server.name);
        let waiting = waiting.filter(|version| !mentions.iter().any(|(mentioned, _)| mentioned == version));
        claims.extend(&waiting);
        let holder = held.map(|held| self.holder(key, held, mentions));
        if let (Some(held), Some(Some(Holder::Flagged))) = (held, holder) {
            claims.insert(0, held);
        }
        let best = best(server, &claims).cloned();
        let known = match (holder, best) {
            (Some(None), Some(claim)) => {
                self.waiting.insert(server.name.clone(), claim);
                return;
            }
            (Some(None), None) => return,
            (_, Some(claim)) => {
                server.flag(claim.as_str());
                Holder::Flagged
            }
            (_, None) => {
                server.flag_highest();
                Holder::StandsIn
            }
        };
        self.holders.insert(key, known);
    }

    /// What the source says of the holder; nothing, as long as it has not come by.
    fn holder(&self, key: u64, held: &ServerVersion, mentions: &Mentions) -> Option<Holder> {
        match mentions.iter().rfind(|(version, _)| version == held) {
            Some((_, true)) => Some(Holder::Flagged),
            Some((_, false)) => Some(Holder::StandsIn),
            None => self.holders.get(&key).copied(),
        }
    }

    /// At the end: the names whose holder never came by, though another version is flagged.
    pub(super) fn settle(self) -> Vec<(ServerName, ServerVersion)> {
        self.waiting.into_iter().collect()
    }
}

/// The highest; of equals the first.
fn best<'a>(server: &Server, claims: &[&'a ServerVersion]) -> Option<&'a ServerVersion> {
    let mut best: Option<(&ServerVersion, _)> = None;
    for claim in claims {
        let Some(held) = server.held(claim.as_str()) else { continue };
        let at = held.standing.published_at;
        if best.is_none_or(|(other, other_at)| claim.outranks(at, other, other_at)) {
            best = Some((claim, at));
        }
    }
    best.map(|(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_core::listing::{Source, Standing};
    use registry_core::server::Upstream;
    use registry_core::server_json::ServerJson;

    const NAME: &str = "com.example/weather";

    /// A source's entries, a batch after the other, and the flag in the end and how often it moved.
    fn import(server: Server, batches: &[&[(&str, bool)]]) -> (Server, usize) {
        let mut flags = Flags::default();
        let mut server = server;
        let mut moves = 0;
        for batch in batches {
            let before = latest(&server);
            let mentions: Mentions =
                batch.iter().map(|(v, flag)| (v.parse().expect("a version"), *flag)).collect();
            for (version, _) in *batch {
                server.sync(&upstream(version));
            }
            flags.decide(&mut server, before.as_ref(), &mentions);
            moves += usize::from(latest(&server) != before);
        }
        for (_, version) in flags.settle() {
            server.flag(version.as_str());
            moves += 1;
        }
        (server, moves)
    }

    fn upstream(version: &str) -> Upstream {
        let at = "2026-01-01T00:00:00Z".parse().expect("a time");
        let server = ServerJson {
            name: NAME.into(),
            version: version.into(),
            description: "W".into(),
            ..Default::default()
        };
        Upstream { server, standing: Standing::published(at) }
    }

    fn latest(server: &Server) -> Option<ServerVersion> {
        server.versions().iter().find(|held| held.standing.is_latest).map(|held| held.version.clone())
    }

    fn empty() -> Server {
        Server::loaded(1, NAME.parse().expect("a name"), Source::Synced, Vec::new())
    }

    fn check(batches: &[&[(&str, bool)]], expected: &str) {
        let (server, _) = import(empty(), batches);
        assert_eq!(latest(&server).expect("one is latest").as_str(), expected, "{batches:?}");
        let (server, moves) = import(server, batches);
        assert_eq!(moves, 0, "again: {batches:?}");
        assert_eq!(latest(&server).expect("one is latest").as_str(), expected, "again: {batches:?}");
    }

    #[test]
    fn the_flag_is_carried_over_wherever_its_entry_stands() {
        let (old, new, low) = (("1.0.0", false), ("2.0.0", false), ("0.9.0", true));
        for batches in [
            [old, new, low],
            [old, low, new],
            [low, old, new],
            [low, new, old],
            [new, low, old],
            [new, old, low],
        ] {
            check(&[&batches], "0.9.0");
            check(&[&batches[..1], &batches[1..]], "0.9.0");
            check(&[&batches[..2], &batches[2..]], "0.9.0");
            check(&[&batches[..1], &batches[1..2], &batches[2..]], "0.9.0");
        }
    }

    #[test]
    fn without_a_flag_the_highest_is_latest() {
        check(&[&[("1.0.0", false), ("2.0.0", false), ("1.5.0", false)]], "2.0.0");
        check(&[&[("1.0.0", false)], &[("2.0.0", false)], &[("1.5.0", false)]], "2.0.0");
        check(&[&[("2.0.0", false)], &[("1.0.0", false)]], "2.0.0");
    }

    #[test]
    fn of_several_flags_the_highest_counts() {
        check(&[&[("1.0.0", true), ("2.0.0", true), ("3.0.0", false)]], "2.0.0");
        check(&[&[("2.0.0", true)], &[("1.0.0", true)], &[("3.0.0", false)]], "2.0.0");
        check(&[&[("1.0.0", true)], &[("2.0.0", true)]], "2.0.0");
        check(&[&[("3.0.0", false)], &[("1.0.0", true)], &[("2.0.0", true)]], "2.0.0");
    }

    #[test]
    fn a_source_that_leaves_the_holder_out_moves_the_flag_or_leaves_it() {
        let (server, _) = import(empty(), &[&[("1.0.0", false), ("2.0.0", true)]]);
        let (same, moves) = import(server.clone(), &[&[("1.0.0", false)], &[("1.1.0", false)]]);
        assert_eq!((latest(&same).expect("latest").as_str(), moves), ("2.0.0", 0));
        let (moved, moves) = import(server, &[&[("1.0.0", false)], &[("1.1.0", true)]]);
        assert_eq!((latest(&moved).expect("latest").as_str(), moves), ("1.1.0", 1));
    }

    #[test]
    fn a_flag_that_the_source_has_moved_moves_here() {
        let (server, _) = import(empty(), &[&[("1.0.0", false), ("2.0.0", true)]]);
        let (server, moves) = import(server, &[&[("1.0.0", true)], &[("2.0.0", false)]]);
        assert_eq!((latest(&server).expect("latest").as_str(), moves), ("1.0.0", 1));
    }
}
