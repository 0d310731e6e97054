//! Title, description and version: what a document says, or what stands in for it.

use chrono::NaiveDate;
use serde_json::Value;

use crate::card::sniff::Shape;
use crate::card::text::{clean, first_sentence, shorten};
use crate::card::{name, secret, text};

/// How much of a description is kept among the facts.
const FULL: usize = 4000;

/// The first of these members that holds words.
fn first(card: &Value, pointers: &[&str], max: usize) -> Option<String> {
    let texts = pointers.iter().filter_map(|p| card.pointer(p)?.as_str());
    texts.map(|t| clean(t, max)).find(|t| !t.is_empty())
}

/// The name for people.
pub(super) fn title(card: &Value, shape: Shape) -> Option<String> {
    let members: &[&str] = match shape {
        Shape::V1 | Shape::Registry => &["/title"],
        Shape::Flat | Shape::Sep1960 => &["/display_name", "/displayName", "/title"],
        _ => &["/title", "/serverInfo/title", "/display_name", "/displayName"],
    };
    let from_name = || {
        let members: &[&str] = match shape {
            Shape::V1 | Shape::Registry => &[],
            Shape::Flat | Shape::Sep1960 => &["/name", "/server_name"],
            _ => &["/serverInfo/name", "/name"],
        };
        let name = first(card, members, 200).filter(|name| name::declared(name).is_none())?;
        let spoken = name.contains(' ') || name.chars().any(char::is_uppercase);
        (spoken || matches!(shape, Shape::Flat | Shape::Sep1960)).then_some(name)
    };
    first(card, members, 400).or_else(from_name).map(|title| shorten(&title, 100))
}

/// What the server does: in at most 100 characters, and in full where that is longer.
pub(super) struct Description {
    /// For the list; none where the document says nothing.
    pub(super) short: Option<String>,
    /// The whole text, where it was cut.
    pub(super) full: Option<String>,
}

/// What the document says of the server.
pub(super) fn description(card: &Value, shape: Shape) -> Description {
    let members: &[&str] = match shape {
        Shape::V1 | Shape::Registry => &["/description"],
        Shape::Flat | Shape::Sep1960 => &["/description", "/summary", "/tagline", "/description_for_human"],
        _ => &["/description", "/serverInfo/description"],
    };
    let said = first(card, members, FULL).or_else(|| {
        let instructions = card.get("instructions").filter(|_| shape != Shape::V1)?.as_str()?;
        Some(clean(first_sentence(instructions), FULL)).filter(|t| !t.is_empty())
    });
    match said {
        Some(full) if full.chars().count() > 100 => {
            Description { short: Some(text::shorten(&full, 100)), full: Some(full) }
        }
        short => Description { short, full: None },
    }
}

/// A sentence for a server that says nothing of itself.
pub(super) fn stand_in(title: Option<&str>, host: &str) -> String {
    let sentence = match title {
        Some(title) => format!("{title} – MCP server at {host}"),
        None => format!("MCP server at {host}"),
    };
    shorten(&sentence, 100)
}

/// The texts that may be the version, in the order of belief.
pub(super) fn versions(card: &Value, shape: Shape) -> Vec<String> {
    let members: &[&str] = match shape {
        Shape::V1 | Shape::Registry => &["/version"],
        Shape::Hybrid => &["/version", "/serverInfo/version"],
        Shape::Sep1649 => &["/serverInfo/version", "/version"],
        _ => &["/server_version", "/version", "/package/version", "/serverInfo/version"],
    };
    members.iter().filter_map(|m| card.pointer(m)).filter_map(version_text).collect()
}

fn version_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.len() <= 255 && !secret::holds_key(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The version of a server that has none: below every real one, and the same at every visit.
pub(super) fn version_of_day(first_seen: NaiveDate) -> String {
    format!("0.0.0-{}", first_seen.format("%Y%m%d"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn titles_are_words_for_people() {
        assert_eq!(title(&json!({ "serverInfo": { "name": "acme-weather" } }), Shape::Sep1649), None);
        assert_eq!(
            title(&json!({ "serverInfo": { "name": "Acme" } }), Shape::Sep1649).as_deref(),
            Some("Acme")
        );
        assert_eq!(title(&json!({ "name": "weather" }), Shape::Flat).as_deref(), Some("weather"));
        assert_eq!(title(&json!({ "name": "com.acme/weather" }), Shape::Flat), None);
        assert_eq!(title(&json!({ "title": " A\u{202E}  b\n" }), Shape::V1).as_deref(), Some("A b"));
    }

    #[test]
    fn long_descriptions_are_cut_and_kept() {
        let long = "word ".repeat(60);
        let said = description(&json!({ "description": long }), Shape::V1);
        let short = said.short.expect("said");
        assert!(short.chars().count() <= 100 && short.ends_with("word…"), "{short}");
        assert_eq!(said.full.as_deref(), Some(long.trim()));
        let said = description(&json!({ "instructions": "Ask me. Then wait." }), Shape::Sep1649);
        assert_eq!((said.short.as_deref(), said.full), (Some("Ask me."), None));
    }

    #[test]
    fn the_servers_version_is_not_the_documents() {
        let card = json!({ "version": "1.0", "serverInfo": { "version": "0.8.1" } });
        assert_eq!(versions(&card, Shape::Sep1649), ["0.8.1", "1.0"]);
        assert_eq!(versions(&card, Shape::Hybrid), ["1.0", "0.8.1"]);
        assert_eq!(versions(&json!({ "version": 2 }), Shape::Flat), ["2"]);
        let day = NaiveDate::from_ymd_opt(2026, 3, 9).expect("a day");
        assert_eq!(version_of_day(day), "0.0.0-20260309");
    }
}
