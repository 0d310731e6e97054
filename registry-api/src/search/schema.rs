//! What is indexed of a server (its latest visible version), and how text becomes words.

use tantivy::schema::{FAST, Field, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{AsciiFoldingFilter, LowerCaser, TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, TantivyDocument};

use crate::read_model::entry::Entry;

/// Raised whenever fields or words change: an index of another number is built anew.
pub const VERSION: u32 = 1;

/// The name of the word analyser inside the index.
const WORDS: &str = "words";

/// The index's fields.
#[derive(Debug, Clone, Copy)]
pub struct Fields {
    /// The whole name, for finding the catalog's entry and for deleting.
    pub name: Field,
    /// Words of the part after the slash.
    pub leaf: Field,
    /// Words of the namespace.
    pub namespace: Field,
    /// Words of the title.
    pub title: Field,
    /// Words of the description.
    pub description: Field,
}

/// The schema and its fields.
pub fn schema() -> (Schema, Fields) {
    let words = TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(WORDS)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    );
    let mut schema = Schema::builder();
    let fields = Fields {
        name: schema.add_text_field("name", STRING | FAST),
        leaf: schema.add_text_field("leaf", words.clone()),
        namespace: schema.add_text_field("namespace", words.clone()),
        title: schema.add_text_field("title", words.clone()),
        description: schema.add_text_field("description", words),
    };
    (schema.build(), fields)
}

/// Teaches an opened index its words.
pub fn register(index: &Index) {
    index.tokenizers().register(WORDS, analyzer());
}

fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(NameParts).filter(LowerCaser).filter(AsciiFoldingFilter).build()
}

/// The words of a text that somebody searches for: whole ones, since the index has both wholes and parts.
pub fn words(text: &str) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut words = Vec::new();
    while stream.advance() {
        // A part begins inside the whole before it, at the same position.
        if stream.token().position_length == WHOLE {
            words.push(stream.token().text.clone());
        }
    }
    words
}

/// The document of one server.
pub fn document(fields: &Fields, entry: &Entry) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    document.add_text(fields.name, entry.name.as_str());
    document.add_text(fields.leaf, entry.name.leaf());
    document.add_text(fields.namespace, entry.name.namespace().as_str());
    if let Ok(server) = entry.listing().server() {
        document.add_text(fields.title, &server.title);
        document.add_text(fields.description, &server.description);
    }
    document
}

/// Splits at everything that is neither letter nor digit; a word in `camelCase` also comes in its parts.
#[derive(Debug, Clone, Copy)]
struct NameParts;

struct Parts {
    words: std::vec::IntoIter<Token>,
    token: Token,
}

impl Tokenizer for NameParts {
    type TokenStream<'a> = Parts;

    fn token_stream(&mut self, text: &str) -> Parts {
        Parts { words: split(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for Parts {
    fn advance(&mut self) -> bool {
        self.words.next().map(|token| self.token = token).is_some()
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The longest word that is indexed; longer ones are cut by nobody and found by nobody.
const LONGEST: usize = 100;

/// What a token that is a whole word says of itself, and one that is a part of the word before it.
const WHOLE: usize = 1;
const PART: usize = 0;

fn split(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                word(text, from, at, &mut tokens);
                start = None;
            }
            _ => {}
        }
    }
    tokens
}

/// A word, and its humps if it has some.
fn word(text: &str, from: usize, to: usize, tokens: &mut Vec<Token>) {
    if to - from > LONGEST {
        return;
    }
    let position = tokens.last().map_or(0, |last| last.position + 1);
    let token = |from: usize, to: usize, position_length: usize| Token {
        offset_from: from,
        offset_to: to,
        position,
        text: text[from..to].to_owned(),
        position_length,
    };
    tokens.push(token(from, to, WHOLE));
    let mut begin = from;
    let mut before = ' ';
    for (at, c) in text[from..to].char_indices() {
        if c.is_uppercase() && before.is_lowercase() {
            tokens.push(token(begin, from + at, PART));
            begin = from + at;
        }
        before = c;
    }
    if begin > from {
        tokens.push(token(begin, to, PART));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexed(text: &str) -> Vec<String> {
        let mut analyzer = analyzer();
        let mut stream = analyzer.token_stream(text);
        let mut words = Vec::new();
        stream.process(&mut |token| words.push(token.text.clone()));
        words
    }

    #[test]
    fn splits_names_at_marks_and_keeps_humps_beside_the_whole() {
        assert_eq!(
            words("io.github.GetSentry/sentryMcp_server2"),
            ["io", "github", "getsentry", "sentrymcp", "server2"]
        );
        assert_eq!(indexed("GetSentry/x"), ["getsentry", "get", "sentry", "x"]);
        assert_eq!(
            indexed("Météo — HTTP/2 PostgreSQL"),
            ["meteo", "http", "2", "postgresql", "postgre", "sql"]
        );
    }
}
