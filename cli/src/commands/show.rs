//! `cardinal show`: one server.

use registry_core::name::ServerName;
use reqwest::StatusCode;

use super::search;
use crate::address::RegistryArg;
use crate::card::card;
use crate::client::Client;
use crate::credentials::TokenFile;
use crate::env::Env;
use crate::failure::Failure;
use crate::listing::{Listing, Page};
use crate::output::Out;

/// How many names or versions are offered in place of one that does not exist.
const OFFERED: u8 = 5;

/// Shows a server.
#[derive(Debug, Clone, clap::Args)]
pub struct Show {
    /// The server's name, as in com.example/weather
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Which of its versions
    #[arg(long, value_name = "V", default_value = "latest")]
    pub version: String,
    /// Print the registry's answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Where to look.
    #[command(flatten)]
    pub registry: RegistryArg,
}

impl Show {
    pub(crate) async fn run(self, env: &Env, out: &mut Out<'_>) -> Result<(), Failure> {
        let registry = self.registry.resolve(TokenFile::of(env)?.read()?.as_ref())?;
        let client = Client::new(registry)?;
        if let Err(invalid) = self.name.parse::<ServerName>() {
            let near = near(&client, &self.name).await;
            return Err(Failure::NoName { name: self.name, reason: invalid.to_string(), near });
        }
        let path = ["v0.1", "servers", &self.name, "versions"];
        let answer = client.get(&[path.as_slice(), &[&self.version]].concat(), &[]).await?;
        if answer.status == StatusCode::NOT_FOUND {
            // Only a registry answers this with a problem; what else stands at the address is no 404 of a server.
            let refusal = answer.refusal("to show the server", "");
            return Err(match refusal {
                Failure::NoRegistry { .. } => refusal,
                _ => missing(&client, self.name, self.version).await?,
            });
        }
        let json = answer.json("to show the server")?;
        if self.json {
            out.json(&json)?;
            return Ok(());
        }
        let shown = Listing::read(&json)
            .map_err(|_| answer.no_registry("answers with JSON that is no server".to_owned()))?;
        let all = versions(&client, &self.name).await?;
        out.data(&card(&shown, &all))?;
        Ok(())
    }
}

/// All versions of a server, newest first; none where it does not exist.
async fn versions(client: &Client, name: &str) -> Result<Vec<Listing>, Failure> {
    let answer = client.get(&["v0.1", "servers", name, "versions"], &[]).await?;
    if answer.status == StatusCode::NOT_FOUND {
        return Ok(Vec::new());
    }
    let page = Page::read(&answer.json("to list the versions")?);
    page.map(|page| page.listings())
        .ok_or_else(|| answer.no_registry("answers with no list of versions".to_owned()))
}

/// Why nothing was found: no such version, or no such server.
async fn missing(client: &Client, name: String, version: String) -> Result<Failure, Failure> {
    let has = versions(client, &name).await?;
    if has.is_empty() {
        let near = near(client, &name).await;
        return Ok(Failure::NoServer { registry: client.registry.clone(), name, near });
    }
    let has = has.into_iter().take(OFFERED.into()).map(|listing| listing.server.version).collect();
    Ok(Failure::NoVersion { name, version, has })
}

/// Names like this one; none where the search fails, since it is only an offer.
async fn near(client: &Client, name: &str) -> Vec<String> {
    let leaf = name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(name);
    match search::find(client, leaf, OFFERED).await {
        Ok(found) => found.page.listings().into_iter().map(|listing| listing.server.name).collect(),
        Err(_) => Vec::new(),
    }
}
