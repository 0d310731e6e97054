//! Whether a remote of a listing can be asked at all: with nothing filled in but defaults (discovery 10).

use serde_json::Value;
use url::Url;

use crate::card::{address, text};
use crate::server_json::Remote;

/// The longest address that is asked.
const LONGEST: usize = 2000;

/// The address to ask, and its canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// What is asked.
    pub url: Url,
    /// What makes it one endpoint.
    pub key: String,
}

/// Why a remote is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A variable of its address has no default.
    #[error("its address has the variable `{0}`, which only a user can fill in")]
    Variable(String),
    /// A header that is needed has no default.
    #[error("it needs the header `{0}`, which only a user can fill in")]
    Header(String),
    /// Another scheme than https.
    #[error("its address is not https; only https is asked")]
    Scheme,
    /// No address.
    #[error("its address cannot be read")]
    Unreadable,
    /// Too long.
    #[error("its address is longer than {LONGEST} bytes")]
    Long,
}

/// The address of a remote with the defaults of its variables.
pub fn address(remote: &Remote) -> Result<Address, Obstacle> {
    let needs = remote.headers.iter().find(|header| {
        let input = &header.input;
        input.is_required && !input.is_secret && input.default.is_empty() && input.value.is_empty()
    });
    if let Some(header) = needs {
        return Err(Obstacle::Header(text::clean(&header.name, 100)));
    }
    let filled = filled(remote)?;
    if filled.len() > LONGEST {
        return Err(Obstacle::Long);
    }
    let mut url = Url::parse(&filled).map_err(|_| Obstacle::Unreadable)?;
    if url.scheme() != "https" {
        return Err(Obstacle::Scheme);
    }
    url.set_fragment(None);
    let key = address::key(url.as_str()).filter(|key| key.len() <= LONGEST).ok_or(Obstacle::Unreadable)?;
    Ok(Address { url, key })
}

fn filled(remote: &Remote) -> Result<String, Obstacle> {
    let mut filled = String::with_capacity(remote.url.len());
    let mut rest = remote.url.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else { return Err(Obstacle::Unreadable) };
        filled.push_str(before);
        filled.push_str(&default_of(remote, name).ok_or_else(|| Obstacle::Variable(text::clean(name, 100)))?);
        if filled.len() > LONGEST {
            return Err(Obstacle::Long);
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// What stands for a variable when nobody fills it in; a secret is nobody's default.
fn default_of(remote: &Remote, name: &str) -> Option<String> {
    let variable = remote.variables.get(name)?;
    let text = |member: &str| variable.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let is_secret = variable.get("isSecret") == Some(&Value::Bool(true));
    let default =
        text("value").or_else(|| text("default")).filter(|default| !is_secret && !default.contains('{'));
    default.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server_json::KeyValueInput;
    use serde_json::json;

    fn remote(url: &str, variables: Value) -> Remote {
        let variables = variables.as_object().cloned().unwrap_or_default();
        Remote { kind: "streamable-http".into(), url: url.into(), variables, ..Remote::default() }
    }

    fn asked(url: &str, variables: Value) -> Result<String, String> {
        address(&remote(url, variables)).map(|found| found.url.to_string()).map_err(|why| why.to_string())
    }

    #[test]
    fn defaults_are_filled_in_and_nothing_else_is() {
        let eu = json!({ "region": { "default": "eu", "choices": ["eu", "us"] } });
        assert_eq!(asked("https://{region}.acme.com/mcp#x", eu).as_deref(), Ok("https://eu.acme.com/mcp"));
        for variables in [
            json!({}),
            json!({ "t": { "description": "yours" } }),
            json!({ "t": { "default": "x", "isSecret": true } }),
            json!({ "t": { "default": "{t}{t}" } }),
            json!({ "t": "x" }),
        ] {
            let why = asked("https://acme.com/{t}/mcp", variables);
            assert_eq!(why, Err("its address has the variable `t`, which only a user can fill in".into()));
        }
    }

    #[test]
    fn what_cannot_be_asked_says_why() {
        for (url, why) in [
            ("http://acme.com/mcp", "its address is not https; only https is asked"),
            ("acme.com/mcp", "its address cannot be read"),
            ("https://acme.com/{mcp", "its address cannot be read"),
            ("", "its address cannot be read"),
        ] {
            assert_eq!(asked(url, Value::Null), Err(why.to_owned()), "{url}");
        }
        assert!(address(&remote(&format!("https://acme.com/{}", "x".repeat(2000)), Value::Null)).is_err());
        let found = address(&remote("https://ACME.com:443/mcp/", Value::Null)).expect("it can be asked");
        assert_eq!(
            (found.url.as_str(), found.key.as_str()),
            ("https://acme.com/mcp/", "https://acme.com/mcp")
        );
    }

    #[test]
    fn a_required_header_without_default_is_an_obstacle_unless_it_is_secret() {
        let with = |required: bool, secret: bool, default: &str| {
            let mut header = KeyValueInput { name: "X-Tenant".into(), ..KeyValueInput::default() };
            header.input.is_required = required;
            header.input.is_secret = secret;
            header.input.default = default.into();
            address(&Remote { headers: vec![header], ..remote("https://acme.com/mcp", Value::Null) }).is_ok()
        };
        assert!(!with(true, false, ""));
        assert!(with(true, true, "") && with(false, false, "") && with(true, false, "acme"));
    }
}
