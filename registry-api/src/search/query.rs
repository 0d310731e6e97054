//! From what somebody types to what is looked for: words, phrases, exclusions, filters. Pure; knows no index.

use super::facts::Facet;
use super::profile::owner;
use registry_core::name::ServerName;

use super::text::{fold, is_dense, is_stop_word, is_vague, is_weightless, squash, stem, whole_words};

/// How many words of a query count; the rest is ignored.
const MOST_WORDS: usize = 16;
/// How many bytes of a query count.
pub const MOST_TEXT: usize = 1_000;
/// How many filters a query may have.
const MOST_FILTERS: usize = 16;

/// What somebody looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The text as it was typed, trimmed.
    pub typed: String,
    /// The same, folded.
    pub text: String,
    /// What must be found, in the order of the text.
    pub words: Vec<WantedWord>,
    /// Words that must be there as they are written, and those of a list together.
    pub phrases: Vec<Vec<String>>,
    /// Words and phrases that must not be there.
    pub without: Vec<Vec<String>>,
    /// What must be true: tags of the index, each list being alternatives.
    pub filters: Vec<Vec<String>>,
    /// What must not be true, in the same form.
    pub without_tags: Vec<Vec<String>>,
}

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedWord {
    /// As it was typed, folded.
    pub text: String,
    /// Its stem.
    pub stem: String,
    /// Whether it stands in quotes: then it means just itself.
    pub is_quoted: bool,
    /// Whether it says little beside the others, and need not be found.
    pub is_vague: bool,
    /// Whether it may be the beginning of a word that is still being typed.
    pub is_unfinished: bool,
}

impl Wanted {
    /// Reads a query; odd characters and unknown fields are words like others.
    pub fn read(text: &str) -> Self {
        let text = cut(text, MOST_TEXT);
        let mut wanted = Self { typed: text.trim().to_owned(), text: fold(text.trim()), ..Self::default() };
        let mut typed: Vec<(String, bool)> = Vec::new();
        let mut ends_open = false;
        for piece in pieces(text) {
            ends_open = wanted.take(&piece, &mut typed) && !piece.is_quoted;
        }
        ends_open &= text.ends_with(|c: char| c.is_alphanumeric());
        wanted.words(typed, ends_open);
        wanted
    }

    /// Whether there is nothing to look for by words.
    pub fn is_wordless(&self) -> bool {
        self.words.is_empty() && self.phrases.is_empty()
    }

    /// Whether it is words and nothing else.
    pub fn is_plain(&self) -> bool {
        self.phrases.is_empty()
            && [&self.filters, &self.without, &self.without_tags].iter().all(|list| list.is_empty())
    }

    /// The text without its marks, and without words that say nothing as well.
    pub fn squashed(&self) -> [String; 2] {
        let telling: String = self
            .words
            .iter()
            .filter(|word| !is_weightless(&word.text))
            .map(|word| word.text.as_str())
            .collect();
        [squash(&self.text), telling]
    }

    /// Takes a piece; says whether it was words to look for.
    fn take(&mut self, piece: &Piece<'_>, typed: &mut Vec<(String, bool)>) -> bool {
        let tag = piece.field.and_then(|field| tags(field, piece.text));
        if piece.is_excluded {
            if let Some(tag) = tag {
                self.without_tags.extend(Some(tag).filter(|_| self.without_tags.len() < MOST_FILTERS));
                return false;
            }
            let words: Vec<String> = whole_words(piece.text).take(MOST_WORDS).collect();
            if !words.is_empty() && self.without.len() < MOST_FILTERS {
                self.without.push(words);
            }
            return false;
        }
        if let Some(tag) = tag {
            if self.filters.len() < MOST_FILTERS {
                self.filters.push(tag);
            }
            return false;
        }
        if let Some(field) = piece.field {
            typed.extend(whole_words(field).map(|word| (word, false)));
        }
        let words: Vec<String> = match name(&fold(piece.text)) {
            Some(name) if !piece.is_quoted => whole_words(&name).collect(),
            _ => whole_words(piece.text).collect(),
        };
        if piece.is_quoted && !words.is_empty() && self.phrases.len() < MOST_FILTERS {
            self.phrases.push(words.iter().take(MOST_WORDS).cloned().collect());
        }
        typed.extend(words.into_iter().map(|word| (word, piece.is_quoted)));
        true
    }

