//! Reading an answer's body: decoded here and not by the client, so that no stranger decides how much memory that takes.
//!
//! One coding is undone, never several in a row; what is taken is counted before and after decoding; a decoder's window is at
//! most 16 MiB (brotli, whose library would allow 1 GiB) or 8 MiB (zstd, RFC 9659).

use std::io;
use std::time::Duration;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use futures_util::TryStreamExt;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt};
use tokio_util::io::StreamReader;
use url::Url;

use super::error::FetchError;

/// What is understood, as the `Accept-Encoding` header says it.
pub(super) const ACCEPTED: &str = "gzip, br, zstd";

/// How much is read of an answer that is no document, such as an error page; the rest is cut off.
const MAX_ERROR_PAGE: usize = 64 * 1024;

/// The largest window of a zstd stream, as a power of two (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// How much larger than its content a stream may be: codings add a little to what cannot be compressed.
const OVERHEAD: u64 = 64 * 1024;

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

/// The body up to a limit; of anything but a document, the beginning.
pub(super) async fn read_body(response: Response, url: &Url, limits: Limit) -> Result<Vec<u8>, FetchError> {
    let is_document = response.status().is_success();
    let limit = if is_document { limits.max_bytes } else { limits.max_bytes.min(MAX_ERROR_PAGE) };
    let too_large = || FetchError::TooLarge { url: url.clone(), limit };
    let is_whole = is_document && !limits.is_cut;
    let coding = match Coding::of(response.headers()) {
        Ok(coding) => coding,
        // What is said on an error page hardly matters.
        Err(_) if !is_document => return Ok(Vec::new()),
        Err(reason) => return Err(FetchError::Protocol { url: url.clone(), reason }),
    };
    let announced = response.content_length().filter(|_| coding == Coding::None);
    if is_whole && announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let raw = StreamReader::new(response.bytes_stream().map_err(io::Error::other));
    let mut body = Vec::new();
    let taken = match take(raw, coding, limit, &mut body).await {
        Ok(taken) => taken,
        Err(_) if !is_document => Taken::All,
        Err(error) => return Err(failure(&error, url, limits.connect_timeout)),
    };
    match taken {
        Taken::Part if is_whole => Err(too_large()),
        _ => Ok(body),
    }
}

/// A body that is decoded as it comes.
pub(super) type Bytes = Box<dyn AsyncRead + Send + Unpin>;

/// The body decoded as it comes, never more of it than this.
pub(super) async fn stream(response: Response, url: &Url, max_bytes: usize) -> Result<Bytes, FetchError> {
    let broken = |reason: String| FetchError::Protocol { url: url.clone(), reason };
    let coding = Coding::of(response.headers()).map_err(broken)?;
    let most = max_bytes as u64;
    let raw = StreamReader::new(response.bytes_stream().map_err(io::Error::other));
    let mut raw = raw.take(most.saturating_add(OVERHEAD));
    Ok(match coding {
        Coding::None => Box::new(raw.take(most)),
        Coding::Gzip => Box::new(GzipDecoder::new(raw).take(most)),
        Coding::Brotli => {
            let first = raw.fill_buf().await.map_err(|error| broken(error.to_string()))?.first().copied();
            if first.is_some_and(is_large_window) {
                return Err(broken(LARGE_WINDOW.to_owned()));
            }
            Box::new(BrotliDecoder::new(raw).take(most))
        }
        Coding::Zstd => {
            let window = [DParameter::window_log_max(ZSTD_WINDOW_LOG)];
            Box::new(ZstdDecoder::with_params(raw, &window).take(most))
        }
    })
}

/// What is said of a brotli stream that is none of RFC 7932.
const LARGE_WINDOW: &str = "its brotli window is larger than the 16 MiB of RFC 7932";

/// Whether a brotli stream that begins so asks for a large window.
fn is_large_window(first: u8) -> bool {
    first & 0x7f == 0x11
}

/// How a body is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    None,
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// The one that is to be undone; a sentence where there are several, or one that nobody asked for.
    fn of(headers: &HeaderMap) -> Result<Self, String> {
        let values = headers.get_all(CONTENT_ENCODING).into_iter();
        let names = values.flat_map(|value| value.to_str().unwrap_or("?").split(','));
        let names: Vec<_> =
            names.map(str::trim).filter(|n| !n.is_empty() && !n.eq_ignore_ascii_case("identity")).collect();
        match names.as_slice() {
            [] => Ok(Self::None),
            [name] => Self::named(name)
                .ok_or_else(|| format!("its content coding is none of {ACCEPTED}; send it without one")),
            _ => Err("it is packed several times; pack it once".to_owned()),
        }
    }

    fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "br" => Some(Self::Brotli),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// How much was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    All,
    Part,
}

/// Decodes a stream into `body`; what was decoded before an error stays there.
async fn take(
    raw: impl AsyncBufRead + Unpin + Send,
    coding: Coding,
    limit: usize,
    body: &mut Vec<u8>,
) -> io::Result<Taken> {
    // A stream can go on without any content; this ends it.
    let mut raw = raw.take((limit as u64).saturating_add(OVERHEAD));
    let first = raw.fill_buf().await?.first().copied();
    let Some(first) = first else { return Ok(Taken::All) };
    if coding == Coding::Brotli && is_large_window(first) {
        return Err(io::Error::other(LARGE_WINDOW));
    }
    let taken = match coding {
        Coding::None => fill(&mut raw, limit, body).await,
        Coding::Gzip => fill(&mut GzipDecoder::new(&mut raw), limit, body).await,
        Coding::Brotli => fill(&mut BrotliDecoder::new(&mut raw), limit, body).await,
        Coding::Zstd => {
            let window = [DParameter::window_log_max(ZSTD_WINDOW_LOG)];
            fill(&mut ZstdDecoder::with_params(&mut raw, &window), limit, body).await
        }
    };
    match taken {
        Err(_) if raw.limit() == 0 => Ok(Taken::Part),
        taken => taken,
    }
}

