//! The way back: the Server Card v1 of a listing (discovery section 3), in which our own linter finds no error.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};

use super::sniff::V1_SCHEMA;
use super::{secret, text};
use crate::lint;
use crate::server_json::ServerJson;

/// The media type of a Server Card.
pub const MEDIA_TYPE: &str = "application/mcp-server-card+json";

/// How long a description or a title may be.
const WORDS: usize = 100;

/// What a card takes over as it is.
const OPTIONAL: [&str; 3] = ["websiteUrl", "repository", "icons"];

static VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{([A-Za-z_][A-Za-z0-9_.-]*)\}").expect("a pattern"));

/// Why a listing has no Server Card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unpublishable {
    /// Nowhere on the web, so a card would lead nowhere.
    #[error(
        "`{0}` has no remotes, and a Server Card says where a server runs; read its `server.json` instead"
    )]
    NoRemote(String),
    /// A word that cards cannot carry.
    #[error(
        "`{name}` has no Server Card because its `{member}` is not one that cards have; read its `server.json` instead"
    )]
    Member {
        /// Whose.
        name: String,
        /// Which.
        member: String,
    },
}

/// The card of a listing: what both documents know, without what only one's own machine could reach, without secrets.
pub fn card(server: &ServerJson) -> Result<Map<String, Value>, Unpublishable> {
    let no_remote = || Unpublishable::NoRemote(server.name.clone());
    if server.remotes.is_empty() {
        return Err(no_remote());
    }
    let mut card = members(server);
    loop {
        if card.get("remotes").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return Err(no_remote());
        }
        let errors = lint::card_errors(&card);
        if errors.is_empty() {
            return Ok(card);
        }
        remove(&mut card, &errors)
            .map_err(|member| Unpublishable::Member { name: server.name.clone(), member })?;
    }
}

fn members(server: &ServerJson) -> Map<String, Value> {
    let mut card = Map::new();
    card.insert("$schema".into(), V1_SCHEMA.into());
    card.insert("name".into(), server.name.clone().into());
    card.insert("version".into(), server.version.clone().into());
    card.insert("description".into(), description(server).into());
    let title = words(&server.title);
    if !title.is_empty() {
        card.insert("title".into(), title.into());
    }
    let whole = serde_json::to_value(server).unwrap_or_default();
    for member in OPTIONAL {
        if let Some(value) = whole.get(member) {
            card.insert(member.into(), value.clone());
        }
    }
    let mut remotes = whole.get("remotes").cloned().unwrap_or_default();
    remotes.as_array_mut().into_iter().flatten().for_each(mend_remote);
    card.insert("remotes".into(), remotes);
    card
}

fn description(server: &ServerJson) -> String {
    let leaf = server.name.rsplit('/').next().unwrap_or_default();
    [&server.description, &server.title, leaf]
        .into_iter()
        .map(words)
        .find(|t| !t.is_empty())
        .unwrap_or_default()
}

fn words(text: &str) -> String {
    text::shorten(&text::clean(text, WORDS + 1), WORDS)
}

/// Takes secrets out of a remote, and declares the variables of its address that nobody declares.
fn mend_remote(remote: &mut Value) {
    let Some(remote) = remote.as_object_mut() else { return };
    for header in remote.get_mut("headers").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = header.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        forget_secrets(&name, header);
        forget_secrets_of_variables(header.get_mut("variables"));
    }
    forget_secrets_of_variables(remote.get_mut("variables"));
    let url = remote.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let names: Vec<&str> =
        VARIABLE.captures_iter(&url).filter_map(|c| c.get(1)).map(|m| m.as_str()).collect();
    if names.is_empty() {
        return;
    }
    let variables = remote.entry("variables").or_insert_with(|| json!({}));
    for name in names {
        if let Some(variables) = variables.as_object_mut().filter(|known| !known.contains_key(name)) {
            variables.insert(name.to_owned(), json!({ "isRequired": true }));
        }
    }
}

fn forget_secrets_of_variables(variables: Option<&mut Value>) {
    for (name, input) in variables.and_then(Value::as_object_mut).into_iter().flatten() {
        forget_secrets(name, input);
    }
}

/// A secret that stands for itself is nobody's to publish again; what is left asks for it.
fn forget_secrets(name: &str, input: &mut Value) {
    let Some(input) = input.as_object_mut() else { return };
    let is_asked_for = input.get("isSecret") == Some(&Value::Bool(true)) || secret::is_secret_name(name);
    for member in ["value", "default"] {
        let text = input.get(member).and_then(Value::as_str).unwrap_or_default();
        if secret::looks_like_credential(text)
            || (is_asked_for && text.len() >= 8 && secret::is_literal(text))
        {
            input.remove(member);
            input.insert("isRequired".into(), true.into());
            input.insert("isSecret".into(), true.into());
        }
    }
}

