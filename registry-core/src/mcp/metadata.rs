//! The metadata of a protected resource (RFC 9728), as a stranger's word about where to sign in (discovery 10.5).

use serde_json::Value;
use url::Url;

use super::answer::Answer;
use super::challenge;
use crate::card::{address, secret, site};

/// The largest metadata read.
pub const MAX_BYTES: usize = 64 * 1024;

/// The path below which metadata lies; the resource's own path follows.
const PATH: &str = "/.well-known/oauth-protected-resource";

/// How many authorization servers are kept.
const MAX_SERVERS: usize = 20;

/// Where metadata may lie if the server does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// By the endpoint's path.
    #[default]
    Path,
    /// At the root of its host.
    Root,
}

/// What metadata says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Whether it names the endpoint itself; otherwise only its origin.
    pub is_exact: bool,
    /// The hosts of its authorization servers, each once.
    pub authorization_servers: Vec<String>,
    /// The scopes there are.
    pub scopes: Vec<String>,
    /// Whether clients may name themselves by an address, where it says.
    pub client_id_metadata_document_supported: Option<bool>,
}

/// Why metadata is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unbelievable {
    /// It is no JSON object.
    #[error("the metadata of the resource is no JSON object")]
    NoObject,
    /// It names no resource, or another one.
    #[error("the metadata names another resource; let `resource` be the address of the endpoint")]
    OtherResource,
    /// It names no authorization server.
    #[error(
        "the metadata names no authorization server by an https address; fill in `authorization_servers`"
    )]
    NoServers,
}

/// The one address at which the metadata of an endpoint is looked for: where its challenge says if that may be believed, else where it
/// lies by rule.
pub fn location(endpoint: &Url, answer: &Answer, place: Place) -> Option<Url> {
    let stated = answer.challenges.iter().filter_map(|challenge| challenge.resource_metadata.as_deref());
    stated.filter_map(|text| may_be_asked(text, endpoint)).next().or_else(|| by_rule(endpoint, place))
}

/// A stated address: hostile until it is https, carries nothing and lies on the endpoint's own site.
fn may_be_asked(text: &str, endpoint: &Url) -> Option<Url> {
    let mut url = endpoint.join(text.trim()).ok()?;
    let hosts = (url.host_str()?, endpoint.host_str()?);
    let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    let is_near = site::same_site(hosts.0, hosts.1);
    if !is_plain || !is_near || url.as_str().len() > 2000 || secret::address_holds_key(&url) {
        return None;
    }
    url.set_fragment(None);
    Some(url)
}

/// Whether the address that in the end gave metadata may still speak for the endpoint: redirects may lead anywhere.
pub fn is_near(from: &Url, endpoint: &Url) -> bool {
    match (from.host_str(), endpoint.host_str()) {
        (Some(a), Some(b)) => site::same_site(a, b),
        _ => false,
    }
}

fn by_rule(endpoint: &Url, place: Place) -> Option<Url> {
    let path = match place {
        Place::Path => endpoint.path().trim_end_matches('/'),
        Place::Root => "",
    };
    let mut url = endpoint.join(&format!("{PATH}{path}")).ok()?;
    url.set_query(endpoint.query().filter(|_| place == Place::Path));
    Some(url)
}

impl Metadata {
    /// Reads a document about an endpoint.
    pub fn read(body: &[u8], endpoint: &Url) -> Result<Self, Unbelievable> {
        let Ok(Value::Object(document)) = serde_json::from_slice(body) else {
            return Err(Unbelievable::NoObject);
        };
        let resource = document.get("resource").and_then(Value::as_str).unwrap_or_default().trim();
        let key = address::key(resource).ok_or(Unbelievable::OtherResource)?;
        let is_exact = address::key(endpoint.as_str()).as_deref() == Some(key.as_str());
        let is_same_origin = Url::parse(resource).is_ok_and(|url| url.origin() == endpoint.origin());
        if !is_exact && !is_same_origin {
            return Err(Unbelievable::OtherResource);
        }
        let servers = strings(document.get("authorization_servers")).filter_map(host);
        let mut authorization_servers: Vec<String> = Vec::new();
        for server in servers {
            if authorization_servers.len() < MAX_SERVERS && !authorization_servers.contains(&server) {
                authorization_servers.push(server);
            }
        }
        if authorization_servers.is_empty() {
            return Err(Unbelievable::NoServers);
        }
        let cimd = document.get("client_id_metadata_document_supported").and_then(Value::as_bool);
        Ok(Self {
            is_exact,
            authorization_servers,
            scopes: challenge::scopes(strings(document.get("scopes_supported"))),
            client_id_metadata_document_supported: cimd,
        })
    }
}

