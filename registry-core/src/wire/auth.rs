//! The token exchange (contract 4.1).

use serde::{Deserialize, Serialize};

/// A token of this registry.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = TokenResponse)]
pub struct Token {
    /// The JWT to send as `Authorization: Bearer …`.
    pub registry_token: String,
    /// When it expires, in seconds since 1970.
    pub expires_at: i64,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
