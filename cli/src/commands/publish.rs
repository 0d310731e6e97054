//! `cardinal publish`: send a `server.json` to a registry.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::login;
use crate::address::RegistryArg;
use crate::client::{Answer, Client};
use crate::credentials::{Credentials, TokenFile};
use crate::env::Env;
use crate::failure::Failure;
use crate::listing::Listing;
use crate::output::{Out, printable};

/// The largest body that a registry takes (contract 1.4).
const MAX_DOCUMENT: u64 = 1024 * 1024;

/// Publishes a server.
#[derive(Debug, Clone, clap::Args)]
pub struct Publish {
    /// The document that describes the server
    #[arg(value_name = "FILE", default_value = "server.json")]
    pub file: PathBuf,
    /// Print the registry's answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Where to.
    #[command(flatten)]
    pub registry: RegistryArg,
}

impl Publish {
    pub(crate) async fn run(self, env: &Env, out: &mut Out<'_>) -> Result<(), Failure> {
        let document = Document::read(&env.directory.join(&self.file), &self.file)?;
        let stored = TokenFile::of(env)?.read()?;
        let registry = self.registry.resolve(stored.as_ref())?;
        let login = login::again(stored.as_ref(), &registry);
        let credentials = match stored {
            Some(stored) if stored.registry == registry => stored,
            Some(Credentials { registry: stored, .. }) => {
                return Err(Failure::SignedInElsewhere { stored, registry, login });
            }
            None => return Err(Failure::SignedOut { registry, login }),
        };
        out.say(&format!("Publishing {} to {registry}", document.title))?;
        let client = Client::new(registry)?;
        let answer =
            client.post(&["v0.1", "publish"], Some(&credentials.token), Some(&document.text)).await?;
        if !answer.status.is_success() {
            return Err(refused(&client, &answer, &document, &login).await);
        }
        let answer: Value = answer.read()?;
        out.done(&format!("Published {}", title_of(&answer).unwrap_or(document.title)))?;
        if self.json {
            out.json(&answer)?;
        }
        Ok(())
    }
}

/// A file that may be sent: UTF-8, without byte order mark, one JSON object.
struct Document {
    text: String,
    title: String,
}

impl Document {
    fn read(path: &Path, named: &Path) -> Result<Self, Failure> {
        let refused = |what: String| Failure::Document { path: named.to_owned(), what };
        let bytes = read_file(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => Failure::NoFile(named.to_owned()),
            _ => Failure::read(named, error),
        })?;
        if bytes.len() as u64 > MAX_DOCUMENT {
            return Err(refused("is larger than 1 MiB, which no registry takes; shorten it".to_owned()));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            refused(format!("is not UTF-8 from byte {at} on; save it as UTF-8"))
        })?;
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| refused(format!("is not JSON: {error}; correct it there")))?;
        let Value::Object(members) = &value else {
            return Err(refused("holds no JSON object; it must look like `{\"name\": …}`".to_owned()));
        };
        let title = title(members).unwrap_or_else(|| printable(&named.display().to_string()));
        Ok(Self { text, title })
    }
}

/// The bytes of a file, as far as they are needed to say that they are too many.
fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_DOCUMENT + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Name and version of a document, where it has both.
fn title(document: &Map<String, Value>) -> Option<String> {
    let text = |key| document.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    Some(printable(&format!("{} {}", text("name")?, text("version")?)))
}

fn title_of(answer: &Value) -> Option<String> {
    let server = Listing::read(answer).ok()?.server;
    (!server.name.is_empty()).then(|| printable(&format!("{} {}", server.name, server.version)))
}

/// Why it was not published. Where the registry only says that the document is invalid, it is asked for the reasons.
async fn refused(client: &Client, answer: &Answer, document: &Document, login: &str) -> Failure {
    let refuses = format!("to publish {}", document.title);
    match answer.status {
        StatusCode::UNAUTHORIZED => answer.refusal("the token", &format!("; sign in again: {login}")),
        StatusCode::UNPROCESSABLE_ENTITY => match answer.refusal(&refuses, "") {
            Failure::Refused { registry, details, .. } if details.is_empty() => {
                match issues(client, document).await {
                    Some(details) => {
                        let what = format!("refuses {refuses}: the document breaks its rules; correct these");
                        Failure::Refused { registry, what, details }
                    }
                    None => answer.refusal(&refuses, ""),
                }
            }
            failure => failure,
        },
        _ => answer.refusal(&refuses, ""),
    }
}

/// What the registry's validation finds (contract 1.8); `None` where it does not say.
async fn issues(client: &Client, document: &Document) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Verdict {
        issues: Vec<Issue>,
    }
    #[derive(Deserialize)]
    struct Issue {
        #[serde(default)]
        path: String,
        message: String,
        #[serde(default)]
        severity: String,
    }
    let answer = client.post(&["v0.1", "validate"], None, Some(&document.text)).await.ok()?;
    let verdict: Verdict = answer.status.is_success().then(|| answer.read().ok())??;
    let line = |issue: Issue| {
        let kind = if issue.severity == "error" { String::new() } else { format!(" ({})", issue.severity) };
        let place = if issue.path.is_empty() { String::new() } else { format!("{}: ", issue.path) };
        format!("{place}{}{kind}", issue.message)
    };
    (!verdict.issues.is_empty()).then(|| verdict.issues.into_iter().map(line).collect())
}
