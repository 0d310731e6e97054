//! Cursors (architecture section 7): opaque and URL-safe, carrying the position and the query they belong to.
//!
//! `c1.` and base64url of a small JSON document. The official registry's `name:version` is understood too, and any other text is the
//! position it spells: a cursor is never an error.

use serde::{Deserialize, Serialize};

use super::list::{Filter, Position, Rank};

const MARK: &str = "c1.";

#[derive(Serialize, Deserialize)]
struct Content {
    n: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    v: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    p: Option<Rank>,
    #[serde(flatten)]
    filter: Filter,
}

/// The cursor for the page after `position` of the list that `filter` makes.
pub fn write(position: &Position, filter: &Filter) -> String {
    let Position { name, version, rank } = position.clone();
    let content = Content { n: name, v: version, p: rank, filter: filter.clone() };
    let json = serde_json::to_vec(&content).unwrap_or_default();
    format!("{MARK}{}", base64url(&json))
}

/// Where a cursor points, and the query it carries.
pub fn read(text: &str) -> (Position, Filter) {
    let own =
        text.strip_prefix(MARK).and_then(unbase64url).and_then(|json| serde_json::from_slice(&json).ok());
    if let Some(Content { n, v, p, filter }) = own {
        return (Position { name: n, version: v, rank: p }, filter);
    }
    let position = match text.split_once(':') {
        Some((name, version)) => {
            Position { name: name.to_owned(), version: Some(version.to_owned()), rank: None }
        }
        None => Position { name: text.to_owned(), ..Position::default() },
    };
    (position, Filter::default())
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

fn unbase64url(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_position_and_query_in_url_safe_letters() {
        let rank = Rank { before: 3, neighbour: Some("com.example/mail".into()), next: None };
        let position =
            Position { name: "com.example/weather".into(), version: Some("1.0.0".into()), rank: Some(rank) };
        let filter =
            Filter { search: Some("où ?&".into()), version: Some("latest".into()), ..Filter::default() };
        let cursor = write(&position, &filter);
        assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)), "{cursor}");
        assert_eq!(read(&cursor), (position, filter));
    }

    #[test]
    fn understands_the_official_form_and_any_other_text() {
        let (position, _) = read("com.example/weather:1.0.0:x");
        assert_eq!(position.version.as_deref(), Some("1.0.0:x"));
        assert_eq!(read("com.example/weather").0.version, None);
        assert_eq!(read("c1.!!!").0, Position { name: "c1.!!!".into(), ..Position::default() });
    }
}
