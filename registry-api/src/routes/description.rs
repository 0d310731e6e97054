//! `/openapi.json` and its kin, `/schemas/{Name}.json` and `/docs`: the API described, for programs and for people.

use std::sync::Arc;

use axum::extract::{Path, Request};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use utoipa_swagger_ui::Config;

use crate::caching::unless_known;
use crate::forwarded::Base;
use crate::openapi::served;
use crate::pages::docs;
use crate::pages::view::Site;
use crate::problem::ApiError;
use crate::router::endpoint_not_found;

const JSON: &str = "application/openapi+json";
const YAML: &str = "application/openapi+yaml";

/// The description as JSON.
pub async fn get_json(base: Base, asked: HeaderMap) -> Response {
    unless_known(JSON, served::json(&base), &asked)
}

/// The description as YAML.
pub async fn get_yaml(base: Base, asked: HeaderMap) -> Response {
    unless_known(YAML, served::yaml(&base), &asked)
}

/// The description as OpenAPI 3.0 has it, as JSON.
pub async fn get_older_json(base: Base, asked: HeaderMap) -> Response {
    unless_known(JSON, served::older_json(&base), &asked)
}

/// The description as OpenAPI 3.0 has it, as YAML.
pub async fn get_older_yaml(base: Base, asked: HeaderMap) -> Response {
    unless_known(YAML, served::older_yaml(&base), &asked)
}

/// One of its schemas.
pub async fn get_schema(Path(file): Path<String>, request: Request) -> Response {
    match file.strip_suffix(".json").and_then(served::schema) {
        Some(schema) => unless_known("application/schema+json", schema.to_owned(), request.headers()),
        None => endpoint_not_found(&request),
    }
}

/// The page that shows the description and tries requests out.
pub async fn get_docs(site: Site) -> Result<Response, ApiError> {
    let page = docs::docs(&site).map_err(|error| ApiError::Internal(error.into()))?;
    Ok(Html(page).into_response())
}

/// A file of that page.
pub async fn get_docs_file(base: Base, Path(file): Path<String>, request: Request) -> Response {
    let config = Arc::new(Config::from(format!("{}/openapi.json", base.prefix())).use_base_layout());
    match utoipa_swagger_ui::serve(&file, config) {
        Ok(Some(file)) => {
            let encoding = file.gzpipped.then_some([(header::CONTENT_ENCODING, "gzip")]);
            let headers = [
                (header::CONTENT_TYPE, file.content_type),
                (header::CACHE_CONTROL, "public, max-age=86400".to_owned()),
            ];
            (headers, encoding, file.bytes.into_owned()).into_response()
        }
        _ => endpoint_not_found(&request),
    }
}
