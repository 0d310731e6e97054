//! A domain as a publisher writes it.

use std::fmt;

/// A domain of at least two labels; its letters as they were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain(String);

impl Domain {
    /// Letters, digits and inner hyphens in labels separated by dots, no IP address, no final dot.
    pub fn parse(text: String) -> Option<Self> {
        let labels: Vec<&str> = text.split('.').collect();
        // A number at the end makes it an IPv4 address to URL parsers, in whatever base and however many parts.
        let last = labels.last().copied().unwrap_or_default();
        let is_number =
            last.bytes().all(|b| b.is_ascii_digit()) || last.to_ascii_lowercase().starts_with("0x");
        let fits = text.len() <= 253 && labels.len() >= 2 && labels.into_iter().all(is_label);
        (fits && !is_number).then_some(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels in reverse order: the namespace.
    pub fn reversed(&self) -> String {
        self.0.rsplit('.').collect::<Vec<_>>().join(".")
    }
}

fn is_label(label: &str) -> bool {
    let letters = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    letters && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_reversed_with_its_letters_as_sent() {
        let domain = Domain::parse("API.Example.com".to_owned()).expect("a domain");
        assert_eq!(domain.reversed(), "com.Example.API");
    }

    #[test]
    fn refuses_what_is_no_public_name() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = format!("{}example", "a.".repeat(124));
        for text in [
            "",
            "localhost",
            "example.com.",
            ".example.com",
            "a..b",
            "-a.example",
            "a-.example",
            "a_b.example",
            "a b.example",
            "exämple.com",
            "example.com/x",
            "example.com:443",
            "user@example.com",
            "127.0.0.1",
            "1.2.3",
            "example.0x7f",
            "example.1",
            "[::1]",
            "*.example.com",
            &long,
            &longer,
        ] {
            assert_eq!(Domain::parse(text.to_owned()), None, "{text}");
        }
        assert!(Domain::parse("xn--bcher-kva.example".to_owned()).is_some());
        assert!(Domain::parse("1.example".to_owned()).is_some());
    }
}
