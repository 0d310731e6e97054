//! How text becomes words, for the index and for what people type alike.
//!
//! A word is a run of letters and digits, folded (case, accents, width) and then stemmed as English. A name in `camelCase` comes
//! whole and in its parts. Scripts without blanks between words come in overlapping pairs of characters.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use frostem::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest word that is indexed, in bytes; longer ones are keys and hashes, which nobody types.
const LONGEST: usize = 64;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word, folded.
    pub text: String,
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Whether it is a part of the whole word before it.
    pub is_part: bool,
}

/// The words of a text, parts behind their wholes.
pub fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for range in runs(text) {
        if is_dense(&text[range.clone()]) {
            pairs(text, range, &mut words);
        } else if range.len() <= LONGEST {
            let parts = humps(text, &range);
            push(&mut words, text, range, false);
            for part in parts {
                push(&mut words, text, part, true);
            }
        }
    }
    words
}

/// The whole words of a text, folded.
pub fn whole_words(text: &str) -> impl Iterator<Item = String> {
    words(text).into_iter().filter(|word| !word.is_part).map(|word| word.text)
}

fn push(words: &mut Vec<Word>, text: &str, range: Range<usize>, is_part: bool) {
    let folded = fold(&text[range.clone()]);
    if !folded.is_empty() {
        words.push(Word { text: folded, range, is_part });
    }
}

/// Without case, accents and width: `É` is `e`, `ﬁ` is `fi`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// Letters and digits alone, folded: what is left of `Brave-Search MCP` is `bravesearchmcp`.
pub fn squash(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The stem of a folded word.
pub fn stem(word: &str) -> String {
    thread_local! {
        static ENGLISH: RefCell<Stemmer> = RefCell::new(Stemmer::new(Algorithm::English));
    }
    // Abbreviations lose their last letter otherwise: `aws`, `dns`, `rss`.
    if word.len() <= 3 {
        return word.to_owned();
    }
    ENGLISH.with_borrow(|english| english.stem(word).into_owned())
}

/// A number for a word, which two words hardly ever share; the same in one process only.
pub fn hash(word: &str) -> u32 {
    let mut hasher = DefaultHasher::new();
    word.hash(&mut hasher);
    #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
    let hash = hasher.finish() as u32;
    hash
}

/// Words that stand in nearly every name and say nothing.
pub fn is_weightless(word: &str) -> bool {
    matches!(word, "mcp" | "mcps" | "server" | "servers")
}

/// Words that join others and are not looked for.
pub fn is_stop_word(word: &str) -> bool {
    const WORDS: [&str; 64] = [
        "a",
        "about",
        "all",
        "am",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "has",
        "have",
        "help",
        "how",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "let",
        "lets",
        "like",
        "me",
        "my",
        "need",
        "of",
        "on",
        "or",
        "our",
        "out",
        "over",
        "please",
        "should",
        "some",
        "something",
        "that",
        "the",
        "their",
        "them",
        "there",
        "this",
        "to",
        "up",
        "us",
        "via",
        "want",
        "was",
        "we",
        "what",
        "which",
        "who",
        "with",
        "you",
        "your",
    ];
    WORDS.binary_search(&word).is_ok()
}

/// Words that say that something is done, and hardly what: somebody who types them would not miss them.
pub fn is_vague(word: &str) -> bool {
    const WORDS: [&str; 44] = [
        "access",
        "agent",
        "agents",
        "ai",
        "api",
        "apis",
        "app",
        "build",
        "check",
        "connect",
        "connector",
        "create",
        "data",
        "fetch",
        "find",
        "generate",
        "generator",
        "get",
        "give",
        "integration",
        "list",
        "look",
        "lookup",
        "make",
        "manage",
        "management",
        "manager",
        "official",
        "platform",
        "query",
        "read",
        "run",
        "search",
        "send",
        "service",
        "services",
        "show",
        "system",
        "tool",
        "toolkit",
        "tools",
        "use",
        "using",
        "work",
    ];
    WORDS.binary_search(&word).is_ok()
}

/// Runs of letters and digits of one kind of script.
fn runs(text: &str) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut open: Option<(usize, bool)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let kind = (c.is_alphanumeric() || is_combining_mark(c)).then(|| is_dense_char(c));
        match (open, kind) {
            (Some((_, dense)), Some(kind)) if dense == kind => {}
            (Some((from, _)), kind) => {
                runs.push(from..at);
                open = kind.map(|kind| (at, kind));
            }
            (None, kind) => open = kind.map(|kind| (at, kind)),
        }
    }
    runs
}

