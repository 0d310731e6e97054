//! What can be filtered and counted of a server, in one number: each fact is a bit of it.

use registry_core::evidence::Level;
use registry_core::extensions;
use registry_core::listing::{Listing, Status};
use registry_core::mcp::state::State;
use registry_core::server_json::ServerJson;
use serde_json::{Map, Value};

/// A question that facts answer, and the answers it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facet {
    /// Its name in queries and answers.
    pub name: &'static str,
    /// The answers, each the word for one bit.
    pub values: &'static [&'static str],
    first: u32,
}

/// Every facet that is a few words; `namespace` beside them has too many.
pub const FACETS: [Facet; 7] = [
    Facet {
        name: "registry_type",
        values: &["npm", "pypi", "oci", "nuget", "mcpb", "cargo", "other"],
        first: 0,
    },
    Facet { name: "transport", values: &["stdio", "streamable-http", "sse"], first: 8 },
    Facet {
        name: "evidence",
        values: &["claimed", "same-site", "host-bound", "endpoint-bound", "registry"],
        first: 12,
    },
    Facet {
        name: "liveness",
        values: &[
            "alive",
            "alive-auth",
            "alive-paid",
            "stale",
            "blocked",
            "unprobed",
            "unreachable",
            "not-mcp",
            "dead",
        ],
        first: 18,
    },
    Facet { name: "auth", values: &["none", "key", "oauth"], first: 28 },
    Facet { name: "status", values: &["active", "deprecated"], first: 32 },
    Facet {
        name: "has",
        values: &["package", "remote", "repository", "website", "icon", "title", "tools"],
        first: 36,
    },
];

impl Facet {
    /// The facet of this name.
    pub fn of(name: &str) -> Option<Self> {
        FACETS.into_iter().find(|facet| facet.name == name)
    }

    /// The bit of an answer; `None` where there is no such answer.
    pub fn bit(self, value: &str) -> Option<u64> {
        let at = self.values.iter().position(|known| *known == value)?;
        Some(1 << (self.first + u32::try_from(at).ok()?))
    }

    /// The answers that are true, with their bits.
    pub fn bits(self) -> impl Iterator<Item = (&'static str, u64)> {
        (self.first..).zip(self.values).map(|(at, value)| (*value, 1 << at))
    }
}

/// The facts of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts(pub u64);

impl Facts {
    /// What a listing says.
    pub fn of(listing: &Listing, server: &ServerJson) -> Self {
        let mut facts = Self::default();
        let members: Map<String, Value> = serde_json::from_str(&listing.extensions).unwrap_or_default();
        facts.packages(server);
        for remote in &server.remotes {
            facts.add("transport", &remote.kind);
        }
        facts.evidence(&members);
        facts.liveness(&members, server);
        facts.auth(&members, server);
        facts.add(
            "status",
            if listing.standing.status == Status::Deprecated { "deprecated" } else { "active" },
        );
        let has = [
            ("package", !server.packages.is_empty()),
            ("remote", !server.remotes.is_empty()),
            ("repository", server.repository.as_ref().is_some_and(|repository| !repository.url.is_empty())),
            ("website", !server.website_url.is_empty()),
            ("icon", !server.icons.is_empty()),
            ("title", !server.title.is_empty()),
            ("tools", members.contains_key(extensions::TOOLS)),
        ];
        has.into_iter().filter(|(_, has)| *has).for_each(|(what, _)| facts.add("has", what));
        facts
    }

    /// Whether one of these facts is true.
    pub fn has(self, facet: &str, value: &str) -> bool {
        Facet::of(facet).and_then(|facet| facet.bit(value)).is_some_and(|bit| self.0 & bit != 0)
    }

    fn add(&mut self, facet: &str, value: &str) {
        self.0 |= Facet::of(facet).and_then(|facet| facet.bit(value)).unwrap_or_default();
    }

