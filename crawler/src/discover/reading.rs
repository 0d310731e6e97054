//! What a document means, by its shape: the part all formats share.

use registry_core::card::raw;
use registry_core::card::sniff::{Shape, sniff};
use serde_json::Value;
use url::Url;

use super::{
    DiscoveryError, Document, Entry, Found, FoundCard, How, a2a, ai_catalog, ard, client_config, linkset,
    list, protected_resource, server_card,
};

/// Reads a document whatever it is. Pages are for [`home_page`](super::home_page), robots.txt for [`agentmap`](super::agentmap).
pub fn read(document: &Document<'_>) -> Result<Vec<Found>, DiscoveryError> {
    let value = ard::unprefixed(raw::parse(document.body)?);
    if value.get("crawl") == Some(&Value::Bool(false)) {
        return Err(DiscoveryError::OptedOut);
    }
    let url = document.url;
    match sniff(&value) {
        Shape::Catalog => ai_catalog::entries(&value, url, "", 1),
        Shape::Linkset => Ok(linkset::read(&value, url)),
        Shape::ServerList | Shape::List => Ok(list::read(&value, url)),
        Shape::ClientConfig => Ok(client_config::read(&value)),
        Shape::A2a => Ok(a2a::read(&value, url)),
        Shape::Placeholder => Err(DiscoveryError::Placeholder),
        Shape::ErrorBody => Err(DiscoveryError::Absent("the answer is an error in JSON".to_owned())),
        Shape::JsonRpc => {
            Ok(vec![Found::Endpoint { url: url.clone(), pointer: String::new(), how: How::Answered }])
        }
        Shape::ProtectedResource => Ok(protected_resource::read(&value, url)),
        shape if !shape.is_card() => Ok(unknown(value, shape, url)),
        shape => {
            let others = list::named_by(&value, url);
            let mut found = card(value, shape, url, String::new(), None);
            found.extend(others);
            Ok(found)
        }
    }
}

/// Documents of no known shape in which somebody may have listed servers in a way of their own.
fn unknown(value: Value, shape: Shape, url: &Url) -> Vec<Found> {
    match ard::invented(&value, url) {
        Some(found) => found,
        None if shape == Shape::Unknown && list::is_list(&value) => list::read(&value, url),
        None => card(value, shape, url, String::new(), None),
    }
}

/// A card of one server, with the places where its endpoint may be if it names none; anything else is skipped.
pub(super) fn card(
    value: Value,
    shape: Shape,
    url: &Url,
    pointer: String,
    entry: Option<Entry>,
) -> Vec<Found> {
    if !shape.is_card() {
        return vec![Found::Skipped { pointer, reason: no_card(shape) }];
    }
    let implied = server_card::implied_endpoints(&value, shape, url);
    let endpoint = |url| Found::Endpoint { url, pointer: pointer.clone(), how: How::Implied };
    let mut found: Vec<Found> = implied.into_iter().map(endpoint).collect();
    found.insert(0, Found::Card(FoundCard { value, shape, pointer, entry }));
    found
}

/// Why a document of this shape is not read as a card, for its owner.
fn no_card(shape: Shape) -> String {
    match shape {
        Shape::Unknown => {
            "the document is not a description of a server that this registry knows; publish a Server Card"
                .to_owned()
        }
        Shape::Settings => {
            "the document is a schema of a server's settings (`settings-schema`), which describes no server; publish a Server Card".to_owned()
        }
        shape => format!(
            "a document of the kind `{shape}` is not read as a description of a server; publish a Server Card"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_text(text: &str) -> Result<Vec<Found>, DiscoveryError> {
        let url = Url::parse("https://acme.com/.well-known/mcp.json").expect("an address");
        read(&Document { url: &url, body: text.as_bytes(), content_type: None, links: &[] })
    }

    #[test]
    fn a_document_that_opts_out_is_not_read() {
        let opted_out =
            r#"{"mcp_version":"2025-06-18","name":"Tides","endpoint":"https://acme.com/mcp","crawl":false}"#;
        assert_eq!(read_text(opted_out), Err(DiscoveryError::OptedOut));
        assert!(read_text(&opted_out.replace("false", "true")).is_ok());
    }

    #[test]
    fn soft_misses_are_absence_and_mistakes_are_not() {
        for body in [
            "<html>",
            "",
            r#"{"error":"not found"}"#,
            r#"{"message":"Not found"}"#,
            r#"{"status":"planned"}"#,
        ] {
            assert!(read_text(body).expect_err("nothing").is_absence(), "{body}");
        }
        for body in ["// a comment\n{}", "{,}"] {
            assert!(!read_text(body).expect_err("a mistake").is_absence(), "{body}");
        }
    }

    #[test]
    fn a_live_endpoint_is_a_finding() {
        let found = read_text(r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600}}"#).expect("an answer");
        assert!(matches!(&found[..], [Found::Endpoint { url, .. }] if url.path() == "/.well-known/mcp.json"));
        let metadata =
            |resource: &str| json!({ "resource": resource, "authorization_servers": [] }).to_string();
        let own = read_text(&metadata("https://acme.com/mcp")).expect("metadata");
        assert!(matches!(&own[..], [Found::Endpoint { url, .. }] if url.path() == "/mcp"));
        let other = read_text(&metadata("https://other.org/mcp")).expect("metadata");
        assert!(matches!(&other[..], [Found::Skipped { .. }]));
    }

    #[test]
    fn other_kinds_are_skipped_by_name() {
        for (body, kind) in [
            (r#"{"linkset":[]}"#, "linkset"),
            (r#"{"type":"object","properties":{}}"#, "settings-schema"),
            (r#"{"name":"x","url":"https://acme.com","skills":[]}"#, "agent card"),
            (r#"{"hello":"world"}"#, "not a description"),
        ] {
            let found = read_text(body).expect("a document");
            assert!(
                matches!(&found[..], [Found::Skipped { reason, .. }] if reason.contains(kind)),
                "{found:?}"
            );
        }
    }

    #[test]
    fn lists_and_configurations_are_read_wherever_they_lie() {
        for body in [
            r#"{"servers":[{"name":"Tides","url":"https://acme.com/mcp"}]}"#,
            r#"[{"name":"Tides","url":"https://acme.com/mcp"}]"#,
            r#"{"mcpServers":{"tides":{"url":"https://acme.com/mcp"}}}"#,
        ] {
            let found = read_text(body).expect("a document");
            assert!(matches!(&found[..], [Found::Card(_)]), "{found:?}");
        }
        let follows = |body: &str| -> Vec<String> {
            let found = read_text(body).expect("a document").into_iter();
            let url = |found| match found {
                Found::Follow(follow) => Some(follow.url.to_string()),
                _ => None,
            };
            found.filter_map(url).collect()
        };
        for body in [
            r#"{"name":"Acme","resources":[{"type":"mcp","card":"/a.json"}]}"#,
            r#"{"version":"0.9","name":"Acme","mcpServers":["https://acme.com/a.json"]}"#,
            r#"["https://acme.com/a.json"]"#,
            r#"{"name":"x","serverInfo":{"name":"x"},"serverCards":"https://acme.com/a.json"}"#,
        ] {
            assert_eq!(follows(body), ["https://acme.com/a.json"], "{body}");
        }
    }
}
