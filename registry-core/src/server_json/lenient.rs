//! Documents that an upstream registry has already accepted.
//!
//! Only a usable name and version are asked for. What has another type or form than the shape rules say is left out, and
//! what strict clients stumble over is mended: what comes out has the shape of S2–S17 but for its name, which stays as it is.

use serde_json::{Map, Value};

use super::address::Address;
use super::layout::{Kind, Object, SERVER};
use super::{Repository, ServerJson};
use crate::card::text::shorten;
use crate::name::{InvalidServerName, ServerName};
use crate::version::{InvalidServerVersion, ServerVersion};

/// How long a title or description may be (S5, S6).
const LONGEST: usize = 100;

/// Why a document describes no server.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAServer {
    /// Another kind of JSON.
    #[error("the document is not a JSON object")]
    NotAnObject,
    /// No name, or one that is no text.
    #[error("the document has no `name`")]
    NoName,
    /// A name that nothing can be listed under.
    #[error("the document's name cannot be used: {0}")]
    Name(#[from] InvalidServerName),
    /// No version, or one that is no text.
    #[error("the document has no `version`")]
    NoVersion,
    /// A version that nothing can be listed under.
    #[error("the document's version cannot be used: {0}")]
    Version(#[from] InvalidServerVersion),
}

/// Reads a document of an upstream registry. Reading what came out gives the same again.
pub fn read(value: &Value) -> Result<ServerJson, NotAServer> {
    let given = value.as_object().ok_or(NotAServer::NotAnObject)?;
    let name: ServerName = text_of(given, "name").ok_or(NotAServer::NoName)?.parse()?;
    let version: ServerVersion = text_of(given, "version").ok_or(NotAServer::NoVersion)?.parse()?;
    let words = |member| without_nul(text_of(given, member).unwrap_or_default());
    let title =
        shorten(Some(words("title")).filter(|t| !is_blank(t)).as_deref().unwrap_or_default(), LONGEST);
    let description = match words("description") {
        blank if is_blank(&blank) && title.is_empty() => shorten(name.leaf(), LONGEST),
        blank if is_blank(&blank) => title.clone(),
        words => shorten(&words, LONGEST),
    };

    let mut members = take_members(given, &SERVER);
    // What is longer or shorter than the shape rules say has been left out; it is mended here.
    members.retain(|member, _| !matches!(member.as_str(), "name" | "version" | "title" | "description"));
    let mut server: ServerJson = serde_json::from_value(Value::Object(members)).unwrap_or_default();
    server.icons.retain(|icon| !icon.src.is_empty());
    server.remotes.retain(|remote| !remote.url.is_empty());
    server.repository = server.repository.and_then(whole);
    Ok(ServerJson { name: name.into(), version: version.into(), title, description, ..server })
}

/// The text of one of the document's own members.
fn text_of<'v>(given: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    let member = SERVER.members.iter().find(|member| member.name == name)?;
    member.of(given)?.1.as_str()
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

/// The database cannot keep a NUL.
fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// The value, as far as it is of this kind.
fn take(value: &Value, kind: &Kind) -> Option<Value> {
    match (kind, value) {
        (Kind::Text(checks), Value::String(text)) => {
            let text = without_nul(text);
            checks.iter().all(|(_, check)| check.problem(&text).is_none()).then(|| text.into())
        }
        (Kind::Flag, Value::Bool(_)) => Some(value.clone()),
        (Kind::List(kind), Value::Array(items)) => Some(items.iter().filter_map(|i| take(i, kind)).collect()),
        (Kind::Object(object), Value::Object(given)) => take_object(given, object).map(Value::Object),
        (Kind::Map(object), Value::Object(entries)) => {
            let input = |(name, entry): (&String, &Value)| {
                Some((without_nul(name), take_object(entry.as_object()?, object)?.into()))
            };
            Some(Value::Object(entries.iter().filter_map(input).collect()))
        }
        (Kind::Free, Value::Object(_)) => Some(free(value)),
        _ => None,
    }
}

/// The object, unless something it cannot do without is missing.
fn take_object(given: &Map<String, Value>, object: &Object) -> Option<Map<String, Value>> {
    let taken = take_members(given, object);
    let is_whole = object.members.iter().all(|m| !m.required || taken.contains_key(m.name));
    is_whole.then_some(taken)
}

fn take_members(given: &Map<String, Value>, object: &Object) -> Map<String, Value> {
    let member = |member: &super::layout::Member| {
        let (_, value) = member.of(given)?;
        Some((member.name.to_owned(), take(value, &member.kind)?))
    };
    object.members.iter().filter_map(member).collect()
}

/// A free value without NULs.
fn free(value: &Value) -> Value {
    match value {
        Value::String(text) => without_nul(text).into(),
        Value::Array(items) => items.iter().map(free).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !super::json::is_reserved(name))
            .map(|(name, value)| (without_nul(name), free(value)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// The repository, if it is empty or complete: a client that reads strictly gives up a whole page for half a one.
fn whole(repository: Repository) -> Option<Repository> {
    let known_source = Address::parse(&repository.url).ok().and_then(|url| match url.host() {
        "github.com" | "www.github.com" => Some("github"),
        "gitlab.com" | "www.gitlab.com" => Some("gitlab"),
        _ => None,
    });
    match (repository.url.is_empty(), repository.source.is_empty()) {
        (false, false) => Some(repository),
        (false, true) => known_source.map(|source| Repository { source: source.into(), ..repository }),
        _ => (repository == Repository::default()).then_some(repository),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{PUBLISHER_PROVIDED, shape};
    use super::*;
    use serde_json::json;

    fn mended(members: Value) -> ServerJson {
        let mut document = json!({ "name": "com.example/weather", "description": "d", "version": "1.0.0" });
        for (name, value) in members.as_object().expect("members") {
            document[name] = value.clone();
        }
        let server = read(&document).unwrap_or_else(|why| panic!("{why}: {document}"));
        let again = read(&serde_json::to_value(&server).expect("JSON")).expect("a server");
        assert_eq!(again.to_canonical(), server.to_canonical());
        let strict = ServerJson { schema: super::super::CURRENT_SCHEMA.into(), ..server.clone() };
        let strict = shape::read(&serde_json::to_value(&strict).expect("JSON"));
        assert!(strict.is_ok(), "{strict:?}");
        server
    }

    #[test]
    fn only_an_object_with_a_name_and_a_version_is_a_server() {
        let why = |value: Value| read(&value).expect_err("no server").to_string();
        assert_eq!(why(json!([])), "the document is not a JSON object");
        assert_eq!(why(json!({ "version": "1" })), "the document has no `name`");
        assert_eq!(why(json!({ "name": 1, "version": "1" })), "the document has no `name`");
        assert!(why(json!({ "name": "weather", "version": "1" })).contains("a namespace, a slash"));
        assert!(why(json!({ "name": "a/b\0", "version": "1" })).contains("not allowed"));
        assert_eq!(why(json!({ "name": "a/b" })), "the document has no `version`");
        assert_eq!(why(json!({ "name": "a/b", "version": 1 })), "the document has no `version`");
        assert_eq!(
            why(json!({ "name": "a/b", "version": " " })),
            "the document's version cannot be used: a version is not empty"
        );
        let bare = read(&json!({ "name": "a/b/c", "version": "latest" })).expect("a server");
        assert_eq!(bare.to_canonical(), r#"{"name":"a/b/c","description":"b/c","version":"latest"}"#);
    }

    #[test]
    fn a_description_is_never_empty_or_long() {
        assert_eq!(mended(json!({ "description": "" })).description, "weather");
        assert_eq!(mended(json!({ "description": null, "title": "W" })).description, "W");
        assert_eq!(mended(json!({ "description": " \0", "title": " " })).description, "weather");
        let long = mended(json!({ "description": "word ".repeat(50), "title": "ä".repeat(200) }));
        assert!(long.description.ends_with("word…"));
        assert_eq!(long.title.chars().count(), 100);
    }

    #[test]
    fn half_a_repository_is_completed_or_dropped() {
        let mend = |repository: Value| mended(json!({ "repository": repository })).repository;
        assert_eq!(mend(json!({})), Some(Repository::default()));
        assert_eq!(mend(json!({ "url": "", "source": null })), Some(Repository::default()));
        let completed =
            mend(json!({ "url": "https://www.gitlab.com/a/b", "subfolder": "s" })).expect("completed");
        assert_eq!((completed.source.as_str(), completed.subfolder.as_str()), ("gitlab", "s"));
        for half in [
            json!({ "url": "https://git.example.com/a/b" }),
            json!({ "source": "github" }),
            json!({ "id": "1" }),
            json!("https://github.com/a/b"),
            json!({ "url": "git@github.com:a/b.git", "source": "github" }),
        ] {
            assert_eq!(mend(half), None);
        }
        assert!(mend(json!({ "url": "https://example.com", "source": "bitbucket" })).is_some());
    }

    #[test]
    fn what_strict_clients_stumble_over_is_dropped() {
        let server = mended(json!({
            "$schema": "",
            "status": "active",
            "websiteUrl": "https://exa mple.com",
            "icons": [{}, { "src": "" }, { "src": "a".repeat(256) }, { "src": "https://a.example", "theme": "pink", "sizes": [1, "any"] }],
            "packages": [
                { "registryType": "npm", "identifier": "no-transport" },
                { "registryType": "npm", "identifier": "a", "version": "", "fileSha256": "AB", "transport": { "type": "stdio" },
                  "environmentVariables": [{ "value": "nameless" }, { "name": "A", "isRequired": "yes", "default": 5, "format": "int" }] },
                "npx a",
            ],
            "remotes": [{ "type": "sse" }, { "type": "sse", "url": "https://a.example", "headers": null,
                "variables": { "a": { "variables": {}, "choices": [1, "b"] }, "b": "c" } }],
            "_meta": { "com.example/other": 1, (PUBLISHER_PROVIDED): "text" },
        }));
        assert_eq!(
            serde_json::to_value(server).expect("JSON"),
            json!({
                "name": "com.example/weather",
                "description": "d",
                "version": "1.0.0",
                "icons": [{ "src": "https://a.example", "sizes": ["any"] }],
                "packages": [{ "registryType": "npm", "identifier": "a", "transport": { "type": "stdio" },
                    "environmentVariables": [{ "name": "A" }] }],
                "remotes": [{ "type": "sse", "url": "https://a.example", "variables": { "a": { "choices": ["b"] } } }],
                "_meta": {},
            })
        );
    }

    #[test]
    fn no_nul_comes_through() {
        let server = mended(json!({
            "title": "a\0b",
            "remotes": [{ "type": "sse\0", "url": "https://a.example/\0", "variables": { "k\0": {} } }],
            "_meta": { (PUBLISHER_PROVIDED): { "k\0": ["\0v", { "\0": 1 }] } },
        }));
        assert!(!shape::holds_nul(&server));
        assert_eq!((server.title.as_str(), server.remotes[0].kind.as_str()), ("ab", "sse"));
    }

    #[test]
    fn a_member_name_with_a_hidden_meaning_is_left_out() {
        let provided = Map::from_iter([("$serde_json::private::RawValue".to_owned(), json!("{"))]);
        let server = mended(json!({ "title": "kept", "_meta": { (PUBLISHER_PROVIDED): provided } }));
        assert_eq!(
            (server.title.as_str(), server.meta),
            ("kept", Some(Map::from_iter([(PUBLISHER_PROVIDED.to_owned(), json!({}))])))
        );
    }
}
