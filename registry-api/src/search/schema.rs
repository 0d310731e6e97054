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

/// The words of a text, as the index has them.
pub fn words(text: &str) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut words = Vec::new();
    while stream.advance() {
        words.push(stream.token().text.clone());
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

/// Splits at everything that is neither letter nor digit, and inside `camelCase`.
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

fn split(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut start = None;
    let mut before = ' ';
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let inside = c.is_alphanumeric();
        let hump = c.is_uppercase() && before.is_lowercase();
        if let Some(from) = start.filter(|_| !inside || hump) {
            if at - from <= LONGEST {
                tokens.push(Token {
                    offset_from: from,
                    offset_to: at,
                    position: tokens.len(),
                    text: text[from..at].to_owned(),
                    position_length: 1,
                });
            }
            start = None;
        }
        if inside && start.is_none() {
            start = Some(at);
        }
        before = c;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names_at_marks_and_humps() {
        assert_eq!(
            words("io.github.GetSentry/sentryMcp_server2"),
            ["io", "github", "get", "sentry", "sentry", "mcp", "server2"]
        );
        assert_eq!(words("Météo — HTTP/2 PostgreSQL"), ["meteo", "http", "2", "postgre", "sql"]);
    }
}