    fn packages(&mut self, server: &ServerJson) {
        for package in &server.packages {
            let kind = package.registry_type.as_str();
            let is_known = Facet::of("registry_type").is_some_and(|facet| facet.bit(kind).is_some());
            self.add("registry_type", if is_known { kind } else { "other" });
            self.add(
                "transport",
                if package.transport.kind.is_empty() { "stdio" } else { &package.transport.kind },
            );
        }
    }

    fn evidence(&mut self, members: &Map<String, Value>) {
        let level = members.get(extensions::EVIDENCE).and_then(|evidence| evidence.get("level"));
        let level: Option<Level> = level.and_then(|level| serde_json::from_value(level.clone()).ok());
        let values = FACETS[2].values;
        if let Some(value) = level.and_then(|level| values.get(usize::from(level.number()))) {
            self.add("evidence", value);
        }
    }

    fn liveness(&mut self, members: &Map<String, Value>, server: &ServerJson) {
        let state =
            members.get(extensions::LIVENESS).and_then(|member| member.get("state")).and_then(Value::as_str);
        match state {
            Some(state) => self.add("liveness", state),
            None if !server.remotes.is_empty() => self.add("liveness", State::Unprobed.as_str()),
            None => {}
        }
    }

    /// What one must bring: a sign-in where a remote asks for one, a key where a secret is required, else nothing.
    fn auth(&mut self, members: &Map<String, Value>, server: &ServerJson) {
        let alive =
            members.get(extensions::LIVENESS).and_then(|member| member.get("state")).and_then(Value::as_str);
        let headers = server.remotes.iter().flat_map(|remote| &remote.headers);
        let variables = server.packages.iter().flat_map(|package| &package.environment_variables);
        let mut inputs = headers.chain(variables).map(|named| &named.input);
        let needs_key = inputs.any(|input| input.is_secret && input.is_required);
        let asks = alive == Some(State::AliveAuth.as_str());
        match (asks, needs_key) {
            (true, false) => self.add("auth", "oauth"),
            (_, true) => self.add("auth", "key"),
            (false, false) => self.add("auth", "none"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_model::catalog::tests::listed;
    use serde_json::json;

    #[test]
    fn bits_of_all_facets_are_apart() {
        let bits: Vec<u64> = FACETS.iter().flat_map(|facet| facet.bits().map(|(_, bit)| bit)).collect();
        let all = bits.iter().fold(0, |all, bit| all | bit);
        assert_eq!(all.count_ones() as usize, bits.len());
        for facet in FACETS {
            assert!(facet.bits().all(|(value, bit)| facet.bit(value) == Some(bit)));
        }
        assert_eq!(FACETS[3].values, State::ALL.map(State::as_str));
        assert_eq!(FACETS[2].name, "evidence");
    }

    #[test]
    fn a_listing_says_how_it_can_be_had() {
        let document = json!({
            "packages": [
                { "registryType": "npm", "transport": { "type": "stdio" },
                  "environmentVariables": [{ "name": "KEY", "isSecret": true, "isRequired": true }] },
                { "registryType": "brew" },
            ],
            "remotes": [{ "type": "sse", "url": "https://a.example/sse" }],
            "title": "T",
        });
        let extensions = json!({
            extensions::EVIDENCE: { "level": "host-bound" },
            extensions::LIVENESS: { "state": "alive" },
        });
        let listing = listed("com.example/a", &document, &extensions);
        let facts = Facts::of(&listing, &listing.server().expect("a document"));
        let all: Vec<String> = FACETS
            .iter()
            .flat_map(|facet| {
                facet
                    .bits()
                    .filter(|(_, bit)| facts.0 & bit != 0)
                    .map(|(value, _)| format!("{}:{value}", facet.name))
            })
            .collect();
        let expected = [
            "registry_type:npm",
            "registry_type:other",
            "transport:stdio",
            "transport:sse",
            "evidence:host-bound",
            "liveness:alive",
            "auth:key",
            "status:active",
            "has:package",
            "has:remote",
            "has:title",
        ];
        assert_eq!(all, expected);
        assert!(facts.has("liveness", "alive") && !facts.has("liveness", "dead") && !facts.has("x", "y"));
    }
}