    /// Keeps what is worth looking for: words that join others, and those that stand everywhere, only where there are no others.
    fn words(&mut self, typed: Vec<(String, bool)>, ends_open: bool) {
        let says = |(word, quoted): &&(String, bool)| *quoted || !(is_stop_word(word) || is_weightless(word));
        let joins = |(word, _): &&(String, bool)| !is_stop_word(word);
        let last = typed.last().map(|(word, _)| word.clone());
        let mut kept: Vec<(String, bool)> = typed.iter().filter(says).cloned().collect();
        if kept.is_empty() {
            kept = typed.iter().filter(joins).cloned().collect();
        }
        if kept.is_empty() {
            kept = typed;
        }
        let mut seen = std::collections::HashSet::new();
        kept.retain(|(word, _)| seen.insert(word.clone()));
        kept.truncate(MOST_WORDS);
        let count = kept.len();
        let says_much = |(word, quoted): &(String, bool)| *quoted || !is_vague(word);
        let has_telling = kept.iter().any(says_much);
        self.words = kept
            .into_iter()
            .enumerate()
            .map(|(at, (text, is_quoted))| WantedWord {
                stem: stem(&text),
                is_vague: has_telling && !is_quoted && is_vague(&text),
                // Of a script without blanks, a single character is the beginning of something, wherever it stands.
                is_unfinished: !is_quoted
                    && if is_dense(&text) {
                        text.chars().count() == 1
                    } else {
                        ends_open && at + 1 == count && last.as_ref() == Some(&text)
                    },
                text,
                is_quoted,
            })
            .collect();
    }
}

/// What says something of a server's name, or of the beginning of one: the labels of a namespace that everybody shares do not.
fn name(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let (namespace, leaf) = text.split_once('/').unwrap_or((text, ""));
    let is_platform =
        ["io.github.", "io.gitlab.", "io.bitbucket."].iter().any(|platform| namespace.starts_with(platform));
    let is_name = !leaf.is_empty() && namespace.contains('.');
    if !is_platform && !is_name {
        return None;
    }
    let namespace = format!("{namespace}/x").parse::<ServerName>().ok()?.namespace();
    Some(format!("{} {leaf}", owner(&namespace.host()).1))
}

/// The tags that a field asks for, alternatives apart by commas; `None` where it is no field of ours.
fn tags(field: &str, values: &str) -> Option<Vec<String>> {
    let values = values.split(',').map(str::trim).filter(|value| !value.is_empty());
    let tags: Vec<String> = values.map(|value| tag(field, &fold(value))).collect::<Option<_>>()?;
    (!tags.is_empty()).then_some(tags)
}

fn tag(field: &str, value: &str) -> Option<String> {
    match field.to_ascii_lowercase().as_str() {
        "namespace" | "ns" => Some(format!("ns:{}", value.trim_end_matches(['*', '/', '.']))),
        "package" => match Facet::of("registry_type").and_then(|types| types.bit(value)) {
            Some(_) => Some(format!("registry_type:{value}")),
            None => Some(format!("package:{value}")),
        },
        "transport" if value == "http" => Some("transport:streamable-http".to_owned()),
        "tool" => Some(format!("tool:{value}")),
        "host" => Some(format!("host:{value}")),
        field => {
            let facet = Facet::of(if field == "type" { "registry_type" } else { field })?;
            facet.bit(value).map(|_| format!("{}:{value}", facet.name))
        }
    }
}

