//! What happens to every request next to the routes: it is counted, timed and logged; HEAD is answered as GET is.

use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::forwarded::Client;
use crate::telemetry;

/// The template of the route that answered, as in `/v0/servers/{serverName}`.
#[derive(Clone)]
struct Route(MatchedPath);

/// Leaves word of the route on the answer, for [`measure`], which stands outside the router to see every answer.
pub async fn note_route(matched: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(matched) = matched {
        response.extensions_mut().insert(Route(matched));
    }
    response
}

/// Counts and times a request, and writes its line into the log.
pub async fn measure(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let client = request.extensions().get::<Client>().and_then(|client| client.0);
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    let route = response.extensions().get::<Route>().map(|route| route.0.as_str());
    telemetry::count(&method, route, &path, status, took);
    tracing::debug!(
        http.method = %method, http.path = %path, http.status = status, took_ms = took.as_secs_f64() * 1e3,
        client = client.map(tracing::field::display), "{method} {path} {status}"
    );
    response
}

/// Lets HEAD be answered as GET, encoding and length included. A wrong method is 404 (contract
/// 1.2), which says nothing of other methods.
pub async fn head_as_get(mut request: Request, next: Next) -> Response {
    let is_head = request.method() == Method::HEAD;
    if is_head {
        *request.method_mut() = Method::GET;
    }
    let mut response = next.run(request).await;
    response.headers_mut().remove(header::ALLOW);
    if is_head {
        *response.body_mut() = Body::empty();
    }
    response
}
