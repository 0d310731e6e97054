//! What became of one document, in the words of the table.

use crawler::Report;
use crawler::report::Described;
use registry_core::store::findings::Outcome;

use super::documents::Real;

/// Reasons by a part of their sentence, and the table's words for them.
const REASONS: &[(&str, &str)] = &[("program for one's own machine", "local program")];

/// Every finding in the document; where there is none, what was found out about its address.
pub fn of(document: &Real, report: &Report) -> String {
    let url = format!("https://{}{}", document.host, document.path);
    let found: Vec<String> = report.servers.iter().filter(|d| d.url == url).map(|d| words(d)).collect();
    let leads = report.leads.iter().filter(|lead| lead.by.as_deref() == Some(url.as_str()));
    let leads = leads.map(|lead| format!("endpoint {} ({})", lead.url, lead.how));
    let all: Vec<String> = found.into_iter().chain(leads).collect();
    if !all.is_empty() {
        return all.join("; ");
    }
    let asked = report.documents.iter().find(|asked| asked.url == url);
    asked.map_or("not asked for".to_owned(), |asked| match &asked.detail {
        Some(detail) => format!("{:?}: {}", asked.state, short(detail)).to_lowercase(),
        None => format!("{:?}", asked.state).to_lowercase(),
    })
}

fn words(described: &Described) -> String {
    let at = if described.pointer.is_empty() { String::new() } else { format!("{} ", described.pointer) };
    let name = described.name.as_deref().unwrap_or("?");
    let version = described.version.as_deref().unwrap_or("?");
    let level = described.level.map_or(0, |level| level.number());
    let reason = described.reason.as_deref().map(short);
    let because = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    match described.outcome {
        Outcome::Listed => format!("{at}listed as {name} {version} level {level}{because}"),
        Outcome::Held => format!("{at}held as {name}{because}"),
        outcome => format!("{at}{outcome:?}{because}").replacen(
            &format!("{outcome:?}"),
            &format!("{outcome:?}").to_lowercase(),
            1,
        ),
    }
}

fn short(reason: &str) -> String {
    let known = REASONS.iter().find(|(part, _)| reason.contains(part));
    known.map_or_else(|| format!("?{reason}"), |(_, words)| (*words).to_owned())
}
