//! Who proved what: evidence items instead of a "verified" flag (architecture section 3).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// How far a claim to a namespace is proved, from the string in a document to a registry or a signature.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// 0: only the document says so.
    Claimed,
    /// 1: the document's host is in the namespace's registrable domain.
    SameSite,
    /// 2: the document's host may speak for the namespace.
    HostBound,
    /// 3: and every remote is inside that domain too, or serves the same card.
    EndpointBound,
    /// 4: the official registry or a verified signature says the same.
    Registry,
}

impl Level {
    /// The number people see.
    pub fn number(self) -> u8 {
        self as u8
    }
}

/// One thing that was proved: what, how, by whom, when, until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// What was proved, in a stable word: `namespace`, `endpoint`, `registry`, `signature`, `redirect`, `listed-by`, `endorsed-by`,
    /// `synced-from`.
    pub what: String,
    /// How, in a sentence for people.
    pub how: String,
    /// Who or what vouches: a host, an account, a registry.
    pub by: String,
    /// The document or page that shows it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// SHA-256 of the bytes that showed it, in hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when it may be relied on without looking again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime<Utc>>,
}
