//! What may be kept, by whom and for how long.
//!
//! Public reads may be kept for a minute by anybody (clients.md section 5). Who sends a token may have just published:
//! what is answered to them is theirs alone and is asked for again each time, so that they read their own writes even
//! behind a cache. What says nothing about caching (tokens, refusals, redirects, probes) may not be kept at all.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use registry_core::digest::Digest;

/// For everybody's reads.
const SHARED: &str = "public, max-age=60";
/// For descriptions, which readers keep as long (discovery section 3).
const KEPT: &str = "public, max-age=3600";
/// For the reads of somebody with a token.
const OWN: &str = "private, no-cache";
/// For all the rest.
const NEVER: &str = "no-store";

/// The answer with its `ETag`, or 304 for somebody who holds these bytes already.
pub fn unless_known(content_type: &'static str, body: String, asked: &HeaderMap) -> Response {
    answer(content_type, body, asked, SHARED)
}

/// The same for a document that may be kept for an hour.
pub fn kept_unless_known(content_type: &'static str, body: String, asked: &HeaderMap) -> Response {
    answer(content_type, body, asked, KEPT)
}

fn answer(content_type: &'static str, body: String, asked: &HeaderMap, shared: &'static str) -> Response {
    let etag = tag(body.as_bytes());
    let control = if asked.contains_key(header::AUTHORIZATION) { OWN } else { shared };
    // 304 has the headers that 200 would have had (RFC 9110 15.4.5).
    let headers = [
        (header::ETAG, etag.clone()),
        (header::CACHE_CONTROL, control.to_owned()),
        (header::VARY, "Authorization, Accept-Encoding".to_owned()),
    ];
    if knows(asked, &etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

/// The `ETag` of some bytes: a hash, so that every process gives the same one.
pub fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", &Digest::of(bytes).to_string()[..32])
}

/// Whether the asker says it holds the bytes of this `ETag` (RFC 9110 13.1.2: the weak comparison).
pub fn knows(asked: &HeaderMap, etag: &str) -> bool {
    let tags = asked.get_all(header::IF_NONE_MATCH).into_iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|list| list.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == etag)
}

/// The codings that an asker takes: who takes none at all gets the bytes as they are (RFC 9110 12.5.3), and what is encoded has
/// an `ETag` that does not claim to be of the bytes sent (8.8.3.3).
pub async fn encode(mut request: Request, next: Next) -> Response {
    if forbids_all(request.headers()) {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(weak) = headers.get(header::ETAG).and_then(weak)
    {
        headers.insert(header::ETAG, weak);
    }
    response
}

fn forbids_all(headers: &HeaderMap) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let is_nothing =
            weight.and_then(|weight| weight.trim().parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        is_nothing && (coding == "*" || coding.eq_ignore_ascii_case("identity"))
    })
}

fn weak(etag: &HeaderValue) -> Option<HeaderValue> {
    let text = etag.to_str().ok().filter(|text| !text.starts_with("W/"))?;
    HeaderValue::from_str(&format!("W/{text}")).ok()
}

/// Forbids keeping what says nothing about it: a cache may otherwise keep a 404 or a 308 for as long as it likes.
pub async fn forbid_by_default(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static(NEVER));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(body: &str, asked: &HeaderMap) -> Response {
        unless_known("application/json", body.to_owned(), asked)
    }

    #[test]
    fn who_holds_the_bytes_is_told_so() {
        let mut asked = HeaderMap::new();
        let first = get("{}", &asked);
        let etag = first.headers()[header::ETAG].clone();
        assert_eq!(first.status(), StatusCode::OK);
        let known = format!("\"x\", W/{}", etag.to_str().expect("text"));
        asked.insert(header::IF_NONE_MATCH, known.parse().expect("a header"));
        let again = get("{}", &asked);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::ETAG], etag);
        assert_eq!(again.headers()[header::CACHE_CONTROL], SHARED);
        assert_eq!(get("[]", &asked).status(), StatusCode::OK);
    }

    #[test]
    fn who_takes_no_coding_at_all_is_not_refused() {
        let forbids = |text: &'static str| {
            forbids_all(&[(header::ACCEPT_ENCODING, HeaderValue::from_static(text))].into_iter().collect())
        };
        for text in ["*;q=0", "gzip, identity; q=0.0", "br;q=1,*; Q=0.000"] {
            assert!(forbids(text), "{text}");
        }
        for text in ["gzip", "*", "gzip;q=0", "identity;q=0.5, *;q=0.1", ""] {
            assert!(!forbids(text), "{text}");
        }
    }

    #[test]
    fn who_may_have_just_written_asks_again() {
        let asked = [(header::AUTHORIZATION, HeaderValue::from_static("Bearer x"))].into_iter().collect();
        assert_eq!(get("{}", &asked).headers()[header::CACHE_CONTROL], OWN);
    }
}
