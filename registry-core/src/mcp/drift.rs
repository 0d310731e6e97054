//! Where a description and the living server disagree (discovery 10.4). `serverInfo` is the server's own word and proves nothing about
//! whose it is.

use serde::Serialize;

use super::judge::Live;
use super::state::State;
use super::{Era, versions};
use crate::server_json::{Remote, ServerJson};

/// How much a difference matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Both cannot be true.
    Contradiction,
    /// The description is behind.
    Drift,
    /// Worth knowing.
    Note,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// What differs: `version`, `protocolVersions`, `type`, `auth`, `title`.
    pub what: &'static str,
    /// How much it matters.
    pub weight: Weight,
    /// What the description says.
    pub card: String,
    /// What the server says.
    pub live: String,
}

/// What a description says of one of its remotes, as far as a living server can contradict it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Described<'a> {
    /// The version of the server; empty where the card does not say, and the listing has one that was made up.
    pub version: &'a str,
    /// Its name for people.
    pub title: &'a str,
    /// The transport.
    pub transport: &'a str,
    /// The protocol versions; empty where it does not say.
    pub protocol_versions: Vec<String>,
    /// Whether it says that nobody has to sign in.
    pub is_open: bool,
}

impl<'a> Described<'a> {
    /// What a document says, and beside it what a crawl kept of the card's own words.
    pub fn of(server: &'a ServerJson, remote: &'a Remote, crawl: Option<&serde_json::Value>) -> Self {
        let kept = |word: &str| crawl.and_then(|crawl| crawl.get(word));
        let auth = kept("auth").or_else(|| kept("authentication"));
        let says_none = auth.is_some_and(|auth| {
            let schemes = auth.get("schemes").and_then(|schemes| schemes.as_array());
            let scheme = auth.as_str().or_else(|| auth.get("type").and_then(|kind| kind.as_str()));
            auth == &serde_json::Value::Bool(false)
                || scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("none"))
                || auth.get("required") == Some(&serde_json::Value::Bool(false))
                || schemes.is_some_and(|all| !all.is_empty() && all.iter().all(|scheme| scheme == "none"))
        });
        let made_up = kept("synthesised").and_then(|members| members.as_array());
        let has_no_version = made_up.is_some_and(|members| members.iter().any(|member| member == "version"));
        Self {
            version: if has_no_version { "" } else { &server.version },
            title: &server.title,
            transport: &remote.kind,
            protocol_versions: versions(
                kept("supportedProtocolVersions").or_else(|| kept("protocolVersions")),
            ),
            is_open: says_none,
        }
    }
}

/// Every difference, the heaviest first.
pub fn compare(described: &Described<'_>, state: State, live: &Live) -> Vec<Drift> {
    let mut drifts = Vec::new();
    let mut add = |what, weight, card: &str, live: String| {
        drifts.push(Drift { what, weight, card: card.to_owned(), live });
    };
    let spoken = &live.protocol_versions;
    let is_disjoint = !described.protocol_versions.iter().any(|version| spoken.contains(version));
    // One version that was agreed on is not all that a legacy server speaks.
    let tells_all = live.era == Some(Era::Modern) || spoken.len() > 1;
    if !described.protocol_versions.is_empty() && !spoken.is_empty() && is_disjoint && tells_all {
        let card = described.protocol_versions.join(", ");
        add("protocolVersions", Weight::Contradiction, &card, spoken.join(", "));
    }
    if described.is_open && state == State::AliveAuth {
        add("auth", Weight::Contradiction, "none", "asks to sign in".to_owned());
    }
    if let Some(transport) =
        live.era.map(Era::transport).filter(|transport| *transport != described.transport)
    {
        add("type", Weight::Drift, described.transport, transport.to_owned());
    }
    if let Some(version) =
        live.server.version.as_deref().filter(|version| !same_version(version, described.version))
        && !described.version.is_empty()
    {
        add("version", Weight::Drift, described.version, version.to_owned());
    }
    if let Some(title) = &live.server.title
        && !described.title.is_empty()
        && title != described.title
    {
        add("title", Weight::Note, described.title, title.clone());
    }
    drifts
}

