//! What is noted of every request: its count, its time, its line in the log.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
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
