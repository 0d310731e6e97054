//! `/openapi.json`, `/openapi.yaml` and `/docs`: the API described, for programs and for people.

use std::sync::{Arc, LazyLock};

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use utoipa_swagger_ui::Config;

use crate::openapi::{document, to_yaml};
use crate::pages::docs;
use crate::pages::view::Site;
use crate::problem::ApiError;
use crate::state::AppState;

/// The document as JSON; it is the same for every process of this version.
static JSON: LazyLock<String> = LazyLock::new(|| document().to_pretty_json().unwrap_or_default());
/// And as YAML.
static YAML: LazyLock<String> = LazyLock::new(|| to_yaml(&document()).unwrap_or_default());

/// The description as JSON.
pub async fn get_json() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/openapi+json")], JSON.as_str())
}

/// The description as YAML.
pub async fn get_yaml() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/openapi+yaml")], YAML.as_str())
}

/// The page that shows the description and tries requests out.
pub async fn get_docs(State(app): State<AppState>) -> Result<Response, ApiError> {
    let page = docs::docs(&Site::new(&app.config.public_url));
    let page = page.map_err(|error| ApiError::Internal(error.into()))?;
    Ok(Html(page).into_response())
}

/// A file of that page.
pub async fn get_docs_file(Path(file): Path<String>) -> Response {
    let config = Arc::new(Config::from("/openapi.json").use_base_layout());
    match utoipa_swagger_ui::serve(&file, config) {
        Ok(Some(file)) => {
            let encoding = file.gzpipped.then_some([(header::CONTENT_ENCODING, "gzip")]);
            let headers = [
                (header::CONTENT_TYPE, file.content_type),
                (header::CACHE_CONTROL, "public, max-age=86400".to_owned()),
            ];
            (headers, encoding, file.bytes.into_owned()).into_response()
        }
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