/// Removes the optional members, the remotes and the icons that hold these places; fails with a member that cannot go.
fn remove(card: &mut Map<String, Value>, places: &[String]) -> Result<(), String> {
    for place in places {
        let member = place.split(['.', '[']).next().unwrap_or_default();
        if !matches!(member, "title" | "websiteUrl" | "repository" | "icons" | "remotes") {
            return Err(member.to_owned());
        }
        let rest = place[member.len()..].strip_prefix('[');
        let number: Option<usize> = rest.and_then(|rest| rest.split(']').next()?.parse().ok());
        let item = number.and_then(|number| card.get_mut(member)?.get_mut(number));
        match item {
            // It goes below, when all places are known: they are counted from the start.
            Some(item) => *item = Value::Null,
            None => _ = card.remove(member),
        }
    }
    for member in ["icons", "remotes"] {
        if let Some(items) = card.get_mut(member).and_then(Value::as_array_mut) {
            items.retain(|item| !item.is_null());
            if items.is_empty() {
                card.remove(member);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(document: Value) -> Result<Value, Unpublishable> {
        let server: ServerJson = serde_json::from_value(document).expect("a document");
        card(&server).map(Value::Object)
    }

    fn document(remotes: Value) -> Value {
        json!({ "name": "com.acme/tides", "version": "1.0.0", "description": "Tides", "remotes": remotes })
    }

    fn errors(card: &Value) -> usize {
        let checked = lint::document::check(card.to_string().as_bytes());
        assert_eq!(checked.shape, Some(crate::card::sniff::Shape::V1));
        checked.findings.iter().filter(|finding| finding.rule.severity == lint::Severity::Error).count()
    }

    #[test]
    fn a_listing_with_everything_becomes_a_card_without_errors() {
        let mut full = document(json!([{
            "type": "streamable-http", "url": "https://{tenant}.acme.com/mcp",
            "headers": [{ "name": "Authorization", "value": "Bearer {token}", "isSecret": true,
                "variables": { "token": { "isSecret": true, "isRequired": true } } }],
        }, { "type": "sse", "url": "http://localhost:8080/sse" }]));
        full["title"] = "T".repeat(120).into();
        full["description"] = "word ".repeat(40).into();
        full["websiteUrl"] = "no address".into();
        full["repository"] = json!({ "url": "https://github.com/acme/tides", "source": "github", "id": "1" });
        full["icons"] =
            json!([{ "src": "file:///etc/passwd" }, { "src": "https://acme.com/i.png", "sizes": ["48x48"] }]);
        full["packages"] =
            json!([{ "registryType": "npm", "identifier": "tides", "transport": { "type": "stdio" } }]);
        full["_meta"] = json!({ "io.modelcontextprotocol.registry/publisher-provided": { "x": 1 } });
        let card = of(full).expect("a card");
        assert_eq!(errors(&card), 0, "{card:#}");
        let length = |member: &str| card[member].as_str().map(|text| text.chars().count());
        assert_eq!((length("title"), length("description").is_some_and(|l| l <= 100)), (Some(100), true));
        assert_eq!(card["remotes"].as_array().map(Vec::len), Some(1), "nobody else reaches localhost");
        assert_eq!(card["remotes"][0]["variables"]["tenant"]["isRequired"], true);
        assert_eq!(card["icons"], json!([{ "src": "https://acme.com/i.png", "sizes": ["48x48"] }]));
        assert_eq!(card["repository"]["id"], "1");
        for member in ["packages", "_meta", "websiteUrl"] {
            assert_eq!(card.get(member), None, "{member}");
        }
    }

    #[test]
    fn secrets_are_not_published_again() {
        let key = "sk-proj-abcDEF0123456789abcDEF0123456789";
        let card = of(document(json!([{
            "type": "streamable-http", "url": "https://acme.com/mcp",
            "headers": [{ "name": "X-Key", "value": key }, { "name": "X-Api-Key", "default": "hunter2hunter2" }],
        }, { "type": "sse", "url": format!("https://acme.com/sse?api_key={key}") }])));
        let card = card.expect("a card");
        assert!(!card.to_string().contains(key) && !card.to_string().contains("hunter2"), "{card:#}");
        assert_eq!(errors(&card), 0);
        assert_eq!(
            card["remotes"][0]["headers"][0],
            json!({ "name": "X-Key", "isRequired": true, "isSecret": true })
        );
    }

    #[test]
    fn what_cannot_be_a_card_says_why() {
        let none = of(json!({ "name": "com.acme/tides", "version": "1.0.0" })).expect_err("no remotes");
        assert!(none.to_string().starts_with("`com.acme/tides` has no remotes"), "{none}");
        let local = of(document(json!([{ "type": "sse", "url": "http://127.0.0.1/sse" }])));
        assert_eq!(local, Err(Unpublishable::NoRemote("com.acme/tides".into())));
        let mut odd = document(json!([{ "type": "sse", "url": "https://acme.com/sse" }]));
        odd["name"] = "com.acme/a/b".into();
        assert!(matches!(of(odd), Err(Unpublishable::Member { member, .. }) if member == "name"));
    }
}
