//! `cardinal lint`: a Server Card or catalog, at an address, in a file or from stdin. What needs the network is handed to it.

use std::io::Read;
use std::path::Path;

use registry_core::lint::{Linter, address};
use registry_core::wire::lint::LintReport;
use url::Url;

use crate::checked;
use crate::env::Env;
use crate::failure::Failure;
use crate::output::{Exit, Out};

/// The largest document that is read: beyond any limit, so that the check itself says so.
const LONGEST: u64 = 16 * 1024 * 1024;

/// Checks a document.
#[derive(Debug, Clone, clap::Args)]
pub struct Lint {
    /// An address, a site as in example.com, a file, or `-` for stdin
    #[arg(value_name = "URL|FILE|-")]
    pub target: String,
    /// Where a document of a file or stdin is, or will be, served
    #[arg(long, value_name = "URL", value_parser = |text: &str| address(text))]
    pub at: Option<Url>,
    /// Print the whole report as JSON, with the server.json that would be listed
    #[arg(long)]
    pub json: bool,
}

/// What to check.
enum Target {
    Address(Url),
    Document(Vec<u8>),
}

/// Checks and prints what was found; the exit code is 1 where something is wrong, 2 where there is nothing to check.
pub async fn lint(lint: Lint, linter: &dyn Linter, env: &Env, out: &mut Out<'_>) -> Exit {
    match run(&lint, linter, env, out).await {
        Ok(exit) => exit,
        Err(failure) => out.fail(&failure),
    }
}

async fn run(lint: &Lint, linter: &dyn Linter, env: &Env, out: &mut Out<'_>) -> Result<Exit, Failure> {
    let report = match target(&lint.target, env)? {
        Target::Address(url) => {
            linter.lint_url(url).await.map_err(|busy| Failure::NoTarget(busy.to_string()))?
        }
        Target::Document(bytes) => linter.lint_document(&bytes, lint.at.as_ref()),
    };
    if lint.json {
        out.json(&serde_json::to_value(&report).map_err(std::io::Error::from)?)?;
    } else {
        let name = if lint.target == "-" { "stdin" } else { &lint.target };
        print(&report, name, out)?;
    }
    Ok(if report.valid { Exit::Done } else { Exit::Refused })
}

fn print(report: &LintReport, target: &str, out: &mut Out<'_>) -> Result<(), Failure> {
    let text = checked::text(report, target);
    if !text.is_empty() {
        out.data(&text)?;
    }
    out.say(&checked::summary(report))?;
    Ok(())
}

/// A file where there is one of this name, else an address.
fn target(text: &str, env: &Env) -> Result<Target, Failure> {
    if text == "-" {
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes);
        read.map_err(|error| Failure::read(Path::new("stdin"), error))?;
        return Ok(Target::Document(bytes));
    }
    let file = env.directory.join(text);
    if !text.contains("://") && file.is_file() {
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&file).and_then(|open| open.take(LONGEST).read_to_end(&mut bytes));
        read.map_err(|error| Failure::read(&file, error))?;
        return Ok(Target::Document(bytes));
    }
    let is_named_like_a_file =
        text.ends_with(".json") && !text.contains("://") && !text.contains("/.well-known/");
    let no_file =
        || Failure::NoTarget(format!("`{text}` is no file here; name a file, `-` for stdin, or an address"));
    if is_named_like_a_file || text.starts_with(['.', '/']) {
        return Err(no_file());
    }
    address(text).map(Target::Address).map_err(|invalid| {
        if text.contains("://") || text.contains('.') {
            Failure::NoTarget(invalid.to_string())
        } else {
            no_file()
        }
    })
}
