//! What people type against a registry: sign in, publish, search, look at a server.
//!
//! A library, so that tests need no built binary: [`run`] takes the parsed [`Command`], what it may know of its
//! surroundings ([`Env`]) and where it writes ([`Out`]). A process-wide rustls provider must be installed.
//!
//! - `address`: a registry's address, and which one is meant
//! - `client`, `failure`: HTTP to that registry; everything that can go wrong, one sentence each
//! - `credentials`: the token file, shared with `mcp-publisher`
//! - `listing`, `table`, `card`: a server as the registry tells it, in a list, and on its own
//! - `checked`: what a check of a document has found
//! - `output`: data on stdout, talk on stderr
//! - `commands`: one command a file

mod address;
mod card;
mod checked;
mod client;
mod commands;
mod credentials;
mod env;
mod failure;
mod listing;
mod output;
mod table;

pub use address::{InvalidRegistryUrl, RegistryArg, RegistryUrl};
pub use commands::lint::{Lint, lint};
pub use commands::login::{Login, LoginMethod};
pub use commands::publish::Publish;
pub use commands::search::Search;
pub use commands::show::Show;
pub use env::Env;
pub use output::{Exit, Out};

/// A command against a registry; the program flattens these into its own.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// Sign in to a registry
    Login(Login),
    /// Forget the token that login stored
    Logout,
    /// Publish the server that a server.json describes
    Publish(Publish),
    /// Search a registry for servers
    Search(Search),
    /// Show one server: what it is, who vouches for it, how to run it
    Show(Show),
}

/// Does what was typed, and says how it went: data on stdout, everything else on stderr.
pub async fn run(command: Command, env: &Env, out: &mut Out<'_>) -> Exit {
    let done = match command {
        Command::Login(login) => login.run(env, out).await,
        Command::Logout => commands::logout::run(env, out),
        Command::Publish(publish) => publish.run(env, out).await,
        Command::Search(search) => search.run(env, out).await,
        Command::Show(show) => show.run(env, out).await,
    };
    match done {
        Ok(()) => Exit::Done,
        Err(failure) => out.fail(&failure),
    }
}
