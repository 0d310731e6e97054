//! What happens to a request's path before it is routed (contract 1.2): NUL, trailing and double slashes, raw names.

use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use crate::forwarded::Base;

/// Cleans the path, or answers at once.
pub async fn clean(mut request: Request, next: Next) -> Response {
    let base = request.extensions().get::<Base>().map(Base::prefix).unwrap_or_default();
    let path = request.uri().path();
    if holds_nul(path) {
        return null_bytes("URL path contains null bytes");
    }
    if request.uri().query().is_some_and(|query| query.contains('\0') || query.contains("%00")) {
        return null_bytes("query parameters contain null bytes");
    }
    if let Some(target) = without_trailing_slash(path) {
        return moved(StatusCode::PERMANENT_REDIRECT, base, &target, request.uri());
    }
    if let Some(target) = collapsed(path) {
        return moved(StatusCode::TEMPORARY_REDIRECT, base, &target, request.uri());
    }
    if let Some(path) = with_encoded_name(request.method(), path) {
        *request.uri_mut() = replaced(&path, request.uri());
    }
    next.run(request).await
}

fn holds_nul(path: &str) -> bool {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    decoded.contains(&0) || decoded.windows(3).any(|three| three == b"%00")
}

fn null_bytes(what: &str) -> Response {
    let body = format!(r#"{{"title":"Bad Request","status":400,"detail":"Invalid request: {what}"}}"#);
    (StatusCode::BAD_REQUEST, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn without_trailing_slash(path: &str) -> Option<String> {
    path.strip_suffix('/').filter(|rest| !rest.is_empty()).map(str::to_owned)
}

fn collapsed(path: &str) -> Option<String> {
    let odd = |segment: &str| segment.is_empty() || segment == "." || segment == "..";
    let inside = path.strip_prefix('/')?;
    if inside.is_empty() || !inside.split('/').any(odd) {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in inside.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    Some(format!("/{}", kept.join("/")))
}

/// A redirect inside this site; a path that begins with two slashes would lead to another one, and cannot come here.
fn moved(status: StatusCode, base: &str, path: &str, uri: &Uri) -> Response {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    // A browser takes a backslash for a slash, and two of them lead to another site.
    let path = path.replace('\\', "%5C");
    let path = path.trim_start_matches('/');
    // A second slash may have kept the base from being seen: it is there already.
    let is_below = format!("/{path}").starts_with(&format!("{base}/"));
    // And a path above it is no path of this registry: it stays what it was.
    let is_above = base.starts_with(&format!("/{path}"));
    let base = if is_below || is_above { "" } else { base };
    (status, [(header::LOCATION, format!("{base}/{path}{query}"))]).into_response()
}

fn replaced(path: &str, uri: &Uri) -> Uri {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{path}{query}").parse().unwrap_or_else(|_| uri.clone())
}

/// `/v0.1/servers/a/b/versions` → `/v0.1/servers/a%2Fb/versions`: a name may come as several raw segments.
fn with_encoded_name(method: &Method, path: &str) -> Option<String> {
    let (prefix, rest) =
        ["/v0.1/servers/", "/v0/servers/"].iter().find_map(|p| Some((*p, path.strip_prefix(p)?)))?;
    let segments: Vec<&str> = rest.split('/').collect();
    let known = |end: usize| {
        let tail = &segments[end..];
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        (tail.is_empty() && is_read)
            || matches!(tail, ["status" | "versions"] | ["versions", _] | ["versions", _, "status"])
    };
    // A name has a slash, so a first segment without one is not all of it, if the rest can be read so: `/servers/a.b/status`.
    let has_slash = segments[0].contains('%');
    let two = (!has_slash && segments.len() > 1 && known(2)).then_some(2);
    // Else the longest tail that is a route belongs to the route, all before it to the name.
    let name_ends = two.or_else(|| (1..=segments.len()).find(|&end| known(end)))?;
    if name_ends == 1 {
        return None;
    }
    let (name, tail) = segments.split_at(name_ends);
    let mut path = format!("{prefix}{}", name.join("%2F"));
    for segment in tail {
        path.push('/');
        path.push_str(segment);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_name_becomes_one_segment() {
        let to = |path: &str| with_encoded_name(&Method::GET, path);
        assert_eq!(
            to("/v0.1/servers/a.b/c/versions/latest").as_deref(),
            Some("/v0.1/servers/a.b%2Fc/versions/latest")
        );
        assert_eq!(to("/v0/servers/a.b/c").as_deref(), Some("/v0/servers/a.b%2Fc"));
        assert_eq!(to("/v0/servers/a.b/c/d/versions").as_deref(), Some("/v0/servers/a.b%2Fc%2Fd/versions"));
        for (path, encoded) in [
            ("a.b/versions", "a.b%2Fversions"),
            ("a.b/status", "a.b%2Fstatus"),
            ("a.b/versions/versions", "a.b%2Fversions/versions"),
            ("a.b/versions/versions/latest", "a.b%2Fversions/versions/latest"),
        ] {
            assert_eq!(to(&format!("/v0/servers/{path}")), Some(format!("/v0/servers/{encoded}")));
        }
        assert_eq!(to("/v0/servers/a.b/versions/1.0.0"), None, "a name that cannot be is left to the route");
        assert_eq!(with_encoded_name(&Method::PATCH, "/v0/servers/a.b/status"), None);
        assert_eq!(to("/v0.1/servers/a.b%2Fc/versions/latest"), None);
        assert_eq!(to("/v0.1/servers/a.b/c/status").as_deref(), Some("/v0.1/servers/a.b%2Fc/status"));
        assert_eq!(to("/v0.1/servers"), None);
    }

    #[test]
    fn slashes_are_mended_and_percent_2f_is_kept() {
        assert_eq!(without_trailing_slash("/v0/servers/a%2Fb/").as_deref(), Some("/v0/servers/a%2Fb"));
        assert_eq!(without_trailing_slash("/"), None);
        assert_eq!(collapsed("/v0//servers/./x/../y").as_deref(), Some("/v0/servers/y"));
        assert_eq!(collapsed("/v0/servers"), None);
    }

    #[test]
    fn nul_is_found_however_it_is_written() {
        assert!(holds_nul("/a%00") && holds_nul("/a%2500") && !holds_nul("/a%252500"));
    }
}
