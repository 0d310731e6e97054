//! The token that a README must hold: `mcp-name: <server name>`, and nothing glued to it.

/// What a README says about a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// It holds the token.
    Found,
    /// It holds the token only as the beginning of a longer word, which goes on with this character.
    Glued(char),
    /// It does not hold it.
    Absent,
}

/// Looks for the token of `name`.
pub(super) fn find(text: &str, name: &str) -> Token {
    let token = format!("mcp-name: {name}");
    let mut glued = None;
    for (start, _) in text.match_indices(&token) {
        let rest = &text[start + token.len()..];
        match rest.chars().next() {
            Some(next) if continues_a_name(next) && !closes_a_comment(rest) => glued = glued.or(Some(next)),
            _ => return Token::Found,
        }
    }
    glued.map_or(Token::Absent, Token::Glued)
}

/// The contract's ending of a refusal, which begins with what package it is about.
pub(super) fn glued(name: &str, next: char) -> String {
    format!(
        "Found 'mcp-name: {name}', but it is followed by '{next}'; it must be followed by a space, newline, HTML tag (or comment close)"
    )
}

fn continues_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/')
}

fn closes_a_comment(rest: &str) -> bool {
    rest.starts_with("-->") || rest.starts_with("--!>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_ends_where_a_name_would() {
        for (text, expected) in [
            ("mcp-name: com.acme/tides", Token::Found),
            ("a\nmcp-name: com.acme/tides\nb", Token::Found),
            ("<!-- mcp-name: com.acme/tides -->", Token::Found),
            ("<!--mcp-name: com.acme/tides-->", Token::Found),
            ("<!--mcp-name: com.acme/tides--!>", Token::Found),
            ("<p>mcp-name: com.acme/tides</p>", Token::Found),
            ("mcp-name: com.acme/tidesé", Token::Found),
            ("mcp-name: com.acme/tides2 mcp-name: com.acme/tides", Token::Found),
            ("mcp-name: com.acme/tides.", Token::Glued('.')),
            ("mcp-name: com.acme/tides-pro", Token::Glued('-')),
            ("mcp-name: com.acme/tides--", Token::Glued('-')),
            ("mcp-name: com.acme/tides_x mcp-name: com.acme/tides/", Token::Glued('_')),
            ("mcp-name:com.acme/tides", Token::Absent),
            ("mcp-name:  com.acme/tides", Token::Absent),
            ("MCP-NAME: com.acme/tides", Token::Absent),
            ("mcp-name: com.acme/tide", Token::Absent),
            ("", Token::Absent),
        ] {
            assert_eq!(find(text, "com.acme/tides"), expected, "{text}");
        }
    }
}
