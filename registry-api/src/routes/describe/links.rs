//! `Link` headers of the website's pages (RFC 8288): where the registry describes itself.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::forwarded::Base;

/// Adds them to every page.
pub async fn add(request: Request, next: Next) -> Response {
    let prefix = request.extensions().get::<Base>().map(|base| base.prefix().to_owned()).unwrap_or_default();
    let mut response = next.run(request).await;
    let media = response.headers().get(header::CONTENT_TYPE);
    if media.is_some_and(|media| media.as_bytes().starts_with(b"text/html"))
        && let Ok(links) = HeaderValue::from_str(&links(&prefix))
    {
        response.headers_mut().append(header::LINK, links);
    }
    response
}

fn links(prefix: &str) -> String {
    format!(
        "<{prefix}/.well-known/ai-catalog.json>; rel=\"ai-catalog\"; type=\"application/ai-catalog+json\", \
         <{prefix}/.well-known/ard.json>; rel=\"ard\"; type=\"application/json\", \
         <{prefix}/openapi.json>; rel=\"service-desc\"; type=\"application/openapi+json\""
    )
}

/// The link from a server's page to its card.
pub(crate) fn to_card(prefix: &str, path: &str) -> Option<HeaderValue> {
    let link =
        format!("<{prefix}{path}>; rel=\"mcp-server-card\"; type=\"application/mcp-server-card+json\"");
    HeaderValue::from_str(&link).ok()
}
