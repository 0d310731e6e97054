//! `_mcp.<domain>` TXT records in their dialects: two drafts that name an endpoint, and a misplaced key that names none.

use registry_core::card::origin::Origin;
use registry_core::card::site;
use url::Url;

use super::{Discovery, Found, How, place};

/// The longest record that is read, in bytes.
const LONGEST: usize = 4096;

/// How many records of one name are read.
const MOST: usize = 20;

/// Records, which lie at no path.
pub(super) struct Txt;

impl Discovery for Txt {
    fn id(&self) -> &'static str {
        "dns-txt"
    }

    fn precedence(&self) -> u8 {
        5
    }

    fn locations(&self, _origin: &Origin) -> Vec<Url> {
        Vec::new()
    }
}

/// The name whose TXT records may name an origin's endpoint.
pub fn name(origin: &Origin) -> String {
    format!("_mcp.{}", site::without_www(origin.host()))
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// An endpoint.
    Endpoint(Url),
    /// The ownership key of a registry, which belongs to the domain itself; often a wildcard's answer.
    Key,
    /// Something else.
    Other,
}

/// Reads one record; what is meant for us and wrong is said.
pub fn parse(text: &str) -> Result<Record, String> {
    if text.len() > LONGEST {
        return Ok(Record::Other);
    }
    let pairs: Vec<(&str, &str)> = text.trim_matches('"').split(';').filter_map(pair).collect();
    let value = |key: &str| pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, v)| *v);
    match value("v") {
        // Told apart by case: the key's version is written in capitals, and has no endpoint whatever it says.
        Some("MCPv1") => Ok(Record::Key),
        Some(version) if version.eq_ignore_ascii_case("mcp1") => {
            let address = value("endpoint").or_else(|| value("url"));
            let address = address.ok_or("the TXT record names no endpoint; add `endpoint=https://…`")?;
            place::absolute(address).map(Record::Endpoint)
        }
        _ => Ok(Record::Other),
    }
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    Some((key.trim(), value.trim().trim_matches('"').trim()))
}

/// What the records of a name say, each endpoint once.
pub fn read(records: &[String]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (at, record) in records.iter().take(MOST).enumerate() {
        let pointer = format!("/{at}");
        let new = match parse(record) {
            Ok(Record::Endpoint(url)) => Found::Endpoint { url, pointer, how: How::Txt },
            Ok(Record::Key | Record::Other) => continue,
            Err(reason) => Found::Skipped { pointer, reason },
        };
        let is_known =
            |url: &Url| found.iter().any(|f| matches!(f, Found::Endpoint { url: known, .. } if known == url));
        if !matches!(&new, Found::Endpoint { url, .. } if is_known(url)) {
            found.push(new);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Option<String> {
        match parse(text) {
            Ok(Record::Endpoint(url)) => Some(url.to_string()),
            _ => None,
        }
    }

    #[test]
    fn both_drafts_name_an_endpoint() {
        for (record, expected) in [
            ("v=mcp1; endpoint=https://acme.com/mcp; auth=none", "https://acme.com/mcp"),
            (
                " V=MCP1 ;URL = https://acme.com/x?a=b ; proto=streamable-http; cap=a,b;",
                "https://acme.com/x?a=b",
            ),
            ("\"v=mcp1; url=https://acme.com/mcp; pk=ed25519:AAAA==; epoch=3\"", "https://acme.com/mcp"),
        ] {
            assert_eq!(endpoint(record).as_deref(), Some(expected), "{record}");
        }
    }

    #[test]
    fn a_registrys_key_names_none() {
        assert_eq!(parse("v=MCPv1; k=ed25519; p=AAAA"), Ok(Record::Key));
        assert_eq!(parse("v=MCPv1; k=ed25519; p=AAAA; url=https://acme.com/mcp"), Ok(Record::Key));
        for other in ["", "v=spf1 -all", ";;;", "=", "v", "google-site-verification=x"] {
            assert_eq!(parse(other), Ok(Record::Other), "{other}");
        }
    }

    #[test]
    fn only_https_addresses_of_the_web_are_taken() {
        for bad in [
            "http://acme.com/mcp",
            "https://127.0.0.1/mcp",
            "/mcp",
            "acme.com/mcp",
            "https://u:p@acme.com/",
            "https://localhost/",
            "",
        ] {
            assert!(parse(&format!("v=mcp1; endpoint={bad}")).is_err(), "{bad}");
        }
        assert!(parse("v=mcp1; auth=none").is_err());
        assert_eq!(
            parse(&format!("v=mcp1; endpoint=https://acme.com/{}", "x".repeat(5000))),
            Ok(Record::Other)
        );
    }

    #[test]
    fn each_endpoint_counts_once() {
        let record = "v=mcp1; endpoint=https://acme.com/mcp".to_owned();
        assert_eq!(read(&vec![record; 50]).len(), 1);
        let origin: Origin = "www.acme.com".parse().expect("an origin");
        assert_eq!(name(&origin), "_mcp.acme.com");
    }
}
