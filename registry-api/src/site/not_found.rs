//! What is not there: a page for people, a problem document for programs.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;

use super::page;
use crate::pages::not_found::not_found;
use crate::pages::view::Site;
use crate::router::endpoint_not_found;

/// Answers a request that no route wants.
pub async fn get_missing(site: Site, request: Request) -> Response {
    let path = request.uri().path();
    if is_person(request.method(), request.headers())
        && !path.starts_with("/v0/")
        && !path.starts_with("/v0.1/")
    {
        return page(not_found(&site, None), StatusCode::NOT_FOUND, request.headers());
    }
    endpoint_not_found(&request)
}

/// Whether a browser asks for a page: programs do not say that they take HTML.
pub(super) fn is_person(method: &Method, headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    method == Method::GET && accepts.is_some_and(|types| types.contains("text/html"))
}
