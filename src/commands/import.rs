//! `cardinal import`: takes over servers from a file or another registry, with a progress bar.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use crawler::import::{self, Input, Options, Progress, Summary};
use indicatif::{ProgressBar, ProgressStyle};
use registry_core::clock::{SharedClock, SystemClock};
use registry_core::store::PgPool;
use url::Url;

use super::crawl;
use crate::arguments::ImportArguments;
use crate::database::{Database, Purpose};
use crate::log;

/// Imports and says what came of it; fails when there was nothing to take over.
pub async fn import(arguments: ImportArguments) -> anyhow::Result<ExitCode> {
    log::start(&arguments.log)?;
    let database = Database::open(&arguments.storage, &Purpose::Command("import"), false).await?;
    let clock: SharedClock = Arc::new(SystemClock);
    let bar = bar();
    let mut options = Options::new(arguments.report.clone());
    options.prover = arguments.packages.prover(crawl::config(&arguments.crawler).policy)?;
    let done = take_over(&arguments.source, &options, database.pool(), &clock, Some(&bar)).await;
    bar.finish_and_clear();
    database.close().await?;
    let summary = done?;
    println!("{}", sentence(&summary));
    let taken = summary.entries() > summary.refused;
    Ok(if taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Imports one source; a bar, where there is one, shows how far it is.
pub async fn take_over(
    source: &str,
    options: &Options,
    pool: &PgPool,
    clock: &SharedClock,
    bar: Option<&ProgressBar>,
) -> anyhow::Result<Summary> {
    let input: Input = source.parse()?;
    check_report(&options.report)?;
    let show = |progress: Progress| {
        if let Some(bar) = bar {
            advance(bar, progress);
        }
    };
    Ok(import::run(pool, clock, &input, options, &show).await?)
}

/// Says no before anything is imported: a report that cannot be written would end the import in its middle.
fn check_report(report: &Path) -> anyhow::Result<()> {
    let is_new = !report.exists();
    std::fs::File::options().append(true).create(true).open(report).with_context(|| {
        format!("the report `{}` cannot be written; choose another place with --report", report.display())
    })?;
    if is_new {
        // Made only to see that it can be; a report is there only when something is refused.
        std::fs::remove_file(report)?;
    }
    Ok(())
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    let style = ProgressStyle::with_template("{spinner} {bar:30} {bytes} of {total_bytes}  {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

fn advance(bar: &ProgressBar, progress: Progress) {
    if let Some(total) = progress.total {
        bar.set_length(total);
    }
    bar.set_position(progress.bytes);
    let refused = if progress.bad > 0 { format!(", {} refused", progress.bad) } else { String::new() };
    bar.set_message(format!("{} entries{refused}", progress.entries));
}

/// A text about a source without the secrets of its address: its user, its password, its query.
pub fn without_secrets(text: &str, source: &str) -> String {
    let Ok(url) = Url::parse(source) else { return text.to_owned() };
    let mut text = text.replace(source, url.as_str());
    let user = match (url.username(), url.password()) {
        ("", None) => None,
        (user, None) => Some(format!("//{user}@")),
        (user, Some(password)) => Some(format!("//{user}:{password}@")),
    };
    if let Some(user) = user {
        text = text.replace(&user, "//");
    }
    match url.query() {
        Some(query) => text.replace(&format!("?{query}"), "?…"),
        None => text,
    }
}

/// What came of it, each number with its word.
pub fn sentence(summary: &Summary) -> String {
    if summary.entries() == 0 {
        return "Nothing was there to import".to_owned();
    }
    let mut parts = vec![format!("{} added", summary.added)];
    let others = [
        (summary.changed, "changed"),
        (summary.unchanged, "unchanged"),
        (summary.kept, "kept as their owners have them"),
        (summary.refused, "refused"),
    ];
    parts
        .extend(others.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    let rate = summary.entries() as f64 / summary.seconds.max(1e-3);
    let mut text = format!(
        "{} {} in {:.1} s ({rate:.0} a second): {}",
        summary.entries(),
        if summary.entries() == 1 { "entry" } else { "entries" },
        summary.seconds,
        parts.join(", ")
    );
    if let Some(report) = &summary.report {
        text.push_str(&format!("; `{}` says which were refused and why", report.display()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_its_secrets() {
        let source = "http://user:SECRET@h.example/plain.json?token=SECRETQ";
        let said = format!("`{source}&cursor=x` cannot be read, nor {source}");
        assert_eq!(
            without_secrets(&said, source),
            "`http://h.example/plain.json?…&cursor=x` cannot be read, nor http://h.example/plain.json?…"
        );
        assert_eq!(without_secrets("a.json is gone", "a.json"), "a.json is gone");
    }

    #[test]
    fn the_sentence_names_what_happened_and_nothing_else() {
        let summary = Summary {
            added: 3,
            refused: 1,
            seconds: 2.0,
            report: Some("r.ndjson".into()),
            ..Summary::default()
        };
        assert_eq!(
            sentence(&summary),
            "4 entries in 2.0 s (2 a second): 3 added, 1 refused; `r.ndjson` says which were refused and why"
        );
    }
}
