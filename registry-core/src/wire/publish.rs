//! Bodies of the status routes (contract 2.4).

use serde::{Deserialize, Serialize};

use super::servers::ServerResponse;
use crate::listing::Status;

/// The status that somebody asks for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatusUpdateRequest)]
pub struct StatusRequest {
    /// The status.
    pub status: Status,
    /// Why, in at most 500 characters; absent clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
}

/// All versions of a server after a change of status.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AllVersionsStatusResponse)]
pub struct AllVersionsStatus {
    /// How many versions were changed.
    pub updated_count: usize,
    /// They all, newest publication first.
    pub servers: Vec<ServerResponse>,
}
