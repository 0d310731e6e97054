//! `cardinal upstreams`.

use clap::{Args, Subcommand};
use crawler::upstream::Address;

use super::{ContactArguments, LogArguments, StorageArguments};

/// `cardinal upstreams`.
#[derive(Debug, Clone, Args)]
pub struct UpstreamsArguments {
    /// What to do.
    #[command(subcommand)]
    pub action: Action,
    /// Storage.
    #[command(flatten)]
    pub storage: StorageArguments,
    /// What is logged.
    #[command(flatten)]
    pub log: LogArguments,
}

/// What operators do with upstreams.
#[derive(Debug, Clone, Subcommand)]
pub enum Action {
    /// Follow a registry from now on; a running `cardinal serve` pulls it at once.
    Add {
        /// Its address, with or without /v0, /v0.1 or /v0.1/servers.
        #[arg(value_name = "URL")]
        url: Address,
        /// What it is called here; by default its host.
        #[arg(long, value_parser = name)]
        name: Option<String>,
        /// This is the official registry, or as good: its word proves a name.
        #[arg(long)]
        official: bool,
    },
    /// The registries that are followed.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// One of them, and how far it is.
    Show {
        /// Its name.
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Follow it no longer; what came from it stays as it is.
    Remove {
        /// Its name.
        name: String,
    },
    /// Pull now: one of them, or all.
    Pull {
        /// Its name.
        name: Option<String>,
        /// Walk through everything; what is not met is withdrawn, even where that is the larger part.
        #[arg(long, requires = "name")]
        full: bool,
        /// How the client names itself.
        #[command(flatten)]
        contact: ContactArguments,
    },
}

/// A name that is fit for tables, messages and the ledger.
fn name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.is_empty() || text.len() > 100 || !text.chars().all(fits) {
        return Err("a name is up to 100 letters, digits, `-`, `_` and `.`".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word() {
        assert_eq!(name("official"), Ok("official".to_owned()));
        for bad in ["", "a b", "a/b", &"a".repeat(101)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
