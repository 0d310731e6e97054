//! CORS on every answer (contract 1.3, architecture section 7): any origin, never credentials; OPTIONS is answered here.

use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What is allowed; also the answer to who does not say what it wants to do.
const METHODS: &str = "GET, OPTIONS, POST, PUT, PATCH, DELETE";
const HEADERS: &str = "Authorization, Content-Type, If-None-Match";
/// What a script may read of an answer.
const EXPOSED: &str = "Content-Type, Content-Length, ETag, Retry-After, Location, RateLimit, RateLimit-Policy, \
                       RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset";
/// How long a browser may keep a preflight's answer, in seconds.
const PREFLIGHT: &str = "86400";
const PREFLIGHT_VARY: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// Answers OPTIONS, and adds the headers to every other answer.
pub async fn answer(request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        return options(request.headers());
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    response
}

fn options(asked: &HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    set(headers, header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT);
    set(headers, header::VARY, PREFLIGHT_VARY);
    let method = asked.get(header::ACCESS_CONTROL_REQUEST_METHOD).filter(|method| is_allowed(method));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        method.cloned().unwrap_or(HeaderValue::from_static(METHODS)),
    );
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS).filter(|wanted| !wanted.is_empty());
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        wanted.cloned().unwrap_or(HeaderValue::from_static(HEADERS)),
    );
    response
}

fn is_allowed(method: &HeaderValue) -> bool {
    METHODS.split(", ").any(|allowed| method.as_bytes() == allowed.as_bytes())
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(method: Option<&'static str>) -> String {
        let mut asked = HeaderMap::new();
        if let Some(method) = method {
            asked.insert(header::ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static(method));
        }
        let answer = options(&asked);
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert!(!answer.headers().contains_key(header::CONTENT_LENGTH));
        answer.headers()[header::ACCESS_CONTROL_ALLOW_METHODS].to_str().expect("text").to_owned()
    }

    #[test]
    fn a_preflight_is_allowed_what_it_asks_for() {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            assert_eq!(allowed(Some(method)), method);
        }
        assert_eq!(allowed(Some("TRACE")), METHODS);
        assert_eq!(allowed(Some("get")), METHODS, "methods have one spelling");
        assert_eq!(allowed(None), METHODS);
    }
}