/// A piece of the text: what stands between blanks, or between quotes.
struct Piece<'a> {
    text: &'a str,
    field: Option<&'a str>,
    is_quoted: bool,
    is_excluded: bool,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return pieces;
        }
        let (is_excluded, after) = match rest.strip_prefix('-') {
            Some(after) if after.starts_with(|c: char| c == '"' || c.is_alphanumeric()) => (true, after),
            _ => (false, rest),
        };
        let (field, after) = field(after);
        if let Some(inside) = after.strip_prefix('"') {
            // A quote that nobody closes reaches to the end.
            let end = inside.find('"').unwrap_or(inside.len());
            pieces.push(Piece { text: &inside[..end], field, is_quoted: true, is_excluded });
            rest = inside.get(end + 1..).unwrap_or_default();
        } else {
            let end = after.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(after.len());
            pieces.push(Piece { text: &after[..end], field, is_quoted: false, is_excluded });
            rest = &after[end..];
        }
    }
}

/// `field:` at the beginning, where letters stand before the colon and something behind it.
fn field(text: &str) -> (Option<&str>, &str) {
    let Some((field, value)) = text.split_once(':') else { return (None, text) };
    let is_field = !field.is_empty() && field.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    let has_value = value.starts_with(|c: char| !c.is_whitespace() && c != '/');
    if is_field && has_value { (Some(field), value) } else { (None, text) }
}

fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(query: &str) -> Vec<String> {
        Wanted::read(query).words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_that_say_nothing_count_only_alone() {
        assert_eq!(texts("run python code in a sandbox"), ["run", "python", "code", "sandbox"]);
        assert_eq!(texts("the weather MCP server"), ["weather"]);
        assert_eq!(texts("mcp server"), ["mcp", "server"]);
        assert_eq!(texts("to the"), ["to", "the"]);
        assert!(texts(" \" ( - : ").is_empty());
    }

    #[test]
    fn the_last_word_may_be_unfinished() {
        let unfinished = |query| Wanted::read(query).words.last().is_some_and(|word| word.is_unfinished);
        assert!(unfinished("team chan") && unfinished("dock"));
        assert!(!unfinished("team chan "), "a blank ends it");
        assert!(!unfinished("\"team chan\"") && !unfinished("今日新闻"));
        assert!(!unfinished("weather server"), "the last word is not the one that is looked for");
    }

    #[test]
    fn quotes_dashes_and_fields() {
        let wanted = Wanted::read(
            r#"mail "team channel" -slack -"old one" package:npm,pypi namespace:com.Example transport:http x:y -has:icon"#,
        );
        assert_eq!(wanted.phrases, [["team", "channel"]]);
        assert_eq!(wanted.without, [vec!["slack"], vec!["old", "one"]]);
        let filters = [
            vec!["registry_type:npm", "registry_type:pypi"],
            vec!["ns:com.example"],
            vec!["transport:streamable-http"],
        ];
        assert_eq!(wanted.filters, filters);
        assert_eq!(wanted.without_tags, [["has:icon"]]);
        let words: Vec<_> = wanted.words.iter().map(|word| (word.text.as_str(), word.is_quoted)).collect();
        assert_eq!(words, [("mail", false), ("team", true), ("channel", true), ("x", false), ("y", false)]);
    }

    #[test]
    fn addresses_and_hyphens_are_no_fields_and_no_exclusions() {
        let wanted = Wanted::read("https://example.com brave-search --x");
        assert!(wanted.filters.is_empty() && wanted.without.is_empty());
        assert_eq!(texts("brave-search"), ["brave", "search"]);
        assert_eq!(Wanted::read("brave search MCP").squashed(), ["bravesearchmcp", "bravesearch"]);
    }

    #[test]
    fn hostile_text_ends() {
        for text in [
            "\"".repeat(5_000),
            "-".repeat(5_000),
            ":".repeat(5_000),
            "a:".repeat(5_000),
            "é\"-".repeat(5_000),
            "a ".repeat(5_000),
        ] {
            let wanted = Wanted::read(&text);
            assert!(wanted.words.len() <= MOST_WORDS && wanted.filters.len() <= MOST_FILTERS);
        }
        assert!(Wanted::read("\0\u{202e}🦀").is_wordless());
    }
}
