//! Why a package is not proved: the contract's sentence, what was read, what was found there, what to change.

use std::fmt;

use url::Url;

use super::lookup::LookupError;

/// How much of what strangers wrote is repeated.
const MAX_REPEATED: usize = 200;

/// Why one package is not proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    sentence: String,
    read: Vec<(String, String)>,
    advice: Option<String>,
    missing: bool,
}

impl Refusal {
    /// The contract's sentence.
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), read: Vec::new(), advice: None, missing: false }
    }

    /// A look-up that gave no answer; it may, later, unless the address itself is refused.
    pub(super) fn unread(what: &str, url: &Url, error: &LookupError) -> Self {
        let refusal = Self::new(format!("{what}: {error}")).read(url, "no usable answer");
        if error.is_passing() { refusal.missing() } else { refusal }
    }

    /// And what was found where.
    pub(super) fn read(mut self, url: &Url, found: impl Into<String>) -> Self {
        self.read.push((shortened(url.as_str()), found.into()));
        self
    }

    /// And the status that was found there.
    pub(super) fn status(self, url: &Url, status: u16) -> Self {
        self.read(url, format!("status {status}"))
    }

    /// And what to change.
    pub(super) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Waiting can help.
    pub(super) fn missing(mut self) -> Self {
        self.missing = true;
        self
    }

    /// The contract's sentence alone.
    pub fn sentence(&self) -> &str {
        &self.sentence
    }

    /// The addresses that were read, each with what was found there.
    pub fn was_read(&self) -> impl Iterator<Item = (&str, &str)> {
        self.read.iter().map(|(url, found)| (url.as_str(), found.as_str()))
    }

    /// What to change.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Whether waiting can help: the package is not there yet, or its registry does not answer just now.
    pub fn is_missing(&self) -> bool {
        self.missing
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)?;
        let read: Vec<_> = self.read.iter().map(|(url, found)| format!("{url}: {found}")).collect();
        match (read.join("; "), &self.advice) {
            (read, None) if read.is_empty() => Ok(()),
            (read, Some(advice)) if read.is_empty() => write!(f, " ({advice})"),
            (read, None) => write!(f, " (read {read})"),
            (read, Some(advice)) => write!(f, " (read {read}; {advice})"),
        }
    }
}

/// A document one of whose packages is not proved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("registry validation failed for package {index} ({identifier}): {refusal}")]
pub struct Unproved {
    /// Which package, counted from 0.
    pub index: usize,
    /// Its identifier.
    pub identifier: String,
    /// Why.
    pub refusal: Refusal,
}

impl Unproved {
    /// Whether waiting can help.
    pub fn is_missing(&self) -> bool {
        self.refusal.is_missing()
    }
}

/// What a stranger wrote, not longer than a sentence bears.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_REPEATED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_comes_first_and_the_rest_in_brackets() {
        let url = Url::parse("https://a.example/b").expect("valid");
        let bare = Refusal::new("it is wrong");
        assert_eq!(bare.to_string(), "it is wrong");
        assert_eq!(bare.clone().advise("mend it").to_string(), "it is wrong (mend it)");
        let read = bare.status(&url, 404);
        assert_eq!(read.to_string(), "it is wrong (read https://a.example/b: status 404)");
        let refusal = read.read(&url, "nothing").advise("mend it");
        assert_eq!(
            Unproved { index: 3, identifier: "b".into(), refusal }.to_string(),
            "registry validation failed for package 3 (b): it is wrong (read https://a.example/b: status 404; \
             https://a.example/b: nothing; mend it)"
        );
    }

    #[test]
    fn strangers_are_not_repeated_at_length() {
        assert_eq!(shortened(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(shortened(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }
}
