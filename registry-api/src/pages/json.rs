//! A JSON text, laid out for reading: indented and told apart by colour, every string and number as it was written.

/// A run of characters, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// `key`, `string`, `number`, `word`; empty for what lies between.
    pub class: &'static str,
    /// The characters.
    pub text: String,
}

/// Lays out a JSON text that is known to be valid; numbers are not read, so none can lose a digit.
pub fn pretty(json: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut depth = 0_usize;
    let mut rest = json.trim();
    while let Some(first) = rest.chars().next() {
        let token = token(rest);
        rest = rest[token.len()..].trim_start();
        match first {
            '{' | '[' if rest.starts_with(['}', ']']) => {
                push(&mut runs, "", &format!("{first}{}", &rest[..1]));
                rest = rest[1..].trim_start();
            }
            '{' | '[' => {
                depth += 1;
                push(&mut runs, "", &format!("{first}{}", line(depth)));
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                push(&mut runs, "", &format!("{}{first}", line(depth)));
            }
            ',' => push(&mut runs, "", &format!(",{}", line(depth))),
            ':' => push(&mut runs, "", ": "),
            '"' => push(&mut runs, if rest.starts_with(':') { "key" } else { "string" }, token),
            '-' | '0'..='9' => push(&mut runs, "number", token),
            _ => push(&mut runs, "word", token),
        }
    }
    runs
}

fn line(depth: usize) -> String {
    format!("\n{}", "  ".repeat(depth))
}

/// Neighbours of one class become one run.
fn push(runs: &mut Vec<Run>, class: &'static str, text: &str) {
    match runs.last_mut() {
        Some(last) if last.class == class => last.text.push_str(text),
        _ => runs.push(Run { class, text: text.to_owned() }),
    }
}

/// The token that `text` starts with.
fn token(text: &str) -> &str {
    let end = match text.as_bytes().first() {
        Some(b'"') => {
            let mut escaped = false;
            let close = text.bytes().skip(1).position(|byte| {
                let closes = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                closes
            });
            close.map(|at| at + 2)
        }
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => Some(1),
        _ => text.find(|c: char| c.is_ascii_whitespace() || "{}[],:\"".contains(c)),
    };
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        pretty(json).into_iter().map(|run| run.text).collect()
    }

    #[test]
    fn lays_out_objects_and_lists() {
        assert_eq!(
            text(r#"{"a":[1,true],"b":{},"c":[],"d":{"e":"f"}}"#),
            "{\n  \"a\": [\n    1,\n    true\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": {\n    \"e\": \"f\"\n  }\n}"
        );
    }

    #[test]
    fn keeps_strings_and_long_numbers_as_they_are() {
        let json = r#"{"k":"a \"{,:}\\","n":12345678901234567890.10e-2}"#;
        assert_eq!(text(json), "{\n  \"k\": \"a \\\"{,:}\\\\\",\n  \"n\": 12345678901234567890.10e-2\n}");
        assert_eq!(text("[\"é\u{202e}\"]"), "[\n  \"é\u{202e}\"\n]");
    }

    #[test]
    fn tells_keys_from_values() {
        let classes: Vec<_> = pretty(r#"{"k":"v","n":1,"w":null}"#)
            .into_iter()
            .filter(|run| !run.class.is_empty())
            .map(|run| (run.class, run.text))
            .collect();
        let expected = [
            ("key", "\"k\""),
            ("string", "\"v\""),
            ("key", "\"n\""),
            ("number", "1"),
            ("key", "\"w\""),
            ("word", "null"),
        ];
        assert_eq!(classes, expected.map(|(class, text)| (class, text.to_owned())));
    }

    #[test]
    fn ends_on_texts_that_are_no_json() {
        for broken in ["", "\"open", "{", "]]", "\u{e9}\u{202e}", ":::"] {
            assert!(text(broken).len() < 100, "{broken}");
        }
    }
}
