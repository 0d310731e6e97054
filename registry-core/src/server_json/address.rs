//! Addresses, read as leniently as the registry's clients read them: what is refused here, none of them can use.
//!
//! A scheme, an authority and a path are told apart and little more is asked of them (contract 1.4, 2.2): relative
//! references pass, and so do blanks in a path.

/// The parts of an address that rules look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Address<'a> {
    scheme: &'a str,
    authority: &'a str,
}

/// Why a text is no address.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoAddress {
    #[error("invalid control character in URL")]
    Control,
    #[error("missing protocol scheme")]
    Scheme,
    #[error("first path segment in URL cannot contain colon")]
    Colon,
    #[error("invalid URL escape {0:?}")]
    Escape(String),
    #[error("invalid character {0:?} in host name")]
    Host(char),
    #[error("missing ']' in host")]
    Bracket,
    #[error("invalid port {0:?} after host")]
    Port(String),
    #[error("invalid userinfo")]
    Userinfo,
}

impl<'a> Address<'a> {
    /// Reads an address or a relative reference; an empty text is one.
    pub(super) fn parse(text: &'a str) -> Result<Self, NoAddress> {
        if text.bytes().any(|b| b < b' ' || b == 0x7F) {
            return Err(NoAddress::Control);
        }
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        check_escapes(fragment)?;
        let (scheme, rest) = split_scheme(text)?;
        let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
        if !rest.starts_with('/') {
            if scheme.is_empty() {
                check_first_segment(rest)?;
                check_escapes(rest)?;
            }
            return Ok(Self { scheme, authority: "" });
        }
        let has_authority = rest.starts_with("//") && (!scheme.is_empty() || !rest.starts_with("///"));
        let after = if has_authority { &rest[2..] } else { "" };
        let (authority, path) =
            if has_authority { after.split_at(after.find('/').unwrap_or(after.len())) } else { ("", rest) };
        let address = Self { scheme, authority };
        address.check_authority()?;
        check_escapes(path)?;
        Ok(address)
    }

    /// Whether it has a scheme.
    pub(super) fn is_absolute(&self) -> bool {
        !self.scheme.is_empty()
    }

    /// The scheme in lower case; empty for a relative reference.
    pub(super) fn scheme(&self) -> String {
        self.scheme.to_ascii_lowercase()
    }

    /// The host as written, without brackets and port.
    pub(super) fn host(&self) -> &'a str {
        let host = self.authority.rsplit_once('@').map_or(self.authority, |(_, host)| host);
        match host.strip_prefix('[').and_then(|h| h.rsplit_once(']')) {
            Some((address, _)) => address,
            None => host.rsplit_once(':').map_or(host, |(name, _)| name),
        }
    }

    fn check_authority(&self) -> Result<(), NoAddress> {
        let host = match self.authority.rsplit_once('@') {
            Some((userinfo, host)) => {
                let valid = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
                if !userinfo.bytes().all(valid) {
                    return Err(NoAddress::Userinfo);
                }
                check_escapes(userinfo)?;
                host
            }
            None => self.authority,
        };
        let port = if host.starts_with('[') {
            &host[host.rfind(']').ok_or(NoAddress::Bracket)? + 1..]
        } else {
            host.rfind(':').map_or("", |colon| &host[colon..])
        };
        let digits = port.strip_prefix(':').unwrap_or(port);
        if digits.len() == port.len() && !port.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NoAddress::Port(port.to_owned()));
        }
        let valid =
            |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:[]<>\"%".contains(c);
        match host.chars().find(|c| !valid(*c)) {
            Some(bad) => Err(NoAddress::Host(bad)),
            None => check_host_escapes(host),
        }
    }
}

/// A scheme is a letter, then letters, digits, `+`, `-`, `.`, up to the colon.
fn split_scheme(text: &str) -> Result<(&str, &str), NoAddress> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"+-.".contains(c)).unwrap_or(text.len());
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
    match text[end..].strip_prefix(':') {
        Some(_) if end == 0 => Err(NoAddress::Scheme),
        Some(rest) if begins => Ok((&text[..end], rest)),
        _ => Ok(("", text)),
    }
}

fn check_first_segment(path: &str) -> Result<(), NoAddress> {
    let first = path.split('/').next().unwrap_or_default();
    if first.contains(':') { Err(NoAddress::Colon) } else { Ok(()) }
}

/// Each `%` is followed by two hexadecimal digits.
fn check_escapes(text: &str) -> Result<(), NoAddress> {
    bad_escape(text, |_| true)
}

/// A host may escape what is not ASCII; in brackets also a zone, behind `%25`.
fn check_host_escapes(host: &str) -> Result<(), NoAddress> {
    match host.strip_prefix('[').and_then(|_| host.split_once("%25")) {
        Some((host, zone)) => bad_escape(host, |high| high >= b'8').and_then(|()| check_escapes(zone)),
        None => bad_escape(host, |high| high >= b'8'),
    }
}