fn strings(list: Option<&Value>) -> impl Iterator<Item = &str> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn host(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok()?;
    let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
    url.host_str().filter(|host| is_plain && host.len() <= 253).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use serde_json::json;

    fn endpoint() -> Url {
        Url::parse("https://mcp.acme.com/v1/mcp/").expect("an address")
    }

    fn answer(challenge: &str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("www-authenticate", challenge.parse().expect("a value"));
        Answer::read(401, &headers, b"", None, None)
    }

    #[test]
    fn a_stated_address_is_believed_on_the_same_site_only() {
        let at = |challenge: &str| {
            location(&endpoint(), &answer(challenge), Place::Path).expect("a place").to_string()
        };
        assert_eq!(at(r#"Bearer resource_metadata="https://auth.acme.com/m#x""#), "https://auth.acme.com/m");
        let rule = "https://mcp.acme.com/.well-known/oauth-protected-resource/v1/mcp";
        for hostile in [
            "Bearer",
            r#"Bearer resource_metadata="https://evil.example/m""#,
            r#"Bearer resource_metadata="http://mcp.acme.com/m""#,
            r#"Bearer resource_metadata="https://u:p@mcp.acme.com/m""#,
            r#"Bearer resource_metadata="https://mcp.acme.com/m?token=hunter22""#,
            r#"Bearer resource_metadata="https://169.254.169.254/m""#,
            r#"Bearer resource_metadata="file:///etc/passwd""#,
        ] {
            assert_eq!(at(hostile), rule, "{hostile}");
        }
        let root = location(&endpoint(), &answer("Bearer"), Place::Root).expect("a place");
        assert_eq!(root.as_str(), "https://mcp.acme.com/.well-known/oauth-protected-resource");
    }

    #[test]
    fn metadata_must_be_about_the_endpoint_and_name_a_server() {
        let read = |document: Value| Metadata::read(document.to_string().as_bytes(), &endpoint());
        let good = |resource: &str| {
            json!({ "resource": resource, "authorization_servers": ["https://id.acme.com/x", "https://id.acme.com/y"],
                    "scopes_supported": ["a", "b c", "a"], "client_id_metadata_document_supported": true })
        };
        let exact = read(good("https://MCP.acme.com/v1/mcp")).expect("it is believed");
        assert_eq!(
            (exact.is_exact, exact.authorization_servers, exact.scopes),
            (true, vec!["id.acme.com".to_owned()], vec!["a".to_owned()])
        );
        assert_eq!(exact.client_id_metadata_document_supported, Some(true));
        assert!(!read(good("https://mcp.acme.com")).expect("the same origin").is_exact);
        for other in ["https://acme.com/v1/mcp", "http://mcp.acme.com", "", "mcp"] {
            assert_eq!(read(good(other)), Err(Unbelievable::OtherResource), "{other}");
        }
        for servers in
            [json!([]), json!("https://id.acme.com"), json!(["http://id.acme.com", 7, "x"]), Value::Null]
        {
            let document =
                json!({ "resource": "https://mcp.acme.com/v1/mcp", "authorization_servers": servers });
            assert_eq!(read(document), Err(Unbelievable::NoServers));
        }
        assert_eq!(Metadata::read(b"<html>", &endpoint()), Err(Unbelievable::NoObject));
    }
}
