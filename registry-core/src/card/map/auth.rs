//! What authentication a card speaks of, in any of its many forms, and the headers that follows from it.

use serde_json::{Map, Value};

use super::inputs::{self, MANY, authorization, secret_header};
use crate::card::secret;
use crate::card::text::clean;
use crate::server_json::KeyValueInput;

/// Members that hold the block.
const BLOCKS: [&str; 5] = ["authentication", "auth", "security", "authorization", "securitySchemes"];

/// Members of a block that list schemes.
const LISTS: [&str; 5] = ["schemes", "methods", "types", "payment", "securitySchemes"];

/// What is said of authentication.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Auth {
    /// The headers it implies.
    pub(super) headers: Vec<KeyValueInput>,
    /// The schemes it names, folded: `bearer`, `oauth2`, `api-key`, …
    schemes: Vec<String>,
    /// Members of the query that hold a key: nothing a registry can express.
    query: Vec<String>,
    /// Whether it is needed, where that is said.
    required: Option<bool>,
}

/// What a scheme's name means.
enum Scheme {
    None,
    OAuth2,
    Payment,
    Bearer,
    Basic,
    ApiKey,
}

impl Scheme {
    fn of(name: &str) -> Option<Self> {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
        match letters.to_ascii_lowercase().as_str() {
            "none" | "false" | "public" | "anonymous" | "noauth" => Some(Self::None),
            "oauth" | "oauth2" | "oauth20" | "oauth21" | "oidc" | "openidconnect" => Some(Self::OAuth2),
            "x402" | "payment" | "l402" | "mpp" => Some(Self::Payment),
            "bearer" | "httpbearer" | "token" | "jwt" | "bearertoken" | "bearerauth" => Some(Self::Bearer),
            "basic" | "httpbasic" | "basicauth" => Some(Self::Basic),
            "apikey" | "header" | "apikeyheader" | "headerapikey" | "apikeyauth" => Some(Self::ApiKey),
            _ => None,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::OAuth2 => "oauth2",
            Self::Payment => "payment",
            Self::Bearer => "bearer",
            Self::Basic => "basic",
            Self::ApiKey => "api-key",
        }
    }
}

impl Auth {
    /// Reads what a card says of it, wherever that stands; none where it says nothing.
    pub(super) fn of(card: &Value) -> Option<Self> {
        card.as_object().and_then(Self::of_members)
    }

    /// The same of the members of a card or of one of its remotes.
    pub(super) fn of_members(card: &Map<String, Value>) -> Option<Self> {
        let block = BLOCKS.iter().find_map(|member| card.get(*member).filter(|block| !block.is_null()));
        let key = ["apiKey", "api_key"].iter().find_map(|member| card.get(*member));
        let headers = inputs::headers(card.get("headers"));
        if block.is_none() && key.is_none() && headers.is_empty() {
            return None;
        }
        let mut auth = Self::default();
        if let Some(block) = block {
            auth.required = block.get("required").and_then(Value::as_bool);
            let mut schemes = Vec::new();
            collect_schemes(block, &mut schemes, 0);
            for (scheme, at) in schemes.into_iter().take(MANY) {
                auth.add(scheme, at);
            }
        }
        // `{"apiKey": false}` and `""` say that there is none.
        if let Some(key) = key.filter(|key| !matches!(key, Value::Null | Value::Bool(false))) {
            auth.add("apiKey", key);
        }
        auth.settle();
        // What is declared is not second-guessed.
        if !headers.is_empty() {
            auth.headers = headers;
        }
        Some(auth)
    }

    fn add(&mut self, name: &str, block: &Value) {
        let Some(scheme) = Scheme::of(name) else { return self.note(&clean(name, 40)) };
        self.note(scheme.word());
        let header = match scheme {
            Scheme::None | Scheme::OAuth2 | Scheme::Payment => None,
            Scheme::Bearer => Some(authorization("Bearer", "token")),
            Scheme::Basic => Some(authorization("Basic", "credentials")),
            Scheme::ApiKey => self.key(block),
        };
        let is_new =
            |new: &KeyValueInput| !self.headers.iter().any(|h| h.name.eq_ignore_ascii_case(&new.name));
        if let Some(header) = header.filter(is_new) {
            self.headers.push(header);
        }
    }

