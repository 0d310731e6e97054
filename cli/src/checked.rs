//! What a check has found, for people: where, which rule, what is wrong, what to do; then what would be listed.

use owo_colors::OwoColorize;
use registry_core::lint::Severity;
use registry_core::store::findings::Outcome;
use registry_core::wire::lint::{LintDocument, LintFinding, LintReport, LintServer};

use crate::listing::level_word;
use crate::output::printable;

/// The findings of each document, and what would become of each description. `target` is what the reader calls it.
pub(crate) fn text(report: &LintReport, target: &str) -> String {
    let mut lines = Vec::new();
    for document in &report.documents {
        findings(document, target, &mut lines);
    }
    if !report.servers.is_empty() {
        let assumed = report.assumed_url.as_deref();
        let served = assumed.map(|url| format!(", served at {}", printable(url))).unwrap_or_default();
        lines.push(format!("{}{served}:", "What would be listed".bold()));
        report.servers.iter().for_each(|described| server(described, &mut lines));
    }
    lines.join("\n")
}

/// How many of each there are.
pub(crate) fn summary(report: &LintReport) -> String {
    let count = |number: usize, word: &str| match number {
        0 => None,
        1 => Some(format!("1 {word}")),
        more => Some(format!("{more} {word}s")),
    };
    let found = [(report.errors, "error"), (report.warnings, "warning"), (report.notes, "note")];
    let found = found.into_iter().filter_map(|(number, word)| count(number, word)).collect::<Vec<_>>();
    let of = |outcome| report.servers.iter().filter(|described| described.outcome == outcome).count();
    let kept_out = match (of(Outcome::Refused), of(Outcome::Held)) {
        (0, 0) => None,
        (0, held) => Some(format!("{held} held")),
        (refused, 0) => Some(format!("{refused} refused")),
        (refused, held) => Some(format!("{refused} refused, {held} held")),
    };
    let found = (!found.is_empty()).then(|| format!("found {}", found.join(", ")));
    match (found, kept_out) {
        (None, None) => format!("{} nothing is wrong", "✓".green()),
        (found, kept_out) => found.into_iter().chain(kept_out).collect::<Vec<_>>().join("; "),
    }
}

fn findings(document: &LintDocument, target: &str, lines: &mut Vec<String>) {
    let place = document.url.as_deref().unwrap_or(target);
    let place = printable(place);
    let kind = document.kind.as_deref().map(|kind| format!(" ({kind})")).unwrap_or_default();
    lines.push(format!("{}{kind}", place.bold()));
    if let Some(at) = &document.final_url {
        lines.push(format!("  answered by {}", printable(at)));
    }
    for finding in &document.findings {
        let LintFinding { rule, severity, path, message, hint, reference, .. } = finding;
        let label = format!("{}[{rule}]", severity.as_str());
        let label = match severity {
            Severity::Error => label.red().bold().to_string(),
            Severity::Warning => label.yellow().bold().to_string(),
            Severity::Note => label.cyan().bold().to_string(),
        };
        let path = if path.is_empty() { String::new() } else { format!("{}: ", printable(path)) };
        lines.push(format!("  {label} {path}{}", printable(message)));
        lines.push(format!("    {} {hint}", "hint:".dimmed()));
        lines.push(format!("    {} {reference}", "see: ".dimmed()));
    }
    lines.push(String::new());
}

fn server(described: &LintServer, lines: &mut Vec<String>) {
    let word = described.outcome.as_str();
    let word = match described.outcome {
        Outcome::Listed => word.green().to_string(),
        Outcome::Held => word.yellow().to_string(),
        Outcome::Refused => word.red().to_string(),
        _ => word.dimmed().to_string(),
    };
    let mut words = vec![word];
    words.extend(described.name.as_deref().map(printable));
    words.extend(described.server.as_ref().map(|server| printable(&server.version)));
    words.extend(described.level.map(|level| format!("[level {}, {}]", level.number(), level_word(level))));
    if let (None, Some(url)) = (&described.name, &described.url) {
        words.push(format!("{}{}", printable(url), pointer(described)));
    }
    lines.push(format!("  {}", words.join(" ")));
    if let Some(declared) = &described.declared_name {
        lines.push(format!("    it declares the name {}", printable(declared)));
    }
    if let Some(reason) = &described.reason {
        lines.push(format!("    {}", printable(reason)));
    }
    if !described.synthesised.is_empty() {
        lines.push(format!("    made up, since it is not there: {}", described.synthesised.join(", ")));
    }
}

fn pointer(described: &LintServer) -> String {
    if described.pointer.is_empty() { String::new() } else { format!("#{}", printable(&described.pointer)) }
}
