//! Where an import reads from: a file, an address, or a whole registry.

use std::path::PathBuf;

use url::Url;

/// A place to import from, as the operator writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file on this machine.
    File(PathBuf),
    /// A file on the web.
    Url(Url),
    /// The list of a registry, page after page; the operator's own query parameters are kept.
    List(Url),
    /// A registry, whose list is looked for.
    Registry(Url),
}

/// A text that names no place to import from.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidInput {
    /// Nothing.
    #[error("name a file, an address or a registry to import from")]
    Empty,
    /// An address that does not parse.
    #[error("`{0}` is no address: {1}")]
    Address(String, url::ParseError),
    /// An address of another scheme.
    #[error("`{0}` is neither an http nor an https address; give a file by its path")]
    Scheme(String),
}

impl std::str::FromStr for Input {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        if text.is_empty() {
            return Err(InvalidInput::Empty);
        }
        let Some((scheme, _)) = text.split_once("://") else { return Ok(Self::File(text.into())) };
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(InvalidInput::Scheme(text.to_owned()));
        }
        let url = Url::parse(text).map_err(|error| InvalidInput::Address(text.to_owned(), error))?;
        Ok(Self::of_url(url))
    }
}

impl Input {
    fn of_url(mut url: Url) -> Self {
        url.set_fragment(None);
        let path = url.path();
        // The official registry tests the text like this; a proxy's prefix before it does no harm.
        if path.contains("/v0/servers") || path.contains("/v0.1/servers") {
            return Self::List(url);
        }
        match path.trim_end_matches('/').rsplit('/').next() {
            None | Some("" | "v0" | "v0.1") if url.query().is_none() => Self::Registry(url),
            _ => Self::Url(url),
        }
    }

    /// The last part of the name, for the ledger's actor.
    pub fn label(&self) -> String {
        let label = match self {
            Self::File(path) => path.file_name().map(|name| name.to_string_lossy().into_owned()),
            Self::Url(url) => {
                let name = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
                Some(if name.is_empty() { url.host_str().unwrap_or_default() } else { name }.to_owned())
            }
            Self::List(url) | Self::Registry(url) => url.host_str().map(str::to_owned),
        };
        let label = label.unwrap_or_default();
        label.chars().filter(|c| !c.is_control()).take(200).collect()
    }
}

impl std::fmt::Display for Input {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) | Self::List(url) | Self::Registry(url) => url.fmt(f),
        }
    }
}

/// The lists that a registry may have, the better one first.
pub(crate) fn lists_of(registry: &Url) -> Vec<Url> {
    let base = registry.path().trim_end_matches('/').to_owned();
    let versions: &[&str] = match base.rsplit('/').next() {
        Some("v0" | "v0.1") => &[""],
        _ => &["/v0.1", "/v0"],
    };
    let list = |version: &&str| {
        let mut url = registry.clone();
        url.set_path(&format!("{base}{version}/servers"));
        url.set_query(Some("limit=100"));
        url
    };
    versions.iter().map(list).collect()
}

/// The address of the page that `cursor` names.
pub(super) fn page(list: &Url, cursor: &str) -> Url {
    let mut url = list.clone();
    if list.query_pairs().any(|(name, _)| name == "cursor") {
        let kept: Vec<_> = list.query_pairs().into_owned().filter(|(name, _)| name != "cursor").collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
    }
    url.query_pairs_mut().append_pair("cursor", cursor);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(text: &str) -> Input {
        text.parse().expect("an input")
    }

    fn url(text: &str) -> Url {
        text.parse().expect("an address")
    }

    #[test]
    fn a_path_is_a_file_and_an_address_is_known_by_its_path() {
        assert_eq!(input("data/seed.json"), Input::File("data/seed.json".into()));
        assert_eq!(
            input("https://a.example/dump.ndjson.gz"),
            Input::Url(url("https://a.example/dump.ndjson.gz"))
        );
        for list in ["https://a.example/v0/servers?search=x", "http://a.example/mirror/v0.1/servers"] {
            assert_eq!(input(list), Input::List(url(list)));
        }
        for base in ["https://a.example", "https://a.example/", "https://a.example/v0.1/"] {
            assert_eq!(input(base), Input::Registry(url(base)));
        }
    }

    #[test]
    fn other_schemes_are_refused_with_what_to_write_instead() {
        assert_eq!(
            "ftp://a.example/x".parse::<Input>(),
            Err(InvalidInput::Scheme("ftp://a.example/x".into()))
        );
        assert_eq!("".parse::<Input>(), Err(InvalidInput::Empty));
    }

    #[test]
    fn a_registry_is_asked_for_its_newer_list_first() {
        let lists = lists_of(&url("https://a.example/mcp/"));
        let texts: Vec<_> = lists.iter().map(Url::as_str).collect();
        assert_eq!(
            texts,
            ["https://a.example/mcp/v0.1/servers?limit=100", "https://a.example/mcp/v0/servers?limit=100"]
        );
        assert_eq!(
            lists_of(&url("https://a.example/v0"))[0].as_str(),
            "https://a.example/v0/servers?limit=100"
        );
    }

    #[test]
    fn a_cursor_is_encoded_and_replaces_the_one_before() {
        let list = url("https://a.example/v0/servers?search=a%20b&cursor=old");
        assert_eq!(
            page(&list, "com.example/x:1.0+&é").as_str(),
            "https://a.example/v0/servers?search=a+b&cursor=com.example%2Fx%3A1.0%2B%26%C3%A9"
        );
        assert_eq!(page(&url("https://a.example/v0/servers"), "c").query(), Some("cursor=c"));
    }
}
