//! `health`, `ping`, `version` (contract 1.1): small answers for probes.

use axum::extract::State;
use serde::Serialize;

use crate::answer::Json;
use crate::config::Build;
use crate::problem::{ApiError, Problems};
use crate::state::AppState;

/// That the registry answers.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = HealthBody)]
pub struct Health {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    github_client_id: Option<String>,
}

/// An answer to a ping.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = PingBody)]
pub struct Ping {
    pong: bool,
}

/// Ask whether the registry is well.
#[utoipa::path(
    get, path = "/health", tag = "health", operation_id = "get-health",
    responses((status = 200, description = "It is", body = Health), Problems),
)]
pub async fn get_health(State(app): State<AppState>) -> Result<Json, ApiError> {
    Json::of(&Health { status: "ok", github_client_id: app.config.github_client_id.clone() })
}

/// Ask whether anybody answers.
#[utoipa::path(
    get, path = "/ping", tag = "ping", operation_id = "ping",
    responses((status = 200, description = "Somebody does", body = Ping), Problems),
)]
pub async fn ping() -> Result<Json, ApiError> {
    Json::of(&Ping { pong: true })
}

/// Ask which program answers.
#[utoipa::path(
    get, path = "/version", tag = "version", operation_id = "get-version",
    responses((status = 200, description = "This one", body = Build), Problems),
)]
pub async fn get_version(State(app): State<AppState>) -> Result<Json, ApiError> {
    Json::of(&app.config.build)
}
