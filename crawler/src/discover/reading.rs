//! What a document means, by its shape: the part all formats share.

use registry_core::card::raw;
use registry_core::card::sniff::{Shape, sniff};
use serde_json::Value;
use url::Url;

use super::{DiscoveryError, Document, Entry, Found, FoundCard, ai_catalog, server_card};

/// Reads a document whatever it is.
pub(super) fn read(document: &Document<'_>) -> Result<Vec<Found>, DiscoveryError> {
    let value = raw::parse(document.body)?;
    if value.get("crawl") == Some(&Value::Bool(false)) {
        return Err(DiscoveryError::OptedOut);
    }
    match sniff(&value) {
        Shape::Catalog => ai_catalog::entries(&value, document.url, "", 1),
        Shape::Placeholder => Err(DiscoveryError::Placeholder),
        Shape::ErrorBody => Err(DiscoveryError::Absent("the answer is an error in JSON".to_owned())),
        Shape::JsonRpc => Ok(vec![Found::Endpoint { url: document.url.clone(), pointer: String::new() }]),
        Shape::ProtectedResource => Ok(protected_resource(&value, document.url)),
        shape => Ok(card(value, shape, document.url, String::new(), None)),
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
        let reason = match shape {
            Shape::Unknown => "the document is not a description of a server that this registry knows; publish a Server Card".to_owned(),
            shape => format!("a document of the kind `{shape}` is not read as a description of a server; publish a Server Card"),
        };
        return vec![Found::Skipped { pointer, reason }];
    }
    let implied = server_card::implied_endpoints(&value, shape, url);
    let endpoints = implied.into_iter().map(|url| Found::Endpoint { url, pointer: pointer.clone() });
    let mut found: Vec<Found> = endpoints.collect();
    found.insert(0, Found::Card(FoundCard { value, shape, pointer, entry }));
    found
}

/// RFC 9728 metadata names an endpoint; only one on the same host is believed.
fn protected_resource(value: &Value, document: &Url) -> Vec<Found> {
    let resource = value.get("resource").and_then(Value::as_str).and_then(|r| Url::parse(r).ok());
    let own = resource.filter(|r| r.scheme() == "https" && r.host_str() == document.host_str());
    let pointer = "/resource".to_owned();
    vec![match own {
        Some(url) => Found::Endpoint { url, pointer },
        None => Found::Skipped { pointer, reason: "the protected resource is not on this host".to_owned() },
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_text(text: &str) -> Result<Vec<Found>, DiscoveryError> {
        let url = Url::parse("https://acme.com/.well-known/mcp.json").expect("an address");
        read(&Document { url: &url, body: text.as_bytes(), content_type: None })
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
            (r#"{"mcpServers":{}}"#, "client-configuration"),
            (r#"{"servers":[]}"#, "server-list"),
            (r#"{"linkset":[]}"#, "linkset"),
            (r#"{"type":"object","properties":{}}"#, "settings-schema"),
        ] {
            let found = read_text(body).expect("a document");
            assert!(
                matches!(&found[..], [Found::Skipped { reason, .. }] if reason.contains(kind)),
                "{found:?}"
            );
        }
    }
}
