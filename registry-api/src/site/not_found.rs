//! What is not there: a page for people, a problem document for programs.

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;

use super::{page, site};
use crate::pages::not_found::not_found;
use crate::router::endpoint_not_found;
use crate::state::AppState;

/// Answers a request that no route wants.
pub async fn get_missing(State(app): State<AppState>, request: Request) -> Response {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_person =
        request.method() == Method::GET && accepts.is_some_and(|types| types.contains("text/html"));
    let path = request.uri().path();
    if is_person && !path.starts_with("/v0/") && !path.starts_with("/v0.1/") {
        return page(not_found(&site(&app), None), StatusCode::NOT_FOUND, request.headers());
    }
    endpoint_not_found(&request)
}
