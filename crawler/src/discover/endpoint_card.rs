//! The card an endpoint serves itself, at `<endpoint>/server-card`: the one place reserved for it.

use registry_core::card::origin::Origin;
use registry_core::server_json::Remote;
use serde_json::Value;
use url::Url;

use super::Discovery;

/// Cards beside endpoints.
pub(super) struct EndpointCard;

impl Discovery for EndpointCard {
    fn id(&self) -> &'static str {
        "endpoint-server-card"
    }

    fn precedence(&self) -> u8 {
        0
    }

    fn locations(&self, _origin: &Origin) -> Vec<Url> {
        Vec::new()
    }

    /// The suffix goes to the path; query and fragment go, and one trailing slash is not doubled. Only the first of the two is
    /// reserved for cards; the other is what static hosts can serve.
    fn beside(&self, endpoint: &Remote) -> Vec<Url> {
        let url = expand(endpoint).and_then(|text| Url::parse(&text).ok());
        let Some(mut url) = url.filter(|url| url.scheme() == "https" && url.domain().is_some()) else {
            return Vec::new();
        };
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().to_owned();
        let path = path.strip_suffix('/').unwrap_or(&path);
        let card = |suffix: &str| {
            let mut card = url.clone();
            card.set_path(&format!("{path}/{suffix}"));
            card
        };
        vec![card("server-card"), card("server-card.json")]
    }
}

/// The address with its variables at their defaults; none if one has no default.
fn expand(endpoint: &Remote) -> Option<String> {
    let mut parts = endpoint.url.split('{');
    let mut expanded = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        let variable = endpoint.variables.get(name)?;
        let value = ["value", "default"].iter().find_map(|m| variable.get(*m).and_then(Value::as_str))?;
        // A default that is more than one word could lead to another host.
        let is_word =
            !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
        expanded.push_str(is_word.then_some(value)?);
        expanded.push_str(rest);
    }
    Some(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn beside(url: &str, variables: Value) -> Option<String> {
        let variables = variables.as_object().cloned().unwrap_or_default();
        let endpoint =
            Remote { kind: "streamable-http".into(), url: url.into(), variables, ..Remote::default() };
        EndpointCard.beside(&endpoint).into_iter().next().map(String::from)
    }

    #[test]
    fn the_suffix_goes_to_the_path() {
        for endpoint in ["https://acme.com/mcp", "https://acme.com/mcp/", "https://acme.com/mcp?t=1#x"] {
            assert_eq!(
                beside(endpoint, Value::Null).as_deref(),
                Some("https://acme.com/mcp/server-card"),
                "{endpoint}"
            );
        }
        assert_eq!(beside("https://acme.com", Value::Null).as_deref(), Some("https://acme.com/server-card"));
        let endpoint = Remote { url: "https://acme.com/mcp".into(), ..Remote::default() };
        assert_eq!(EndpointCard.beside(&endpoint)[1].as_str(), "https://acme.com/mcp/server-card.json");
    }

    #[test]
    fn variables_take_their_defaults_or_there_is_no_card() {
        let region = |default: &str| json!({ "region": { "default": default } });
        let url = "https://{region}.acme.com/mcp";
        assert_eq!(beside(url, region("eu")).as_deref(), Some("https://eu.acme.com/mcp/server-card"));
        assert_eq!(beside(url, json!({ "region": {} })), None);
        assert_eq!(beside(url, Value::Null), None);
        assert_eq!(beside(url, region("evil.com/")), None);
        assert_eq!(beside("http://acme.com/mcp", Value::Null), None);
    }
}