    /// The header an API key goes into; none where it goes elsewhere or nobody says where.
    fn key(&mut self, block: &Value) -> Option<KeyValueInput> {
        let members = ["headerName", "header_name", "header", "name"];
        let name = block.as_str().filter(|text| is_header_like(text));
        let name = name.or_else(|| members.iter().find_map(|member| block.get(*member)?.as_str()))?;
        match block.get("in").and_then(Value::as_str) {
            None | Some("header") => secret_header(name, true),
            Some("query") => {
                let name = clean(name, 60);
                if inputs::is_token(&name) && !self.query.contains(&name) {
                    self.query.push(name);
                }
                None
            }
            Some(_) => None,
        }
    }

    fn note(&mut self, scheme: &str) {
        if !scheme.is_empty() && !self.schemes.iter().any(|s| s == scheme) {
            self.schemes.push(scheme.to_owned());
        }
    }

    /// A header is required unless the block says no, or another way in stands beside it.
    fn settle(&mut self) {
        let another = self.headers.len() > 1
            || !self.query.is_empty()
            || self.schemes.iter().any(|s| s == "none" || s == "oauth2");
        let required = self.required.unwrap_or(true) && !another;
        for header in &mut self.headers {
            header.input.is_required = required;
        }
    }

    /// The summary kept among the facts.
    pub(super) fn summary(&self) -> Value {
        let mut summary = Map::new();
        if let Some(required) = self.required {
            summary.insert("required".into(), required.into());
        }
        summary.insert("schemes".into(), self.schemes.clone().into());
        if !self.query.is_empty() {
            summary.insert("query".into(), self.query.clone().into());
        }
        Value::Object(summary)
    }
}

/// Whether a text names a header: an API key is sometimes written where its header's name belongs.
fn is_header_like(text: &str) -> bool {
    inputs::is_token(text) && secret::is_secret_name(text) && !text.bytes().any(|b| b.is_ascii_digit())
}

/// Every scheme named in the block, with the object that describes it.
fn collect_schemes<'a>(block: &'a Value, into: &mut Vec<(&'a str, &'a Value)>, depth: u8) {
    match block {
        Value::String(scheme) => into.push((scheme, &Value::Null)),
        Value::Array(list) if depth < 4 => {
            list.iter().take(MANY).for_each(|s| collect_schemes(s, into, depth + 1))
        }
        Value::Object(members) if depth < 4 => of_object(block, members, into, depth),
        _ => {}
    }
}