async fn fill(
    from: &mut (impl AsyncRead + Unpin + Send),
    limit: usize,
    body: &mut Vec<u8>,
) -> io::Result<Taken> {
    let mut piece = vec![0; 16 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return Ok(Taken::All);
        }
        let room = limit - body.len();
        body.extend_from_slice(&piece[..length.min(room)]);
        if length > room {
            return Ok(Taken::Part);
        }
    }
}

fn failure(error: &io::Error, url: &Url, connect_timeout: Duration) -> FetchError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>()) {
        Some(broken) => FetchError::of(broken, url, connect_timeout),
        None => FetchError::Protocol { url: url.clone(), reason: format!("it cannot be decoded: {error}") },
    }
}

#[cfg(test)]
mod tests {
    use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZstdEncoder};
    use async_compression::zstd::CParameter;
    use async_compression::{Level, zstd};

    use super::*;

    async fn encoded(coding: Coding, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let read = match coding {
            Coding::None => return bytes.to_vec(),
            Coding::Gzip => GzipEncoder::with_quality(bytes, Level::Best).read_to_end(&mut out).await,
            Coding::Brotli => {
                BrotliEncoder::with_quality(bytes, Level::Precise(5)).read_to_end(&mut out).await
            }
            Coding::Zstd => ZstdEncoder::with_quality(bytes, Level::Precise(3)).read_to_end(&mut out).await,
        };
        read.expect("memory takes everything");
        out
    }

    async fn decoded(coding: Coding, bytes: &[u8], limit: usize) -> (Result<Taken, String>, usize) {
        let mut body = Vec::new();
        let taken = take(bytes, coding, limit, &mut body).await.map_err(|error| error.to_string());
        (taken, body.len())
    }

    const ALL: [Coding; 3] = [Coding::Gzip, Coding::Brotli, Coding::Zstd];

    #[tokio::test]
    async fn every_coding_is_undone() {
        let text: Vec<u8> =
            (0..50_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
        for coding in ALL {
            let mut body = Vec::new();
            let bytes = encoded(coding, &text).await;
            let taken = take(bytes.as_slice(), coding, text.len(), &mut body).await;
            assert_eq!(taken.expect("it is whole"), Taken::All, "{coding:?}");
            assert!(body == text, "{coding:?}");
            assert_eq!(decoded(coding, b"", 10).await, (Ok(Taken::All), 0), "{coding:?}: nothing is nothing");
        }
    }

    #[tokio::test]
    async fn a_bomb_ends_at_the_limit() {
        let bomb = vec![0; 64 * 1024 * 1024];
        for coding in ALL {
            let bytes = encoded(coding, &bomb).await;
            assert!(bytes.len() < 100_000, "{coding:?}: {}", bytes.len());
            assert_eq!(decoded(coding, &bytes, 1000).await, (Ok(Taken::Part), 1000), "{coding:?}");
        }
    }

    #[tokio::test]
    async fn what_is_cut_or_no_such_stream_is_an_error() {
        for coding in ALL {
            let bytes = encoded(coding, &[b'x'; 100_000]).await;
            let cut = &bytes[..bytes.len() / 2];
            assert!(decoded(coding, cut, 1_000_000).await.0.is_err(), "{coding:?}");
            assert!(decoded(coding, b"{\"name\": \"no such stream\"}", 1000).await.0.is_err(), "{coding:?}");
        }
    }

    #[tokio::test]
    async fn windows_have_a_limit() {
        let text = vec![7; 100_000];
        let mut out = Vec::new();
        let params = [CParameter::window_log(27), zstd::CParameter::content_size_flag(false)];
        let mut encoder = ZstdEncoder::with_quality_and_params(text.as_slice(), Level::Precise(19), &params);
        encoder.read_to_end(&mut out).await.expect("memory takes everything");
        let (taken, length) = decoded(Coding::Zstd, &out, 1_000_000).await;
        assert!(taken.is_err() && length == 0, "{taken:?}");
        let (taken, _) = decoded(Coding::Brotli, &[0x11, 0x1e, 0, 0], 1000).await;
        assert!(taken.expect_err("a large window").contains("16 MiB"));
    }

    #[tokio::test]
    async fn a_stream_without_content_ends_too() {
        let skippable = [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0].repeat(100_000);
        let (_, length) = decoded(Coding::Zstd, &skippable, 1000).await;
        assert_eq!(length, 0);
    }

    #[test]
    fn several_codings_and_unknown_ones_are_refused() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_ENCODING, value.parse().expect("a header"));
            }
            Coding::of(&headers)
        };
        assert_eq!(of(&[]), Ok(Coding::None));
        assert_eq!(of(&["identity", ""]), Ok(Coding::None));
        assert_eq!(of(&["GZIP"]), Ok(Coding::Gzip));
        assert_eq!(of(&["identity, br"]), Ok(Coding::Brotli));
        for several in [&["gzip, gzip"][..], &["br", "gzip"], &["gzip", "zstd, br"]] {
            assert!(of(several).expect_err("several").contains("pack it once"), "{several:?}");
        }
        assert!(of(&["deflate"]).expect_err("unknown").contains("none of"));
    }
}
