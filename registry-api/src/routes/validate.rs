//! `POST /validate` (contract 1.8).

use registry_core::server_json::{ServerJson, validate};
use registry_core::wire::validate::ValidationResult;

use crate::answer::Json;
use crate::extract::Unsigned;
use crate::problem::{ApiError, Problems};

/// Check a document without publishing it.
#[utoipa::path(
    post, path = "/validate", tag = "validate", operation_id = "validate-server", request_body = ServerJson,
    responses((status = 200, description = "Whether it could be published, and what is wrong with it", body = ValidationResult), Problems),
)]
pub async fn validate_server(Unsigned(server): Unsigned<ServerJson>) -> Result<Json, ApiError> {
    Json::of(&validate::validate(&server))
}
