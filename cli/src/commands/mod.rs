//! What people type, one command a file.

pub(crate) mod lint;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod publish;
pub(crate) mod search;
pub(crate) mod show;
