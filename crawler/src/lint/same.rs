//! Descriptions of one server: the most believed document is listed, the others are not.

use std::collections::HashMap;

use registry_core::card::address;
use registry_core::card::origin::Origin;
use registry_core::server_json::Remote;
use registry_core::store::findings::Outcome;
use registry_core::wire::lint::LintServer;
use url::Url;

use crate::discover;

/// Skips what describes the same endpoint as a document that is believed before it.
pub(super) fn one_by_one(mut servers: Vec<LintServer>) -> Vec<LintServer> {
    let mut order: Vec<usize> = (0..servers.len()).collect();
    order.sort_by_key(|at| (precedence(&servers[*at]), *at));
    let mut first: HashMap<String, String> = HashMap::new();
    for at in order {
        let described = &mut servers[at];
        if described.outcome != Outcome::Listed {
            continue;
        }
        let url = described.url.clone().unwrap_or_default();
        let keys = keys(described);
        if let Some((key, other)) = keys.iter().find_map(|key| Some((key, first.get(key)?))) {
            described.outcome = Outcome::Skipped;
            described.reason =
                Some(format!("`{key}` is described by `{other}` as well, which is believed before it"));
            continue;
        }
        for key in keys {
            first.entry(key).or_insert_with(|| url.clone());
        }
    }
    servers
}

fn keys(described: &LintServer) -> Vec<String> {
    let remotes = described.server.iter().flat_map(|server| &server.remotes);
    remotes.filter_map(|remote| address::key(&remote.url)).collect()
}

/// How far its document is believed: the lower, the further; by where it is, as a document that a catalog lists if it is nowhere known.
fn precedence(described: &LintServer) -> u8 {
    /// What a catalog lists.
    const LISTED: u8 = 1;
    let Some(url) = described.url.as_deref().and_then(|url| Url::parse(url).ok()) else { return u8::MAX };
    let endpoints = described.server.iter().flat_map(|server| &server.remotes);
    let is_beside = |remote: &Remote| discover::ALL.iter().any(|format| format.beside(remote).contains(&url));
    if endpoints.into_iter().any(is_beside) {
        return 0;
    }
    let Ok(origin) = Origin::of(&url) else { return LISTED };
    let format = discover::ALL.iter().find(|format| format.locations(&origin).contains(&url));
    format.map_or(LISTED, |format| format.precedence())
}

#[cfg(test)]
mod tests {
    use registry_core::server_json::ServerJson;

    use super::*;

    #[test]
    fn the_most_believed_description_of_an_endpoint_is_listed() {
        let described = |document: &str, name: &str, endpoint: &str| LintServer {
            outcome: Outcome::Listed,
            name: Some(name.to_owned()),
            declared_name: None,
            level: None,
            evidence: Vec::new(),
            reason: None,
            url: Some(format!("https://acme.com{document}")),
            pointer: String::new(),
            synthesised: Vec::new(),
            server: Some(ServerJson {
                remotes: vec![Remote {
                    kind: "streamable-http".into(),
                    url: format!("https://acme.com{endpoint}"),
                    ..Remote::default()
                }],
                ..ServerJson::default()
            }),
        };
        let servers = one_by_one(vec![
            described("/.well-known/mcp.json", "com.acme/old", "/mcp"),
            described("/.well-known/mcp-server-card", "com.acme/card", "/mcp/"),
            described("/mcp/server-card", "com.acme/own", "/mcp"),
            described("/.well-known/mcp.json", "com.acme/other", "/other/mcp"),
        ]);
        let outcomes: Vec<_> =
            servers.iter().map(|s| (s.name.as_deref().unwrap_or_default(), s.outcome)).collect();
        assert_eq!(
            outcomes,
            [
                ("com.acme/old", Outcome::Skipped),
                ("com.acme/card", Outcome::Skipped),
                ("com.acme/own", Outcome::Listed),
                ("com.acme/other", Outcome::Listed),
            ]
        );
        let reason = servers[0].reason.as_deref().unwrap_or_default();
        assert!(reason.contains("https://acme.com/mcp/server-card"), "{reason}");
    }
}