/// Scripts that put no blanks between words.
fn is_dense_char(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether a run is of such a script.
pub fn is_dense(run: &str) -> bool {
    run.chars().next().is_some_and(is_dense_char)
}

/// Every two neighbours of a run; a single character alone.
fn pairs(text: &str, run: Range<usize>, words: &mut Vec<Word>) {
    let starts: Vec<usize> =
        text[run.clone()].char_indices().map(|(at, _)| run.start + at).chain([run.end]).collect();
    if let [from, to] = starts[..] {
        push(words, text, from..to, false);
    }
    for pair in starts.windows(3) {
        push(words, text, pair[0]..pair[2], false);
    }
}

/// The parts of a word in `camelCase`; none of a word of one part.
fn humps(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut begin, mut before) = (range.start, ' ');
    for (at, c) in text[range.clone()].char_indices() {
        if c.is_uppercase() && before.is_lowercase() {
            parts.push(begin..range.start + at);
            begin = range.start + at;
        }
        before = c;
    }
    if begin > range.start {
        parts.push(begin..range.end);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn names_come_apart_at_marks_and_humps() {
        assert_eq!(
            texts("GetSentry/sentry-mcp_server2"),
            ["getsentry", "get", "sentry", "sentry", "mcp", "server2"]
        );
        assert_eq!(
            texts("Météo — HTTP/2 PostgreSQL"),
            ["meteo", "http", "2", "postgresql", "postgre", "sql"]
        );
        assert_eq!(whole_words("GetSentry x").collect::<Vec<_>>(), ["getsentry", "x"]);
    }

    #[test]
    fn scripts_without_blanks_come_in_pairs() {
        assert_eq!(texts("今日新闻 API"), ["今日", "日新", "新闻", "api"]);
        assert_eq!(texts("GitHub仓库"), ["github", "git", "hub", "仓库"]);
        assert_eq!(texts("猫"), ["猫"]);
        assert_eq!(texts("Почта России"), ["почта", "россии"]);
    }

    #[test]
    fn a_range_says_where_a_word_stands() {
        let text = "Où est É-mail?";
        let ranges: Vec<&str> = words(text).into_iter().map(|word| &text[word.range]).collect();
        assert_eq!(ranges, ["Où", "est", "É", "mail"]);
    }

    #[test]
    fn words_of_one_stem_are_one() {
        assert_eq!(stem("databases"), stem("database"));
        assert_eq!(stem("editing"), stem("edits"));
        assert_eq!((stem("aws").as_str(), stem("dns").as_str()), ("aws", "dns"));
        assert_eq!(hash("a"), hash("a"));
        assert_ne!(hash("a"), hash("b"));
    }

    #[test]
    fn odd_text_is_no_trouble() {
        assert!(texts("\0 \u{202e} 🦀 --- \"").is_empty());
        assert!(texts(&"x".repeat(65)).is_empty(), "nobody types it");
        assert_eq!(squash("Brave-Search MCP"), "bravesearchmcp");
        assert!(is_stop_word("the") && is_stop_word("a") && is_stop_word("your") && !is_stop_word("weather"));
        assert!(is_vague("access") && is_vague("find") && is_vague("work") && !is_vague("weather"));
    }
}
