//! The website's own files, inside the program: style sheet, script, pictures.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::caching::knows;

/// Where the files are served.
const PREFIX: &str = "/static/";

/// How many hex digits of a file's hash stand in its address.
const TAG: usize = 16;

#[derive(RustEmbed)]
#[folder = "../web/static"]
struct Files;

/// The address of a file, with a tag of its bytes, so that it may be kept for ever.
pub fn href(file: &str) -> String {
    match Files::get(file) {
        Some(found) => format!("{PREFIX}{file}?v={}", &hash(&found)[..TAG]),
        None => format!("{PREFIX}{file}"),
    }
}

/// Answers `GET /static/{file}`.
pub async fn get_asset(uri: Uri, headers: HeaderMap) -> Response {
    let Some(file) = uri.path().strip_prefix(PREFIX).and_then(Files::get) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let hash = hash(&file);
    let etag = format!("\"{hash}\"");
    let tagged = uri.query().and_then(|query| query.strip_prefix("v=")) == Some(&hash[..TAG]);
    let common: [(HeaderName, String); 3] = [
        (
            header::CACHE_CONTROL,
            if tagged { "public, max-age=31536000, immutable" } else { "no-cache" }.to_owned(),
        ),
        (header::ETAG, etag.clone()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    if knows(&headers, &etag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = content_type(&file);
    (common, [(header::CONTENT_TYPE, kind)], Body::from(file.data.into_owned())).into_response()
}

fn hash(file: &EmbeddedFile) -> String {
    hex::encode(file.metadata.sha256_hash())
}

fn content_type(file: &EmbeddedFile) -> String {
    match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    async fn get(address: &str, etag: Option<&HeaderValue>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(etag) = etag {
            headers.insert(header::IF_NONE_MATCH, etag.clone());
        }
        get_asset(address.parse().expect("an address"), headers).await
    }

    #[tokio::test]
    async fn a_tagged_file_may_be_kept_for_ever() {
        let answer = get(&href("cardinal.css"), None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/css; charset=utf-8");
    }

    #[tokio::test]
    async fn a_file_under_a_stale_tag_is_asked_for_again() {
        let answer = get("/static/cardinal.js?v=0000000000000000", None).await;
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    }

    #[tokio::test]
    async fn who_holds_the_bytes_is_not_sent_them() {
        let first = get("/static/favicon.svg", None).await;
        assert_eq!(first.headers()[header::CONTENT_TYPE], "image/svg+xml");
        let again = get("/static/favicon.svg", first.headers().get(header::ETAG)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_served() {
        for address in ["/static/", "/static/none.css", "/static/../templates/layout.html"] {
            assert_eq!(get(address, None).await.status(), StatusCode::NOT_FOUND, "{address}");
        }
    }

    #[test]
    fn every_file_that_a_template_names_exists() {
        for file in ["cardinal.css", "cardinal.js", "favicon.svg"] {
            assert!(href(file).contains("?v="), "{file}");
        }
    }
}
