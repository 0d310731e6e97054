//! What the pages have in common: the registry they belong to, addresses, dates, and which links may be followed.

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use registry_core::evidence::Level;
use registry_core::listing::Status;
use registry_core::name::ServerName;
use url::Url;

use super::assets;

/// Everything but what RFC 3986 calls unreserved.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The registry that a page belongs to.
#[derive(Debug, Clone)]
pub struct Site {
    /// What its operator calls it.
    pub name: String,
    /// Where it is reached, without a slash at the end.
    pub public_url: String,
    /// The path of that address, in front of every link: empty, or as in `/registry`.
    pub prefix: String,
}

impl Site {
    /// A registry at `public_url`, whose path is `prefix`, under the product's own name.
    pub fn new(public_url: &str, prefix: &str) -> Self {
        Self { name: "Cardinal".to_owned(), public_url: public_url.to_owned(), prefix: prefix.to_owned() }
    }

    /// The address of one of the website's own files, which changes when the file does.
    pub fn asset(&self, file: &str) -> String {
        format!("{}{}", self.prefix, assets::href(file))
    }
}

/// `text` as one component of an address.
pub fn component(text: &str) -> String {
    utf8_percent_encode(text, COMPONENT).to_string()
}

/// The path of a server's page.
pub fn server_path(name: &ServerName) -> String {
    format!("/servers/{}/{}", component(name.namespace().as_str()), component(name.leaf()))
}

/// The path of the page of one version.
pub fn version_path(name: &ServerName, version: &str) -> String {
    format!("{}?version={}", server_path(name), component(version))
}

/// The path of the API's answer about one version.
pub fn api_path(name: &ServerName, version: &str) -> String {
    // The API decodes twice (contract 1.2), so a percent sign is encoded twice.
    let twice = |text: &str| component(text).replace("%25", "%2525");
    format!("/v0.1/servers/{}/versions/{}", twice(name.as_str()), twice(version))
}

/// The path of a page of search results.
pub fn search_path(query: &str, cursor: Option<&str>) -> String {
    let mut path = format!("/search?q={}", component(query));
    if let Some(cursor) = cursor {
        path.push_str("&cursor=");
        path.push_str(&component(cursor));
    }
    path
}

/// An address that a page may link to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebLink {
    /// The address.
    pub href: String,
    /// The address as people say it: without scheme and closing slash.
    pub label: String,
}

impl WebLink {
    /// Reads an address out of a document; `None` for anything but http(s), and for addresses that dress up as another
    /// host by a user name.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text.trim()).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "http" | "https") || !plain {
            return None;
        }
        let host = url.host_str()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let label = format!("{}{port}{}", host.trim_start_matches("www."), url.path().trim_end_matches('/'));
        Some(Self { href: url.to_string(), label })
    }
}

/// A moment, as pages show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When(pub DateTime<Utc>);

impl When {
    /// For machines.
    pub fn iso(&self) -> String {
        self.0.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    /// For people, to the day.
    pub fn day(&self) -> String {
        self.0.format("%-d %b %Y").to_string()
    }

    /// For people, to the minute.
    pub fn minute(&self) -> String {
        self.0.format("%-d %b %Y, %H:%M UTC").to_string()
    }
}

/// What stands in for a picture: documents' icons are not loaded, since that would tell strangers who reads the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// The first letter or digit of the title.
    pub letter: String,
    /// Which of the eight tile colours; always the same for a name.
    pub hue: u32,
}

impl Tile {
    /// The tile of a server.
    pub fn of(name: &ServerName, title: &str) -> Self {
        let letter = title.chars().find(|c| c.is_alphanumeric()).unwrap_or('?');
        // FNV-1a: stable across processes and releases, unlike the standard hasher.
        let hash =
            name.as_str().bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
        Self { letter: letter.to_uppercase().collect(), hue: (hash >> 16) % 8 }
    }
}

/// A level of evidence, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LevelView(pub Level);

impl LevelView {
    /// 0 to 4.
    pub fn number(&self) -> u8 {
        self.0.number()
    }

    /// Its short name.
    pub fn label(&self) -> &'static str {
        match self.0 {
            Level::Claimed => "Claimed",
            Level::SameSite => "Same site",
            Level::HostBound => "Host-bound",
            Level::EndpointBound => "Endpoint-bound",
            Level::Registry => "Confirmed",
        }
    }

    /// What it means.
    pub fn meaning(&self) -> &'static str {
        match self.0 {
            Level::Claimed => "Only the document itself says whose server this is.",
            Level::SameSite => "Its description was found on the site that the namespace names.",
            Level::HostBound => "Its description comes from a host that may speak for the namespace.",
            Level::EndpointBound => {
                "Its description and every address it runs at belong to the domain that the namespace names."
            }
            Level::Registry => "The official registry or a verified signature says the same as its own host.",
        }
    }
}

/// The word shown for a status; none for what is offered without reserve.
pub fn status_label(status: Status) -> Option<&'static str> {
    match status {
        Status::Active => None,
        Status::Deprecated => Some("Deprecated"),
        Status::Deleted => Some("Deleted"),
    }
}

/// A number with its thousands set apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_addresses_become_links() {
        let label = |text| WebLink::parse(text).map(|link| link.label);
        assert_eq!(label("https://www.example.com/docs/").as_deref(), Some("example.com/docs"));
        assert_eq!(label("http://10.0.0.1:8080/").as_deref(), Some("10.0.0.1:8080"));
        for refused in
            ["javascript:alert(1)", "data:text/html,x", "//example.com", "example.com", "ftp://a.b/", ""]
        {
            assert_eq!(label(refused), None, "{refused}");
        }
    }

    #[test]
    fn an_address_that_dresses_up_as_another_host_is_no_link() {
        assert_eq!(WebLink::parse("https://github.com@evil.example/"), None);
        assert_eq!(WebLink::parse("https://a:b@evil.example/"), None);
    }

    #[test]
    fn a_link_cannot_leave_its_attribute() {
        let link = WebLink::parse("https://example.com/\"><script>").expect("an address");
        assert!(!link.href.contains(['"', '<', '>']), "{}", link.href);
    }

    #[test]
    fn paths_keep_odd_names_in_two_segments() {
        let name: ServerName = "io.github.a/b/c%".parse().expect("an upstream may hold it");
        assert_eq!(server_path(&name), "/servers/io.github.a/b%2Fc%25");
        assert_eq!(version_path(&name, "1.0.0+a&b"), "/servers/io.github.a/b%2Fc%25?version=1.0.0%2Ba%26b");
        assert_eq!(api_path(&name, "1"), "/v0.1/servers/io.github.a%2Fb%2Fc%2525/versions/1");
        assert_eq!(search_path("a b&c", Some("x.y")), "/search?q=a%20b%26c&cursor=x.y");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(
            [7, 999, 1_000, 66_353, 1_234_567].map(grouped),
            ["7", "999", "1,000", "66,353", "1,234,567"]
        );
    }

    #[test]
    fn a_tile_is_the_first_letter_and_a_colour_of_eight() {
        let name: ServerName = "com.example/weather".parse().expect("a name");
        let tile = Tile::of(&name, "«éclair»");
        assert_eq!(tile.letter, "É");
        assert!(tile.hue < 8);
        assert_eq!(tile, Tile::of(&name, "«éclair»"));
        assert_eq!(Tile::of(&name, "!!").letter, "?");
    }
}
