//! What became of one document, in the words of the table.

use std::collections::BTreeMap;

use crawler::Report;
use crawler::discover::{self, Found};
use crawler::report::Described;
use registry_core::store::findings::Outcome;
use registry_core::store::{PgPool, servers};
use url::Url;

use super::documents::Real;

/// Reasons by a part of their sentence, and the table's words for them.
const REASONS: [(&str, &str); 16] = [
    ("program for one's own machine", "a local program"),
    ("program on one's own machine", "a local program"),
    ("describes an agent, not an MCP server", "an agent card"),
    ("names no endpoint; add `remotes`", "no endpoint"),
    ("names no description of an MCP server", "no link to a card"),
    ("is not a type for MCP servers", "another type"),
    ("is not an https address", "not https"),
    ("not a description of a server that this registry knows", "no known shape"),
    ("says that no server is there yet", "a placeholder"),
    ("begins with a comment", "a comment before the JSON"),
    ("which does not confirm what", "a remote on another site"),
    ("describes the same server as", "described better elsewhere"),
    ("protects the whole host", "no endpoint"),
    ("belongs to the GitHub account", "not its name to give"),
    ("cannot speak", "not its name to give"),
    ("is believed first", "described better elsewhere"),
];

/// What became of it in the first visit that listed or held something of it, else in that to its own host.
pub async fn of(document: &Real, reports: &BTreeMap<&str, Report>, pool: &PgPool) -> String {
    let url = document.url();
    let kept = |d: &&Described| matches!(d.outcome, Outcome::Listed | Outcome::Held) && d.url == url.as_str();
    let first = reports.values().find(|report| report.servers.iter().any(|d| kept(&d)));
    let report = first.unwrap_or(&reports[document.host.as_str()]);

    let mut parts: Vec<(String, usize)> = Vec::new();
    for described in report.servers.iter().filter(|described| described.url == url.as_str()) {
        let part = words(described, pool).await;
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, times)) => *times += 1,
            None => parts.push((part, 1)),
        }
    }
    let mut parts: Vec<String> = parts
        .into_iter()
        .map(|(part, times)| if times == 1 { part } else { format!("{times} {part}") })
        .collect();
    let Some(asked) = report.documents.iter().find(|asked| asked.url == url.as_str()) else {
        return "not asked for".to_owned();
    };
    parts.extend(named(document, &url));
    let leads = report.leads.iter().filter(|lead| lead.by.as_deref() == Some(url.as_str()));
    parts.extend(leads.map(|lead| format!("{} endpoint {}", lead.how, lead.url)));
    if parts.is_empty() {
        let reason = asked.detail.as_deref().map(|detail| format!(": {}", short(detail)));
        parts.push(format!("{:?}{}", asked.state, reason.unwrap_or_default()).to_lowercase());
    }
    parts.join("; ")
}

/// The documents it names, as its format reads it.
fn named(document: &Real, url: &Url) -> Vec<String> {
    let read = discover::Document { url, body: &document.body, content_type: None, links: &[] };
    let mut names: Vec<String> = Vec::new();
    for found in discover::read(&read).unwrap_or_default() {
        if let Found::Follow(follow) = found {
            let name = format!("names {}", follow.url);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

async fn words(described: &Described, pool: &PgPool) -> String {
    let outcome = format!("{:?}", described.outcome).to_lowercase();
    let because =
        described.reason.as_deref().map(short).map(|reason| format!(": {reason}")).unwrap_or_default();
    let Some(name) = described.name.as_deref() else { return format!("{outcome}{because}") };
    if described.outcome == Outcome::Held {
        return format!("held as {name}{because}");
    }
    if described.outcome != Outcome::Listed {
        return format!("{outcome}{because}");
    }
    let level = described.level.map_or(0, |level| level.number());
    let version = described.version.as_deref().unwrap_or("?");
    // The day of the visit is the version of what has none.
    let version = if version.starts_with("0.0.0-20") { "(of the day)" } else { version };
    let claimed = described.declared_name.as_deref().filter(|claimed| *claimed != name);
    let claimed = claimed.map(|claimed| format!(", claim to {claimed} held{because}")).unwrap_or_default();
    format!("listed as {name} {version} level {level} {}{claimed}", places(name, pool).await)
}

/// Where the listing says that it runs.
async fn places(name: &str, pool: &PgPool) -> String {
    let mut conn = pool.acquire().await.expect("a connection");
    let listings = servers::of(&mut conn, &[name.parse().expect("a name")]).await.expect("listings");
    let server = listings.first().expect("a listing").server().expect("a document");
    let remotes: Vec<String> =
        server.remotes.iter().map(|remote| format!("at {} ({})", remote.url, remote.kind)).collect();
    match (remotes.is_empty(), server.packages.len()) {
        (true, 0) => "without a remote".to_owned(),
        (true, _) => "with its package".to_owned(),
        (false, 0) => remotes.join(" "),
        (false, _) => format!("{} and with its package", remotes.join(" ")),
    }
}

fn short(reason: &str) -> String {
    let known = REASONS.iter().find(|(part, _)| reason.contains(part));
    known.map_or_else(|| format!("`{reason}`"), |(_, words)| (*words).to_owned())
}