fn bad_escape(text: &str, allowed: fn(u8) -> bool) -> Result<(), NoAddress> {
    for (at, _) in text.bytes().enumerate().filter(|(_, b)| *b == b'%') {
        let escape: Vec<u8> = text.bytes().skip(at).take(3).collect();
        let whole = escape.len() == 3 && escape[1..].iter().all(u8::is_ascii_hexdigit);
        if !whole || !allowed(escape[1]) {
            return Err(NoAddress::Escape(String::from_utf8_lossy(&escape).into_owned()));
        }
    }
    Ok(())
}

/// The address with its `{placeholders}` filled in, to see whether it can be one (contract 2.2, X4 and Y3).
pub(super) fn fill_placeholders(template: &str) -> String {
    const NAMED: [(&str, &str); 5] = [
        ("{host}", "example.com"),
        ("{port}", "8080"),
        ("{path}", "api"),
        ("{protocol}", "http"),
        ("{scheme}", "http"),
    ];
    let named = NAMED.iter().fold(template.to_owned(), |text, (name, value)| text.replace(name, value));
    let mut filled = String::new();
    let mut rest = named.as_str();
    while let Some((before, _, after)) = next_placeholder(rest) {
        let is_port = before.ends_with(':') && (after.is_empty() || after.starts_with('/'));
        filled.push_str(before);
        filled.push_str(if is_port { "8080" } else { "placeholder" });
        rest = after;
    }
    filled + rest
}

/// The names of the placeholders of an address, in order.
pub(super) fn placeholders(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, name, after)) = next_placeholder(rest) {
        names.push(name);
        rest = after;
    }
    names
}

/// What stands before the next `{name}`, the name, and what stands after it; `{}` is none.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('{')?;
        let close = open + 1 + text[open + 1..].find('}')?;
        if close > open + 1 {
            return Some((&text[..open], &text[open + 1..close], &text[close + 1..]));
        }
        from = close + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_relative_references_are_read() {
        for text in [
            "",
            "https://example.com",
            "HTTPS://example.com/a b",
            "/a.png",
            "a/b:c",
            "//example.com/x",
            "data:image/png;base64,AAAA",
            "mailto:a@b.example",
            "https://user:pw@example.com:8080/p?q=%zz#f",
            "https://[::1]:80/x",
            "https://[fe80::1%25en0]/",
            "https://exämple.com/%C3%A9",
            "https://%C3%A9.example/",
            "?q",
            "*",
        ] {
            assert!(Address::parse(text).is_ok(), "{text}: {:?}", Address::parse(text));
        }
    }

    #[test]
    fn what_no_client_can_use_is_refused() {
        let refused = [
            ("https://exa mple.com", "invalid character ' ' in host name"),
            ("git@github.com:a/b.git", "first path segment in URL cannot contain colon"),
            ("1a:b", "first path segment in URL cannot contain colon"),
            (":x", "missing protocol scheme"),
            ("https://a\nb", "invalid control character in URL"),
            ("https://example.com/%zz", "invalid URL escape \"%zz\""),
            ("https://example.com/%4", "invalid URL escape \"%4\""),
            ("https://%41.example/", "invalid URL escape \"%41\""),
            ("https://example.com:port/", "invalid port \":port\" after host"),
            ("https://[::1]80/", "invalid port \"80\" after host"),
            ("https://[::1/", "missing ']' in host"),
            ("https://a b@example.com/", "invalid userinfo"),
            ("https://{host}/", "invalid character '{' in host name"),
            ("/a#%", "invalid URL escape \"%\""),
        ];
        for (text, why) in refused {
            assert_eq!(Address::parse(text).map_err(|e| e.to_string()), Err(why.to_owned()), "{text}");
        }
    }

    #[test]
    fn scheme_and_host_are_told_apart() {
        let host = |text| Address::parse(text).map(|a| (a.scheme(), a.host()));
        assert_eq!(host("HTTPS://u@Example.com:1/x"), Ok(("https".to_owned(), "Example.com")));
        assert_eq!(host("https://[::1]:80/"), Ok(("https".to_owned(), "::1")));
        assert_eq!(host("https:///x"), Ok(("https".to_owned(), "")));
        assert_eq!(host("https://:80"), Ok(("https".to_owned(), "")));
        assert_eq!(host("///a"), Ok((String::new(), "")));
        assert_eq!(host("https:example.com"), Ok(("https".to_owned(), "")));
    }

    #[test]
    fn placeholders_are_filled_in_the_contracts_order() {
        for (template, filled) in [
            ("https://{host}:{port}/{path}", "https://example.com:8080/api"),
            ("{scheme}://{host}", "http://example.com"),
            ("{protocol}://x", "http://x"),
            ("https://x:{p}/a", "https://x:8080/a"),
            ("https://x:{p}", "https://x:8080"),
            ("https://x:{p}b/{q}", "https://x:placeholderb/placeholder"),
            ("https://{tenant}.example.com/{a}{b}", "https://placeholder.example.com/placeholderplaceholder"),
            ("https://x/{}", "https://x/{}"),
            ("https://x/{a", "https://x/{a"),
            ("{a}x", "placeholderx"),
        ] {
            assert_eq!(fill_placeholders(template), filled, "{template}");
        }
        assert_eq!(placeholders("https://{a}.x/{}{b}/{port}{"), ["a", "b", "port"]);
    }
}
