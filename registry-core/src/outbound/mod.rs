//! The only HTTP clients: [`Client`] for addresses that strangers choose, [`trusted()`] for those the operator or user names.
//!
//! The first reads public `https` addresses and nothing else: every name is checked where the connection is made, every
//! redirect again, and size and time are limited. What an operator adds for an intranet (and a test for
//! 127.0.0.1) is in the [`Policy`].

mod connect_to;
mod decode;
mod dns;
mod error;
mod exchange;
mod fetch;
mod guard;
mod once;
mod policy;
mod resolve;
mod trusted;

pub use connect_to::{ConnectTo, InvalidConnectTo};
pub use dns::{Dns, LookupError, Service};
pub use error::{FailureClass, FetchError, place};
pub use exchange::{Exchange, Exchanged};
pub use fetch::{Client, Fetched, Get, Hop, Trail};
pub use guard::refused_as;
pub use once::{Answer, Once, Trusted};
pub use policy::{Policy, PolicyError, ROBOTS_TOKEN};
pub use trusted::{reason, trusted, trusted_for_files};
