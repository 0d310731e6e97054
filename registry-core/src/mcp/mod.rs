//! The Model Context Protocol as far as one asks whether a server lives (discovery section 10). Pure: no clock, no network.
//!
//! - [`request`]: what is asked, in both eras of the protocol, as bytes
//! - [`reach`]: whether a remote can be asked at all
//! - [`answer`]: what came back, read by its shape
//! - [`judge`], [`plan`]: what an answer means, and what to ask next: two questions at most
//! - [`challenge`], [`metadata`]: what a server says of how to sign in
//! - [`state`]: how what was found turns into a state with a reason and a date
//! - [`drift`]: where a description and the living server disagree
//! - [`tools`]: the tools a server has, each with a hash
//! - [`member`]: all of that as the listing tells it

pub mod answer;
pub mod challenge;
pub mod drift;
pub mod judge;
pub mod member;
pub mod metadata;
pub mod plan;
pub mod reach;
pub mod request;
pub mod state;
pub mod tools;

use serde::{Deserialize, Serialize};

use crate::card::text;

/// The version of the modern era that is asked for first.
pub const MODERN: &str = "2026-07-28";

/// The versions of the legacy era, newest first.
pub const LEGACY: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

/// The version that HTTP with server-sent events belongs to.
pub const HTTP_SSE: &str = "2024-11-05";

/// How many versions of one server are kept.
const MAX_VERSIONS: usize = 20;

/// The ages of the protocol, told apart by how one begins to talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Era {
    /// `server/discover`, without sessions.
    Modern,
    /// `initialize` by POST.
    Legacy,
    /// Server-sent events and a second address, deprecated.
    HttpSse,
}

impl Era {
    /// The era of a version, by its date.
    pub fn of(version: &str) -> Self {
        match version {
            v if v > LEGACY[0] => Self::Modern,
            v if v >= LEGACY[2] => Self::Legacy,
            _ => Self::HttpSse,
        }
    }

    /// The word in a listing.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Modern => "modern",
            Self::Legacy => "legacy",
            Self::HttpSse => "http-sse",
        }
    }

    /// The transport, in the registry's word.
    pub fn transport(self) -> &'static str {
        match self {
            Self::Modern | Self::Legacy => "streamable-http",
            Self::HttpSse => "sse",
        }
    }
}

/// Whether a text is the name of a protocol version, a date.
pub fn is_version(text: &str) -> bool {
    let is_at = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(is_at)
}

/// A text a stranger chose, on one line and not too long; none where nothing is left of it.
fn words(text: Option<&str>, max: usize) -> Option<String> {
    text.map(|text| text::clean(text, max)).filter(|text| !text.is_empty())
}

/// The versions in a list, each once, newest first; what is none is left out.
fn versions(list: Option<&serde_json::Value>) -> Vec<String> {
    let listed = list.and_then(serde_json::Value::as_array).into_iter().flatten();
    let mut versions: Vec<String> =
        listed.filter_map(|v| v.as_str()).filter(|v| is_version(v)).map(str::to_owned).collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.dedup();
    versions.truncate(MAX_VERSIONS);
    versions
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions_are_dates_and_belong_to_an_era() {
        assert_eq!(
            [MODERN, LEGACY[0], LEGACY[2], HTTP_SSE].map(Era::of),
            [Era::Modern, Era::Legacy, Era::Legacy, Era::HttpSse]
        );
        for none in ["", "2025-1-1", "2025-11-251", "draft", "2025/11/25", "２０２５-11-25"] {
            assert!(!is_version(none), "{none}");
        }
    }

    #[test]
    fn lists_of_versions_are_sorted_and_cleaned() {
        let list = json!(["2025-06-18", "latest", 7, "2026-07-28", "2025-06-18"]);
        assert_eq!(versions(Some(&list)), ["2026-07-28", "2025-06-18"]);
        assert_eq!(versions(Some(&json!("2025-06-18"))), [""; 0]);
    }
}
