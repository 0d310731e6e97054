//! OAuth metadata of a protected resource (RFC 9728): no description, but it names the endpoint it protects.

use registry_core::card::origin::Origin;
use serde_json::Value;
use url::Url;

use super::{Discovery, Found, How, Tier};

/// The path below which the metadata lies; the resource's own path follows.
const PATH: &str = "/.well-known/oauth-protected-resource";

/// The metadata of a host.
pub(super) struct ProtectedResource;

impl Discovery for ProtectedResource {
    fn id(&self) -> &'static str {
        "oauth-protected-resource"
    }

    fn precedence(&self) -> u8 {
        5
    }

    fn tier(&self) -> Tier {
        Tier::LongTail
    }

    fn accept(&self) -> &'static str {
        "application/json, */*;q=0.1"
    }

    fn max_bytes(&self) -> usize {
        64 * 1024
    }

    fn locations(&self, origin: &Origin) -> Vec<Url> {
        vec![origin.url(PATH)]
    }

    fn about(&self, guess: &Url) -> Vec<Url> {
        let path = guess.path().trim_end_matches('/');
        let mut places = vec![format!("{PATH}{path}"), PATH.to_owned()];
        places.dedup();
        places.iter().filter_map(|place| guess.join(place).ok()).collect()
    }
}

/// The endpoint that metadata names; only one on the same host is believed.
pub(super) fn read(metadata: &Value, document: &Url) -> Vec<Found> {
    let resource = metadata.get("resource").and_then(Value::as_str).and_then(|r| Url::parse(r.trim()).ok());
    let own = resource.filter(|r| r.scheme() == "https" && r.origin() == document.origin());
    let pointer = "/resource".to_owned();
    let skipped =
        |reason: &str| Found::Skipped { pointer: "/resource".to_owned(), reason: reason.to_owned() };
    vec![match own {
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            skipped("the protected resource carries a user name or password")
        }
        Some(url) if url.path() == "/" && !url.host_str().is_some_and(|host| host.starts_with("mcp.")) => {
            skipped("the metadata protects the whole host and names no endpoint on it")
        }
        Some(mut url) => {
            url.set_fragment(None);
            Found::Endpoint { url, pointer, how: How::Protected }
        }
        None => skipped("the protected resource is not on this host"),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_lies_by_the_path_and_at_the_root() {
        let about = |text: &str| -> Vec<String> {
            let guess = Url::parse(text).expect("an address");
            ProtectedResource.about(&guess).into_iter().map(String::from).collect()
        };
        assert_eq!(
            about("https://acme.com/api/mcp/"),
            [
                "https://acme.com/.well-known/oauth-protected-resource/api/mcp",
                "https://acme.com/.well-known/oauth-protected-resource",
            ]
        );
        assert_eq!(
            about("https://mcp.acme.com/"),
            ["https://mcp.acme.com/.well-known/oauth-protected-resource"]
        );
    }

    #[test]
    fn only_an_endpoint_on_the_same_host_is_believed() {
        let document =
            Url::parse("https://acme.com/.well-known/oauth-protected-resource").expect("an address");
        let names = |resource: Value| {
            let found = read(&json!({ "resource": resource, "authorization_servers": [] }), &document);
            matches!(&found[..], [Found::Endpoint { how: How::Protected, .. }])
        };
        assert!(names(json!("https://acme.com/mcp")));
        for other in [
            "https://acme.com",
            "https://other.org/mcp",
            "http://acme.com/mcp",
            "https://u:p@acme.com/mcp",
            "https://acme.com:8443/mcp",
            "",
        ] {
            assert!(!names(json!(other)), "{other}");
        }
        assert!(!names(json!(["https://acme.com/mcp"])));
    }
}
