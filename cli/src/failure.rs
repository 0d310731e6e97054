//! Everything that a command can fail with: one sentence each, with what to do next.

use std::io;
use std::path::{Path, PathBuf};

use registry_core::outbound::PolicyError;

use crate::address::{InvalidRegistryUrl, RegistryUrl};
use crate::output::Exit;

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// No place for the token file.
    #[error("there is no home directory to keep the token in; set HOME")]
    NoHome,
    /// A token file that holds no token.
    #[error("`{}` holds no token; remove it with `cardinal logout`, then sign in again", .0.display())]
    TokenFile(PathBuf),
    /// A file that does not exist.
    #[error("`{}` does not exist; name the file to publish, as in `cardinal publish path/to/server.json`", .0.display())]
    NoFile(PathBuf),
    /// A file that cannot be read.
    #[error("`{}` cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that cannot be written or deleted.
    #[error("`{}` cannot be changed: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A document that need not be sent to know that it is refused.
    #[error("`{}` {what}", path.display())]
    Document {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// Nobody is signed in.
    #[error("nobody is signed in to {registry}; sign in first: {login}")]
    SignedOut {
        /// The registry meant.
        registry: RegistryUrl,
        /// What to type.
        login: String,
    },
    /// The token is another registry's.
    #[error("the stored token belongs to {stored}, not to {registry}; sign in there: {login}")]
    SignedInElsewhere {
        /// The registry that issued the token.
        stored: RegistryUrl,
        /// The registry meant.
        registry: RegistryUrl,
        /// What to type.
        login: String,
    },
    /// A text that is no server's name.
    #[error("`{name}` is no server's name: {reason}{}", did_you_mean(.near))]
    NoName {
        /// The text.
        name: String,
        /// Why it is none.
        reason: String,
        /// Names it may be meant for.
        near: Vec<String>,
    },
    /// No such server.
    #[error("{registry} has no server `{name}`{}", did_you_mean(.near))]
    NoServer {
        /// The registry asked.
        registry: RegistryUrl,
        /// The name asked for.
        name: String,
        /// Names it may be meant for.
        near: Vec<String>,
    },
    /// No such version of a server that exists.
    #[error("`{name}` has no version `{version}`; it has {}", .has.join(", "))]
    NoVersion {
        /// The server.
        name: String,
        /// The version asked for.
        version: String,
        /// Some of its versions, newest first.
        has: Vec<String>,
    },
    /// Nothing that could be checked.
    #[error("{0}")]
    NoTarget(String),
    /// An address that is no registry's.
    #[error(transparent)]
    Address(#[from] InvalidRegistryUrl),
    /// No HTTP client.
    #[error(transparent)]
    Client(#[from] PolicyError),
    /// No answer.
    #[error(
        "{registry} cannot be reached: {reason}; see whether it runs there, or name another registry with --registry"
    )]
    Unreachable {
        /// The registry asked.
        registry: RegistryUrl,
        /// What the system said.
        reason: String,
    },
    /// An answer that is not the API's.
    #[error("{url} {what}; is {registry} the address of a registry?")]
    NoRegistry {
        /// The registry asked.
        registry: RegistryUrl,
        /// The address that answered.
        url: String,
        /// What it answered instead.
        what: String,
    },
    /// A request that was turned into another one on its way.
    #[error("{registry} redirects to {to}, which loses what is sent; name that address with --registry")]
    Moved {
        /// The registry asked.
        registry: RegistryUrl,
        /// Where its answer came from.
        to: String,
    },
    /// The registry said no.
    #[error("{registry} {what}")]
    Refused {
        /// The registry asked.
        registry: RegistryUrl,
        /// What it refused, why, and what to do.
        what: String,
        /// Each single problem, with its place.
        details: Vec<String>,
    },
    /// Nobody listens to the output any more, or the disk is full.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl Failure {
    /// What the system said about reading a file.
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }

    /// Each single problem, a line each.
    pub(crate) fn details(&self) -> Vec<String> {
        match self {
            Self::Refused { details, .. } => details.clone(),
            _ => Vec::new(),
        }
    }

    /// The code to end with.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoName { .. } | Self::NoTarget(_) | Self::Address(_) => Exit::Usage,
            _ => Exit::Refused,
        }
    }

    /// Whether it is only that the reader of the output has gone away.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

fn did_you_mean(names: &[String]) -> String {
    match names {
        [] => "; search for it with `cardinal search`".to_owned(),
        [one] => format!("; did you mean `{one}`?"),
        some => format!("; did you mean one of `{}`?", some.join("`, `")),
    }
}
