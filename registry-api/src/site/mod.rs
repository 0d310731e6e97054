//! The website's addresses: each asks what its JSON twin asks, and answers with a page.

pub mod crawler;
pub mod home;
pub mod not_found;
pub mod search;
pub mod server;

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::caching::{knows, tag};
use crate::forwarded::Base;
use crate::pages::view::Site;
use crate::state::AppState;

/// What a page may load and do: its own files, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

impl FromRequestParts<AppState> for Site {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let base = Base::from_request_parts(parts, app).await?;
        Ok(Self::new(base.url(), base.prefix()))
    }
}

/// A finished page, or the page for a fault of ours.
fn page(html: Result<String, askama::Error>, status: StatusCode, asked: &HeaderMap) -> Response {
    let Ok(html) = html else {
        tracing::error!("A page could not be rendered");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let etag = tag(html.as_bytes());
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    if status == StatusCode::OK && knows(asked, &etag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)], headers).into_response();
    }
    (status, [(header::ETAG, etag)], headers, html).into_response()
}
