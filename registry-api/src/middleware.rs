//! What happens to every request on its way in and out.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowHeaders, AllowMethods, Any, CorsLayer};

use crate::telemetry;

/// How long a browser may keep a preflight's answer.
const PREFLIGHT: Duration = Duration::from_secs(86_400);

/// CORS headers on every answer (architecture section 7): any origin, never credentials.
pub fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods(AllowMethods::list([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::OPTIONS,
        ]))
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::CONTENT_TYPE, header::CONTENT_LENGTH, header::ETAG])
        .max_age(PREFLIGHT)
}

/// An answer to OPTIONS has no body, and says so.
pub async fn no_content_for_options(request: Request, next: Next) -> Response {
    let is_options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if is_options && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NO_CONTENT;
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

/// Counts and times a request, and writes its line into the log.
pub async fn measure(matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = matched.as_ref().map_or("unmatched", MatchedPath::as_str).to_owned();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    telemetry::count(method.as_str(), &route, status, took);
    tracing::debug!(
        http.method = %method, http.path = %path, http.status = status, took_ms = took.as_secs_f64() * 1e3,
        "{method} {path} {status}"
    );
    response
}
