//! `GET /metrics`: Prometheus text (contract 1.9).

use axum::http::header;
use axum::response::IntoResponse;

use crate::telemetry;

/// What was measured since the start.
pub async fn get_metrics() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], telemetry::render())
}
