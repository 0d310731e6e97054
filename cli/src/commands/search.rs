//! `cardinal search`: servers by words.

use reqwest::StatusCode;
use serde_json::Value;

use crate::address::RegistryArg;
use crate::client::Client;
use crate::credentials::TokenFile;
use crate::env::Env;
use crate::failure::Failure;
use crate::listing::Page;
use crate::output::Out;
use crate::table::table;

/// Searches a registry.
#[derive(Debug, Clone, clap::Args)]
pub struct Search {
    /// What to look for
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// How many servers to show at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub limit: u8,
    /// Print the registry's answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Where to look.
    #[command(flatten)]
    pub registry: RegistryArg,
}

impl Search {
    pub(crate) async fn run(self, env: &Env, out: &mut Out<'_>) -> Result<(), Failure> {
        let registry = self.registry.resolve(TokenFile::of(env)?.read()?.as_ref())?;
        let client = Client::new(registry.clone())?;
        let words = self.words.join(" ");
        let found = find(&client, &words, self.limit).await?;
        let listings = found.page.listings();
        if listings.is_empty() {
            out.say(&format!("No server of {registry} matches `{words}`; try fewer or other words"))?;
        } else if !found.ranked {
            out.say(&format!("{registry} has no ranked search; these names contain `{words}`"))?;
        }
        if self.json {
            out.json(&found.answer)?;
            return Ok(());
        }
        if listings.is_empty() {
            return Ok(());
        }
        out.data(&table(&listings, out.width()))?;
        if found.page.goes_on() && self.limit < 100 {
            out.say("There are more; show them with --limit 100, or add a word")?;
        } else if found.page.goes_on() {
            out.say("There are more; add a word")?;
        }
        Ok(())
    }
}

/// What a search found.
pub(crate) struct Found {
    answer: Value,
    /// The servers.
    pub(crate) page: Page,
    ranked: bool,
}

/// Searches by relevance; in a registry that cannot, by a part of the name.
pub(crate) async fn find(client: &Client, words: &str, limit: u8) -> Result<Found, Failure> {
    let limit = limit.to_string();
    let path = ["v0.1", "x", "org.cardinal-registry", "search"];
    let mut answer = client.get(&path, &[("q", words), ("limit", &limit)]).await?;
    let ranked = answer.status != StatusCode::NOT_FOUND;
    if !ranked {
        let query = [("search", words), ("version", "latest"), ("limit", &limit)];
        answer = client.get(&["v0.1", "servers"], &query).await?;
    }
    let json = answer.json("the search")?;
    let page =
        Page::read(&json).ok_or_else(|| answer.no_registry("answers with no list of servers".to_owned()))?;
    Ok(Found { answer: json, page, ranked })
}
