//! What a listing tells of its remotes: the `liveness` and `tools` members of `_meta`.
//!
//! They are public and stand in the ledger, so they change only when they say something new: `checkedAt` is the visit that last
//! changed them, not the last one.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::{Map, Value, json};

use super::Era;
use super::drift::{self, Described};
use super::judge::Live;
use super::state::{Standing, State};
use super::tools;
use crate::card::text::shorten;
use crate::digest::Digest;

/// How many tools a listing names, and how much of each description.
const MAX_TOOLS: usize = 200;
const MAX_DESCRIPTION: usize = 300;

/// One remote of a listing and what is known of it.
#[derive(Debug, Clone)]
pub struct Remote<'a> {
    /// Its address, as the listing has it.
    pub url: &'a str,
    /// What the listing says of it.
    pub described: Described<'a>,
    /// How its endpoint stands.
    pub standing: Standing,
    /// What the living server last said of itself.
    pub live: Option<Live>,
}

/// The `liveness` member: what stood there before, where that says the same; none where no remote was visited.
pub fn liveness(remotes: &[Remote<'_>], before: Option<&Value>, at: DateTime<Utc>) -> Option<Value> {
    let best = remotes.iter().map(|remote| remote.standing.state).min()?;
    let is_known =
        |remote: &Remote<'_>| remote.standing.state != State::Unprobed || remote.standing.reason.is_some();
    if !remotes.iter().any(is_known) {
        return None;
    }
    let known = before.and_then(|before| before.get("endpoints")).and_then(Value::as_array);
    let endpoints = remotes.iter().map(|remote| {
        let said = endpoint(remote);
        let before = known.into_iter().flatten().find(|before| undated(before) == said);
        before.cloned().unwrap_or_else(|| dated(said, at))
    });
    let endpoints: Vec<Value> = endpoints.collect();
    Some(json!({ "state": best.as_str(), "endpoints": endpoints }))
}

fn endpoint(remote: &Remote<'_>) -> Value {
    let standing = &remote.standing;
    let mut said = Map::new();
    let mut add = |word: &str, value: Value| _ = said.insert(word.to_owned(), value);
    add("url", remote.url.into());
    add("state", standing.state.as_str().into());
    if let Some(reason) = &standing.reason {
        add("reason", reason.as_str().into());
    }
    add("since", json!(standing.since.trunc_subsecs(0)));
    // What a server said while it lived is no news of one that does not.
    let Some(live) = remote.live.as_ref().filter(|_| standing.state.is_alive()) else { return said.into() };
    if let Some(era) = live.era {
        add("era", era.as_str().into());
        add("type", Era::transport(era).into());
    }
    if !live.protocol_versions.is_empty() {
        add("protocolVersions", json!(live.protocol_versions));
    }
    let server =
        [("name", &live.server.name), ("title", &live.server.title), ("version", &live.server.version)];
    let server =
        server.into_iter().filter_map(|(word, text)| Some((word.to_owned(), Value::from(text.clone()?))));
    let server: Map<String, Value> = server.collect();
    if !server.is_empty() {
        add("serverInfo", server.into());
    }
    if !live.capabilities.is_empty() {
        add("capabilities", json!(live.capabilities));
    }
    if let Some(auth) = &live.auth {
        add("auth", without_nothing(json!(auth)));
    }
    let drifts = drift::compare(&remote.described, standing.state, live);
    if !drifts.is_empty() {
        add("drift", json!(drifts));
    }
    said.into()
}

fn without_nothing(value: Value) -> Value {
    let is_something =
        |value: &Value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty());
    match value {
        Value::Object(members) => members.into_iter().filter(|(_, value)| is_something(value)).collect(),
        other => other,
    }
}

fn dated(mut said: Value, at: DateTime<Utc>) -> Value {
    said["checkedAt"] = json!(at.trunc_subsecs(0));
    said
}

fn undated(before: &Value) -> Value {
    let mut before = before.clone();
    if let Some(members) = before.as_object_mut() {
        members.shift_remove("checkedAt");
    }
    before
}

