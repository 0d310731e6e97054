//! `cardinal origins show`: everything that was found on a domain.

use std::fmt::Write;
use std::process::ExitCode;

use registry_core::card::origin::Origin;
use registry_core::clock::{Clock, SystemClock};
use registry_core::store::{self, PgPool, origins};
use registry_core::wire::origins::{
    OriginDocument, OriginFetch, OriginFinding, OriginReport, OriginRevision,
};

use super::{print, print_json, shown, time, unknown};

/// How many documents are shown.
const DOCUMENTS: i64 = 10_000;

/// Prints it; fails where the domain was never added.
pub(super) async fn show(pool: &PgPool, domain: &Origin, json: bool) -> anyhow::Result<ExitCode> {
    let mut tx = store::read_snapshot(pool).await?;
    let Some(known) = origins::everything(&mut tx, domain, DOCUMENTS).await? else {
        return unknown(&mut tx, domain).await;
    };
    let added_by = known.row.added_by.clone();
    let report = OriginReport::of(known, SystemClock.now());
    if json {
        print_json(&report)?;
    } else {
        print(&text(&report, &added_by))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(report: &OriginReport, added_by: &str) -> String {
    let origin = &report.origin;
    let mut text = String::new();
    line(&mut text, format_args!("{}: {}", origin.origin, origin.status.as_str()));
    line(&mut text, format_args!("  {}", shown(&origin.message)));
    line(&mut text, format_args!("  added    {} by {}", time(origin.added_at), shown(added_by)));
    if let Some(at) = origin.visited_at {
        line(&mut text, format_args!("  visited  {}", time(at)));
    }
    if let Some(at) = origin.next_visit_at {
        line(&mut text, format_args!("  next     {}", time(at)));
    }
    if !report.findings.is_empty() {
        let OriginReport { listed, held, refused, skipped, stale, withdrawn, .. } = report;
        line(
            &mut text,
            format_args!(
                "\n{listed} listed, {held} held, {refused} refused, {skipped} skipped, {stale} stale, {withdrawn} withdrawn"
            ),
        );
        report.findings.iter().for_each(|finding| write_finding(&mut text, finding));
    }
    if !report.documents.is_empty() {
        line(&mut text, format_args!("\nDocuments"));
        report.documents.iter().for_each(|document| write_document(&mut text, document));
    }
    if !report.revisions.is_empty() {
        line(&mut text, format_args!("\nChanges"));
        report.revisions.iter().for_each(|revision| write_revision(&mut text, revision));
    }
    if !report.fetches.is_empty() {
        line(&mut text, format_args!("\nLast requests"));
        report.fetches.iter().for_each(|fetch| write_fetch(&mut text, fetch));
    }
    text
}

fn write_fetch(text: &mut String, fetch: &OriginFetch) {
    let OriginFetch { at, url, status, bytes, outcome } = fetch;
    let answer = status.map_or_else(|| shown(outcome), |status| format!("{status}, {bytes} bytes"));
    line(text, format_args!("  {} {}: {answer}", time(*at), shown(url)));
}

fn write_finding(text: &mut String, finding: &OriginFinding) {
    let mut words = vec![finding.outcome.as_str().to_owned()];
    words.extend(finding.name.as_deref().map(shown));
    words.extend(finding.version.as_deref().map(shown));
    words.extend(finding.level.map(|level| format!("[level {}]", level.number())));
    line(text, format_args!("  {} since {}", words.join(" "), time(finding.since)));
    let pointer = if finding.pointer.is_empty() { String::new() } else { format!("#{}", finding.pointer) };
    line(text, format_args!("    from {}", shown(&format!("{}{pointer}", finding.url))));
    if let Some(name) = &finding.declared_name {
        line(text, format_args!("    declares {}", shown(name)));
    }
    if let Some(reason) = &finding.reason {
        line(text, format_args!("    {}", shown(reason)));
    }
    for evidence in &finding.evidence {
        line(text, format_args!("    proof: {}", shown(&evidence.how)));
    }
}

fn write_document(text: &mut String, document: &OriginDocument) {
    let url = shown(&document.url);
    line(text, format_args!("  {url} ({})", shown(&document.kind)));
    if let Some(at) = &document.final_url {
        line(text, format_args!("    answered by {}", shown(at)));
    }
    line(
        text,
        format_args!("    fetched {}, changed {}", time(document.fetched_at), time(document.changed_at)),
    );
}

fn write_revision(text: &mut String, revision: &OriginRevision) {
    let OriginRevision { url, number, at, changes, .. } = revision;
    line(text, format_args!("  {} revision {number} of {}", time(*at), shown(url)));
    for change in changes {
        line(text, format_args!("    {}", shown(change)));
    }
}

fn line(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
