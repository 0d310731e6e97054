//! Where an upstream's list is, and how it is asked for everything or for what changed.

use chrono::{DateTime, SecondsFormat, Utc};
use registry_core::card::secret;
use url::Url;

use crate::import::{Input, InvalidInput, lists_of};

/// The address of an upstream as an operator writes it: its base, or the list itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
    is_list: bool,
}

/// A text that is no upstream's address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// No address.
    #[error(transparent)]
    Input(#[from] InvalidInput),
    /// A file.
    #[error("`{0}` is no registry; give its address, as in `https://registry.example.com`")]
    File(String),
    /// A name, a password or a key in it, which would stand in the database and in public evidence.
    #[error("the address of an upstream holds no user name, no password and no key; leave them out")]
    Secret,
}

impl std::str::FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (mut url, is_list) = match text.parse()? {
            Input::File(_) => return Err(InvalidAddress::File(text.to_owned())),
            Input::List(url) => (url, true),
            Input::Registry(url) | Input::Url(url) => (url, false),
        };
        if !url.username().is_empty() || url.password().is_some() || secret::address_holds_key(&url) {
            return Err(InvalidAddress::Secret);
        }
        if url.query().is_some() {
            return Ok(Self { url, is_list });
        }
        // However it is written, one registry is one upstream.
        let base = url.path().trim_end_matches('/');
        let base = base.strip_suffix("/v0.1/servers").or_else(|| base.strip_suffix("/v0.1")).unwrap_or(base);
        let (is_list, base) = (is_list && base.ends_with("/v0/servers"), base.to_owned());
        url.set_path(&base);
        Ok(Self { url, is_list })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.url.fmt(f)
    }
}

impl Address {
    /// What an upstream is called where the operator does not say: its host, and its port where that is not the usual one.
    pub fn default_name(&self) -> String {
        let host = self.url.host_str().unwrap_or("upstream").to_ascii_lowercase();
        match self.url.port() {
            Some(port) => format!("{host}-{port}"),
            None => host,
        }
    }

    /// What is shown to everybody: the address without its query.
    pub(super) fn shown(&self) -> String {
        let mut shown = self.url.clone();
        shown.set_query(None);
        shown.into()
    }

    /// Lists to try one after the other for everything, deleted versions too where the upstream knows how to give them.
    pub(super) fn everything(&self) -> Vec<Url> {
        let bases = self.bases().into_iter();
        bases.flat_map(|list| [with(&list, "include_deleted", "true"), list]).collect()
    }

    /// Lists to try one after the other for what changed since then; deleted versions are in them.
    pub(super) fn changes(&self, since: DateTime<Utc>) -> Vec<Url> {
        let since = since.to_rfc3339_opts(SecondsFormat::Micros, true);
        self.bases().iter().map(|list| with(list, "updated_since", &since)).collect()
    }

    fn bases(&self) -> Vec<Url> {
        if self.is_list { vec![with(&self.url, "limit", "100")] } else { lists_of(&self.url) }
    }
}

/// The address with this parameter, where the operator has not set it.
fn with(url: &Url, name: &str, value: &str) -> Url {
    let mut url = url.clone();
    if !url.query_pairs().any(|(set, _)| set == name) {
        url.query_pairs_mut().append_pair(name, value);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        text.parse().expect("an address")
    }

    #[test]
    fn every_form_of_an_address_leads_to_the_list() {
        for base in ["https://a.example", "https://a.example/", "https://a.example/mcp"] {
            let lists = address(base).everything();
            let prefix = if base.ends_with("mcp") { "/mcp" } else { "" };
            let texts: Vec<_> = lists.iter().map(Url::as_str).collect();
            let list = format!("https://a.example{prefix}");
            assert_eq!(
                texts,
                [
                    format!("{list}/v0.1/servers?limit=100&include_deleted=true"),
                    format!("{list}/v0.1/servers?limit=100"),
                    format!("{list}/v0/servers?limit=100&include_deleted=true"),
                    format!("{list}/v0/servers?limit=100"),
                ]
            );
        }
        assert_eq!(
            address("https://a.example/v0/servers?search=x&limit=30").everything()[0].as_str(),
            "https://a.example/v0/servers?search=x&limit=30&include_deleted=true"
        );
        assert_eq!(address("https://a.example/v0").everything().len(), 2);
        for same in ["/", "/v0.1", "/v0.1/", "/v0.1/servers", "#x"] {
            assert_eq!(address(&format!("https://A.example{same}")), address("https://a.example"), "{same}");
        }
    }

    #[test]
    fn changes_are_asked_for_in_utc_without_a_plus() {
        let since = "2026-11-25T01:02:03.5Z".parse().expect("a time");
        assert_eq!(
            address("http://a.example/v0.1").changes(since)[0].as_str(),
            "http://a.example/v0.1/servers?limit=100&updated_since=2026-11-25T01%3A02%3A03.500000Z"
        );
    }

    #[test]
    fn secrets_and_files_are_refused() {
        for secret in ["https://me:pw@a.example", "https://a.example/v0.1/servers?token=hunter22"] {
            assert_eq!(secret.parse::<Address>(), Err(InvalidAddress::Secret));
        }
        assert_eq!("dump.json".parse::<Address>(), Err(InvalidAddress::File("dump.json".into())));
        assert!("ftp://a.example".parse::<Address>().is_err());
    }

    #[test]
    fn a_name_comes_from_host_and_port() {
        assert_eq!(address("https://Registry.Example.com/v0").default_name(), "registry.example.com");
        assert_eq!(address("http://127.0.0.1:8081").default_name(), "127.0.0.1-8081");
    }
}