/// The `tools` member of tools sorted by name: name, description, hash; none where there are none.
pub fn tools(list: &[(String, String, Digest)]) -> Option<Value> {
    if list.is_empty() {
        return None;
    }
    let hash = tools::hash(list.iter().map(|(name, _, hash)| (name.as_str(), *hash)));
    let tools = list.iter().take(MAX_TOOLS).map(|(name, description, _)| match description.as_str() {
        "" => json!({ "name": name }),
        text => json!({ "name": name, "description": shorten(text, MAX_DESCRIPTION) }),
    });
    let tools: Vec<Value> = tools.collect();
    Some(json!({ "count": list.len(), "hash": hash.to_string(), "tools": tools }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    use crate::mcp::LEGACY;
    use crate::mcp::judge::{Auth, Finding, ServerInfo, Verdict};

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn remote(finding: Finding) -> Remote<'static> {
        let described = Described { version: "1.0.0", transport: "streamable-http", ..Described::default() };
        let server = ServerInfo { version: Some("1.2.0".into()), ..ServerInfo::default() };
        let live = Live {
            era: Some(Era::Legacy),
            protocol_versions: vec![LEGACY[0].into()],
            server,
            ..Live::default()
        };
        let standing = Standing::new(at(0)).after(&Verdict::new(finding, "why"), at(1));
        Remote { url: "https://acme.com/mcp", described, standing, live: Some(live) }
    }

    #[test]
    fn a_listing_tells_state_server_and_drift() {
        let said = liveness(&[remote(Finding::Alive)], None, at(2)).expect("it was visited");
        let expected = json!({ "state": "alive", "endpoints": [{
            "url": "https://acme.com/mcp", "state": "alive", "reason": "why", "since": "1970-01-01T01:00:00Z",
            "era": "legacy", "type": "streamable-http", "protocolVersions": ["2025-11-25"], "serverInfo": { "version": "1.2.0" },
            "drift": [{ "what": "version", "weight": "drift", "card": "1.0.0", "live": "1.2.0" }],
            "checkedAt": "1970-01-01T02:00:00Z",
        }] });
        assert_eq!(said, expected);
        assert_eq!(
            liveness(&[remote(Finding::Alive)], Some(&said), at(9)),
            Some(said.clone()),
            "nothing is new"
        );
        let gone = liveness(&[remote(Finding::Unreachable)], Some(&said), at(9)).expect("it was visited");
        assert_eq!(gone["endpoints"][0].get("serverInfo"), None);
        assert_eq!(gone["endpoints"][0]["checkedAt"], "1970-01-01T09:00:00Z");
    }

    #[test]
    fn the_best_remote_speaks_for_the_listing() {
        let remotes = [remote(Finding::Unreachable), remote(Finding::AliveAuth)];
        assert_eq!(liveness(&remotes, None, at(2)).expect("visited")["state"], "alive-auth");
        let unvisited = Remote { standing: Standing::new(at(0)), live: None, ..remote(Finding::Alive) };
        assert_eq!(liveness(std::slice::from_ref(&unvisited), None, at(2)), None);
        assert_eq!(liveness(&[], None, at(2)), None);
    }

    #[test]
    fn sign_in_is_told_without_empty_words() {
        let mut asks = remote(Finding::AliveAuth);
        let auth = Auth { schemes: vec!["bearer".into()], names_endpoint: Some(true), ..Auth::default() };
        asks.live = Some(Live { auth: Some(auth), ..Live::default() });
        let said = liveness(&[asks], None, at(2)).expect("visited");
        assert_eq!(said["endpoints"][0]["auth"], json!({ "schemes": ["bearer"], "namesEndpoint": true }));
    }

    #[test]
    fn tools_are_counted_and_the_first_are_named() {
        let tool = |n: usize| (format!("t{n:03}"), "word ".repeat(100), Digest::of(&n.to_le_bytes()));
        let list: Vec<_> = (0..250).map(tool).collect();
        let said = tools(&list).expect("there are tools");
        assert_eq!(
            (said["count"].as_u64(), said["tools"].as_array().map(Vec::len)),
            (Some(250), Some(MAX_TOOLS))
        );
        assert!(
            said["tools"][0]["description"]
                .as_str()
                .is_some_and(|text| text.chars().count() <= MAX_DESCRIPTION)
        );
        assert_eq!(tools(&[]), None);
    }
}
