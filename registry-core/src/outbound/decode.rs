//! Bodies: decoded as they come, and never more of them kept than was asked for.
//!
//! A decoder is given limits of its own, since what it keeps is the stranger's choice otherwise: a zstd frame may ask for a window
//! of 8 MiB and no more (RFC 9659), and brotli's large windows are off.

use std::io;
use std::time::Duration;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use futures_util::TryStreamExt;
use reqwest::header::CONTENT_ENCODING;
use reqwest::{Response, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio_util::io::StreamReader;
use url::Url;

use super::error::FetchError;

/// What is understood, for `Accept-Encoding`.
pub(super) const ACCEPTED: &str = "gzip, br, zstd";

/// The largest window a zstd frame may ask for, as a power of two (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// How much is read of an answer that is no document, such as an error page; the rest is cut off.
const MAX_ERROR_PAGE: usize = 64 * 1024;

/// How much of a body is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// In bytes, after decoding.
    pub(super) max_bytes: usize,
    /// Whether a larger document is cut off there instead of refused.
    pub(super) is_cut: bool,
    /// For the sentence about a connection that broke off.
    pub(super) connect_timeout: Duration,
}

/// The body decoded as it comes, never more of it than this.
pub(super) fn stream(response: Response, url: &Url, max_bytes: usize) -> Result<Bytes, FetchError> {
    let coding = coding(&response, url)?;
    let bytes = StreamReader::new(response.bytes_stream().map_err(io::Error::other));
    Ok(Box::new(decoder(coding, bytes).take(max_bytes as u64)))
}

/// The body up to the limit; of anything but a document, the beginning.
pub(super) async fn read_body(response: Response, url: &Url, limit: Limit) -> Result<Vec<u8>, FetchError> {
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED || status == StatusCode::NO_CONTENT {
        return Ok(Vec::new());
    }
    let is_refused_when_larger = status.is_success() && !limit.is_cut;
    let most = if status.is_success() { limit.max_bytes } else { limit.max_bytes.min(MAX_ERROR_PAGE) };
    let coding = coding(&response, url)?;
    let too_large = || FetchError::TooLarge { url: url.clone(), limit: most };
    if is_refused_when_larger && response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let bytes = StreamReader::new(response.bytes_stream().map_err(io::Error::other));
    let mut body = Vec::new();
    // One byte more than is wanted tells whether there is more.
    let mut decoded = decoder(coding, bytes).take(most as u64 + 1);
    decoded.read_to_end(&mut body).await.map_err(|error| broken(&error, url, limit.connect_timeout))?;
    if body.len() > most {
        if is_refused_when_larger {
            return Err(too_large());
        }
        body.truncate(most);
    }
    Ok(body)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    None,
    Gzip,
    Brotli,
    Zstd,
}

/// How the body is packed; more than one packing around another is nothing but a trap.
fn coding(response: &Response, url: &Url) -> Result<Coding, FetchError> {
    let values = response.headers().get_all(CONTENT_ENCODING).into_iter();
    let codings: Vec<String> = values
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|coding| coding.trim().to_ascii_lowercase())
        .filter(|coding| !coding.is_empty() && coding != "identity")
        .collect();
    let unusable = |reason: String| FetchError::Protocol { url: url.clone(), reason };
    match codings.as_slice() {
        [] => Ok(Coding::None),
        [one] => match one.as_str() {
            "gzip" | "x-gzip" => Ok(Coding::Gzip),
            "br" => Ok(Coding::Brotli),
            "zstd" => Ok(Coding::Zstd),
            _ => Err(unusable("its `Content-Encoding` is none of gzip, br, zstd".to_owned())),
        },
        several => Err(unusable(format!("it is packed {} times; pack it once", several.len()))),
    }
}

pub(super) type Bytes = Box<dyn AsyncRead + Send + Unpin>;

fn decoder<R: AsyncRead + Send + Unpin + 'static>(coding: Coding, packed: R) -> Bytes {
    let packed = BufReader::new(packed);
    match coding {
        Coding::None => Box::new(packed),
        Coding::Gzip => Box::new(GzipDecoder::new(packed)),
        Coding::Brotli => Box::new(BrotliDecoder::new(packed)),
        Coding::Zstd => {
            Box::new(ZstdDecoder::with_params(packed, &[DParameter::window_log_max(ZSTD_WINDOW_LOG)]))
        }
    }
}

/// A connection that broke off, or bytes that are not what they are called.
fn broken(error: &io::Error, url: &Url, connect_timeout: Duration) -> FetchError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()) {
        Some(inner) => FetchError::of(inner, url, connect_timeout),
        None => FetchError::Protocol { url: url.clone(), reason: error.to_string() },
    }
}
