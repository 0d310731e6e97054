//! What a registry asks of a publisher's document beyond what it says: that it can be kept (contract G1 and G6, and
//! Postgres).

use super::rules::Rule;
use super::rules::table::{G1, G6, G7};
use super::{PUBLISHER_PROVIDED, ServerJson, shape};
use crate::version::{InvalidServerVersion, ServerVersion};

/// How large the publisher's own block may be, in bytes.
const MAX_PUBLISHER_PROVIDED: usize = 4096;

/// Why a document that breaks no rule cannot be kept.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unkept {
    /// Postgres has no place for it.
    #[error("the document contains a NUL character; remove it")]
    Nul,
    /// The publisher's block is too large; so many bytes.
    #[error("_meta.{PUBLISHER_PROVIDED} extension exceeds 4KB limit ({0} bytes)")]
    Large(usize),
    /// No version.
    #[error("server name and version are required")]
    Missing,
    /// A version that cannot be kept.
    #[error("invalid version: {0}")]
    Version(InvalidServerVersion),
}

impl Unkept {
    /// The rule that is broken.
    pub fn rule(&self) -> &'static Rule {
        match self {
            Self::Nul => &G7,
            Self::Large(_) => &G1,
            Self::Missing | Self::Version(_) => &G6,
        }
    }
}

/// Refuses what cannot be kept.
pub fn check(server: &ServerJson) -> Result<(), Unkept> {
    if shape::holds_nul(server) {
        return Err(Unkept::Nul);
    }
    match server.version.parse::<ServerVersion>() {
        Ok(_) => {}
        Err(InvalidServerVersion::Empty) => return Err(Unkept::Missing),
        Err(invalid) => return Err(Unkept::Version(invalid)),
    }
    let provided = server.meta.as_ref().and_then(|meta| meta.get(PUBLISHER_PROVIDED));
    match provided.map_or(0, |value| value.to_string().len()) {
        bytes if bytes > MAX_PUBLISHER_PROVIDED => Err(Unkept::Large(bytes)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn with(block: &serde_json::Value) -> ServerJson {
        let meta = json!({ PUBLISHER_PROVIDED: block }).as_object().cloned();
        ServerJson { meta, version: "1".into(), ..ServerJson::default() }
    }

    #[test]
    fn the_publishers_block_has_a_limit() {
        let sized = |bytes: usize| with(&json!({ "x": "y".repeat(bytes - r#"{"x":""}"#.len()) }));
        assert_eq!(check(&sized(4096)), Ok(()));
        assert_eq!(check(&sized(4097)), Err(Unkept::Large(4097)));
    }

    #[test]
    fn nul_is_refused_wherever_it_stands() {
        assert_eq!(check(&with(&json!({ "a": "\0" }))), Err(Unkept::Nul));
        assert_eq!(check(&ServerJson { title: "a\0".into(), ..ServerJson::default() }), Err(Unkept::Nul));
    }
}
