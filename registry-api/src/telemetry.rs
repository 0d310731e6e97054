//! What is measured (contract 1.9), in Prometheus' text format.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::Method;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Bounds of the request times, in seconds.
const BOUNDS: [f64; 10] = [0.005, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 50.0];

const REQUESTS: &str = "mcp_registry_http_requests_total";
const ERRORS: &str = "mcp_registry_http_errors_total";
const DURATION: &str = "mcp_registry_http_request_duration";
const TARGET: &str = "target_info";
const UP: &str = "mcp_registry_service_up";

/// Times are kept one by one until they are added up; where nobody scrapes, that must happen all the same.
const UPKEEP_EVERY: u64 = 4096;

static COUNTED: AtomicU64 = AtomicU64::new(1);
static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The process's recorder, installed at the first call; none when something else records already.
fn handle() -> Option<&'static PrometheusHandle> {
    HANDLE.get_or_init(install).as_ref()
}

fn install() -> Option<PrometheusHandle> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &BOUNDS)
        .ok()?
        .build_recorder();
    let handle = recorder.handle();
    metrics::set_global_recorder(recorder).ok()?;
    metrics::gauge!(UP).set(1.0);
    Some(handle)
}

/// Names the installation, as exporters of OpenTelemetry do.
pub fn name_version(version: &str) {
    if handle().is_some() {
        let labels = [("service_name", "mcp-registry".to_owned()), ("service_version", version.to_owned())];
        metrics::gauge!(TARGET, &labels).set(1.0);
    }
}

/// Counts one request; probes are not counted. `route` is the template of the route that answered.
pub fn count(method: &Method, route: Option<&str>, path: &str, status: u16, took: Duration) {
    let last = route.unwrap_or(path).rsplit('/').next().unwrap_or_default();
    let Some(handle) = handle().filter(|_| !matches!(last, "health" | "metrics" | "ping" | "docs")) else {
        return;
    };
    let labels = [
        ("method", known(method).to_owned()),
        ("path", route.unwrap_or("unmatched").to_owned()),
        ("status_code", status.to_string()),
    ];
    metrics::counter!(REQUESTS, &labels).increment(1);
    if status >= 400 {
        metrics::counter!(ERRORS, &labels).increment(1);
    }
    metrics::histogram!(DURATION, &labels).record(took.as_secs_f64());
    if COUNTED.fetch_add(1, Ordering::Relaxed).is_multiple_of(UPKEEP_EVERY) {
        handle.run_upkeep();
    }
}

/// A label has few values, and a method may be any word.
fn known(method: &Method) -> &str {
    match method.as_str() {
        name @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => name,
        _ => "other",
    }
}

/// All that was measured, as text.
pub fn render() -> String {
    handle().map(PrometheusHandle::render).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_probes_are_not() {
        let count = |method: &Method, path: &str, status| {
            super::count(method, Some(path), path, status, Duration::from_millis(3));
        };
        count(&Method::GET, "/v0/servers", 200);
        count(&Method::GET, "/v0/servers", 422);
        count(&Method::GET, "/v0/ping", 200);
        super::count(&"BREW".parse().expect("a method"), None, "/x", 404, Duration::ZERO);
        super::count(&Method::GET, None, "/health", 404, Duration::ZERO);
        let text = render();
        let line = r#"mcp_registry_http_requests_total{method="GET",path="/v0/servers",status_code="200"} 1"#;
        assert!(text.contains(line), "{text}");
        assert!(text.contains("mcp_registry_http_errors_total") && text.contains(r#"le="0.005""#));
        assert!(text.contains(r#"{method="other",path="unmatched",status_code="404"}"#), "{text}");
        assert!(!text.contains(r#"{method="GET",path="unmatched""#), "{text}");
        assert!(text.contains("mcp_registry_service_up 1") && !text.contains("/v0/ping"));
    }
}