fn of_object<'a>(
    block: &'a Value,
    members: &'a Map<String, Value>,
    into: &mut Vec<(&'a str, &'a Value)>,
    depth: u8,
) {
    let kind = ["type", "scheme", "method", "mode"].iter().find_map(|m| members.get(*m)?.as_str());
    // OpenAPI's `{type: http, scheme: bearer}` names its scheme one member further on.
    let kind = kind.filter(|k| *k != "http").or_else(|| members.get("scheme").and_then(Value::as_str));
    into.extend(kind.map(|kind| (kind, block)));
    for list in LISTS.iter().filter_map(|member| members.get(*member)) {
        if list.is_array() || list.is_object() {
            collect_schemes(list, into, depth + 1);
        }
    }
    if kind.is_some() {
        return;
    }
    // `{"bearer": {…}, "apiKey": {"header": "X-Key"}, "oauth2": true}`
    for (name, value) in members {
        let holds = value.is_object() || value.is_array() || *value == Value::Bool(true);
        let described = value.get("type").is_some() || value.get("scheme").is_some();
        if described {
            collect_schemes(value, into, depth + 1);
        } else if holds && Scheme::of(name).is_some() {
            into.push((name, value));
        } else if let Some(header) =
            value.as_str().filter(|_| matches!(name.as_str(), "header" | "headerName"))
        {
            into.push(if header.eq_ignore_ascii_case("authorization") {
                ("bearer", block)
            } else {
                ("header", block)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Name, value and whether it is required.
    type Header = (String, String, bool);

    fn read(card: Value) -> (Vec<Header>, Vec<String>, Vec<String>) {
        let auth = Auth::of(&card).expect("a block");
        let header = |h: KeyValueInput| (h.name, h.input.value, h.input.is_required);
        (auth.headers.into_iter().map(header).collect(), auth.schemes, auth.query)
    }

    fn names(block: Value) -> (Vec<Header>, Vec<String>) {
        let (headers, schemes, _) = read(json!({ "authentication": block }));
        (headers, schemes)
    }

    fn header(name: &str, value: &str, required: bool) -> Vec<Header> {
        vec![(name.to_owned(), value.to_owned(), required)]
    }

    #[test]
    fn schemes_become_headers() {
        let bearer = |required| header("Authorization", "Bearer {token}", required);
        let key = |required| header("X-Key", "", required);
        for (block, expected) in [
            (json!("bearer"), bearer(true)),
            (json!(["bearer"]), bearer(true)),
            (json!({ "type": "bearer", "required": false }), bearer(false)),
            (json!({ "type": "http", "scheme": "bearer" }), bearer(true)),
            (json!({ "mode": "token" }), bearer(true)),
            (json!({ "bearer": {} }), bearer(true)),
            (json!({ "bearer": true, "oauth2": { "issuer": "https://acme.com" } }), bearer(false)),
            (json!({ "header": "Authorization" }), bearer(true)),
            (json!({ "bearerAuth": { "type": "http", "scheme": "bearer" } }), bearer(true)),
            (json!({ "schemes": { "bearer": {} } }), bearer(true)),
            (json!([{ "bearer": [] }]), bearer(true)),
            (json!("basic"), header("Authorization", "Basic {credentials}", true)),
            (json!({ "type": "apiKey", "in": "header", "name": "X-Key" }), key(true)),
            (json!({ "type": "api_key", "header": "X-Key" }), key(true)),
            (json!({ "type": "header", "headerName": "X-Key", "required": false }), key(false)),
            (json!({ "apiKey": { "header": "X-Key" } }), key(true)),
            (json!({ "header": "X-Key" }), key(true)),
        ] {
            assert_eq!(names(block.clone()).0, expected, "{block}");
        }
        let (headers, schemes) = names(json!({ "required": true, "schemes": ["bearer", "oauth2"] }));
        assert_eq!((headers, schemes), (bearer(false), vec!["bearer".into(), "oauth2".into()]));
    }

    #[test]
    fn what_needs_no_header_has_none_and_is_recorded() {
        for (block, scheme) in [
            (json!("none"), "none"),
            (json!(false), ""),
            (json!({ "required": false }), ""),
            (json!({}), ""),
            (json!("oauth2"), "oauth2"),
            (json!({ "type": "oidc" }), "oauth2"),
            (json!({ "type": "x402" }), "payment"),
            (json!({ "type": "l402" }), "payment"),
            (json!("apiKey"), "api-key"),
            (json!({ "type": "apiKey", "in": "cookie", "name": "sid" }), "api-key"),
            (json!({ "type": "apiKey", "in": "header", "name": "bad\r\nname" }), "api-key"),
            (json!({ "methods": ["environment-variables"] }), "environment-variables"),
        ] {
            let (headers, schemes) = names(block.clone());
            assert_eq!((headers, schemes.join(",").as_str()), (vec![], scheme), "{block}");
        }
    }

    #[test]
    fn keys_in_the_query_are_recorded() {
        let block = json!({ "type": "apiKey", "in": "query", "name": "api_key" });
        let (headers, _, query) = read(json!({ "auth": block }));
        assert_eq!((headers, query), (vec![], vec!["api_key".to_owned()]));
        let auth = Auth::of(&json!({ "auth": block })).expect("a block");
        assert_eq!(auth.summary(), json!({ "schemes": ["api-key"], "query": ["api_key"] }));
    }

    #[test]
    fn headers_and_keys_at_the_top_level_count_as_well() {
        let (headers, _, _) = read(json!({ "headers": { "X-Key": "abc" } }));
        assert_eq!(headers, header("X-Key", "", true));
        assert_eq!(read(json!({ "apiKey": { "header": "X-Key" } })).0, header("X-Key", "", true));
        assert_eq!(read(json!({ "api_key": "X-Api-Key" })).0, header("X-Api-Key", "", true));
        let leak = read(json!({ "apiKey": "9a8b7c6d5e4f3a2b" }));
        assert!(leak.0.is_empty() && leak.1 == ["api-key"], "a key is no header's name");
        assert_eq!(Auth::of(&json!({ "name": "x" })), None);
    }
}