/// Whether two texts are one version: `v1.2.0` is `1.2.0`.
fn same_version(a: &str, b: &str) -> bool {
    let bare = |text: &str| text.trim().trim_start_matches(['v', 'V']).to_owned();
    bare(a) == bare(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::judge::ServerInfo;
    use crate::mcp::{LEGACY, MODERN};
    use serde_json::json;

    fn described() -> Described<'static> {
        Described { version: "1.0.0", title: "Tides", transport: "streamable-http", ..Described::default() }
    }

    fn live(era: Era, spoken: &[&str], version: &str) -> Live {
        let server = ServerInfo { version: Some(version.into()), ..ServerInfo::default() };
        let protocol_versions = spoken.iter().map(ToString::to_string).collect();
        Live { era: Some(era), protocol_versions, server, ..Live::default() }
    }

    fn whats(described: &Described<'_>, state: State, live: &Live) -> Vec<&'static str> {
        compare(described, state, live).into_iter().map(|drift| drift.what).collect()
    }

    #[test]
    fn what_agrees_is_no_drift() {
        assert_eq!(whats(&described(), State::Alive, &live(Era::Legacy, &[LEGACY[1]], "v1.0.0")), [""; 0]);
        assert_eq!(whats(&described(), State::AliveAuth, &Live::default()), [""; 0]);
    }

    #[test]
    fn differences_are_told_the_heaviest_first() {
        let mut card = described();
        card.protocol_versions = vec![LEGACY[2].into()];
        card.transport = "sse";
        card.is_open = true;
        let mut server = live(Era::Modern, &[MODERN], "2.0.0");
        server.server.title = Some("Other".into());
        assert_eq!(
            whats(&card, State::AliveAuth, &server),
            ["protocolVersions", "auth", "type", "version", "title"]
        );
        let agreed = live(Era::Legacy, &[LEGACY[0]], "1.0.0");
        card.transport = "streamable-http";
        assert_eq!(whats(&card, State::Alive, &agreed), [""; 0], "it may speak the other as well");
    }

    #[test]
    fn none_is_said_in_many_ways() {
        let (server, remote) = (ServerJson::default(), Remote::default());
        let is_open = |auth| Described::of(&server, &remote, Some(&json!({ "auth": auth }))).is_open;
        for none in [json!("none"), json!({ "type": "None" }), json!({ "schemes": ["none"] }), json!(false)] {
            assert!(is_open(none.clone()), "{none}");
        }
        for some in [json!({ "schemes": [] }), json!({ "schemes": ["none", "oauth2"] }), json!("bearer")] {
            assert!(!is_open(some.clone()), "{some}");
        }
    }

    #[test]
    fn a_version_that_was_made_up_is_not_contradicted() {
        let server = ServerJson { version: "0.0.0-20260309".into(), ..ServerJson::default() };
        let remote = Remote { kind: "streamable-http".into(), ..Remote::default() };
        let live = live(Era::Legacy, &[LEGACY[0]], "1.4.0");
        let crawl = json!({ "synthesised": ["description", "version"] });
        assert_eq!(whats(&Described::of(&server, &remote, Some(&crawl)), State::Alive, &live), [""; 0]);
        assert_eq!(whats(&Described::of(&server, &remote, None), State::Alive, &live), ["version"]);
    }

    #[test]
    fn what_the_card_said_beside_its_document_counts() {
        let server = ServerJson { version: "1".into(), ..ServerJson::default() };
        let remote = Remote { kind: "sse".into(), ..Remote::default() };
        let crawl =
            json!({ "protocolVersions": ["2025-06-18", "x"], "authentication": { "required": false } });
        let read = Described::of(&server, &remote, Some(&crawl));
        assert_eq!((read.protocol_versions.len(), read.is_open, read.transport), (1, true, "sse"));
        assert!(!Described::of(&server, &remote, None).is_open);
    }
}
