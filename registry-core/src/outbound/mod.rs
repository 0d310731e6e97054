//! The only HTTP client for addresses that strangers choose.
//!
//! It reads public `https` addresses and nothing else: every name is checked where the connection is made, every
//! redirect again, and size and time are limited. What an operator adds for an intranet (and a test for
//! 127.0.0.1) is in the [`Policy`].

mod connect_to;
mod error;
mod fetch;
mod guard;
mod policy;
mod resolve;

pub use connect_to::{ConnectTo, InvalidConnectTo};
pub use error::{FailureClass, FetchError};
pub use fetch::{Client, Fetched, Get};
pub use guard::refused_as;
pub use policy::{Policy, PolicyError};
