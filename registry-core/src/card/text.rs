//! Words of strangers made fit to keep: one line, no control characters, no keys, a limited length.

use super::secret;

/// The words on one line: control and direction characters gone, blanks collapsed, keys blotted out, at most `max` characters.
pub fn clean(text: &str, max: usize) -> String {
    // What is far beyond any limit is not worth the walk.
    let text: String = text.chars().take(max.saturating_mul(4).saturating_add(64)).map(visible).collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    secret::redact(&line.replace(REMOVED, "")).trim().chars().take(max).collect()
}

/// Stands for a character to be taken out without leaving a gap.
const REMOVED: char = '\u{FFFF}';

fn visible(c: char) -> char {
    match c {
        '\u{200B}'
        | '\u{200C}'
        | '\u{200E}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' => REMOVED,
        '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}' => REMOVED,
        c if c.is_control() => ' ',
        c => c,
    }
}

/// The text in at most `max` characters, cut at the end of a word and ending in `…` where it was longer.
pub fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let head: String = text.chars().take(max.saturating_sub(1)).collect();
    let next_is_blank = text.chars().nth(max.saturating_sub(1)).is_some_and(char::is_whitespace);
    let whole = head.rfind(char::is_whitespace).filter(|at| !next_is_blank && *at >= head.len() / 2);
    let kept = whole.map_or(head.as_str(), |at| &head[..at]);
    format!("{}…", kept.trim_end_matches(|c: char| c.is_whitespace() || ".,;:–—-".contains(c)))
}

/// The first sentence of a longer text.
pub fn first_sentence(text: &str) -> &str {
    let end = text.find(". ").map(|at| at + 1).or_else(|| text.find('\n'));
    end.map_or(text, |at| &text[..at]).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_direction_characters_go() {
        assert_eq!(clean(" a\u{0}b\n\tc \u{202E}d\u{200B}e ", 100), "a b c de");
        assert_eq!(clean("x".repeat(10_000).as_str(), 10).len(), 10);
    }

    #[test]
    fn long_texts_end_at_a_word() {
        let text = "one two three four";
        assert_eq!(shorten(text, 18), text);
        assert_eq!(shorten(text, 12), "one two…");
        assert_eq!(shorten(text, 14), "one two three…");
        assert_eq!(shorten(&"x".repeat(200), 100).chars().count(), 100);
        assert_eq!(shorten("äöü äöü äöü", 8), "äöü äöü…");
    }

    #[test]
    fn a_first_sentence_ends_at_its_stop() {
        assert_eq!(first_sentence("Finds things. Then sleeps."), "Finds things.");
        assert_eq!(first_sentence("Finds v1.2 things"), "Finds v1.2 things");
    }
}
