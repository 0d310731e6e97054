//! Completions while somebody types: words that go on as the last one began, and servers that are called so.

use std::ops::Bound;

use registry_core::wire::search::{Suggestion, SuggestionKind as Kind};
use tantivy::Searcher;

use super::find::{self, Depth, Request};
use super::query::{Wanted, WantedWord};
use super::schema::Fields;
use super::text::is_stop_word;
use super::vocabulary::Vocabulary;
use crate::read_model::catalog::Catalog;
use crate::read_model::entry::fold;

/// How many servers are suggested, and how many words.
const SERVERS: usize = 6;
const WORDS: usize = 5;

/// What `text` may become, the likeliest first: servers, then queries.
pub fn suggest(
    searcher: &Searcher,
    fields: &Fields,
    catalog: &Catalog,
    text: &str,
) -> tantivy::Result<Vec<Suggestion>> {
    let wanted = Wanted::read(text);
    if wanted.text.is_empty() {
        return Ok(Vec::new());
    }
    let mut suggestions = named(catalog, &wanted.text);
    if suggestions.len() < SERVERS && !wanted.is_wordless() {
        let request = Request { text: text.to_owned(), depth: Depth::Few, ..Request::default() };
        let order = find::find(searcher, fields, catalog, &request)?;
        for hit in order.hits.iter().filter(|hit| hit.has_all) {
            if suggestions.len() == SERVERS {
                break;
            }
            let Some((server, entry)) = find::shown(catalog, hit.id) else { continue };
            let name = server.name.as_str();
            if suggestions.iter().all(|known| known.name.as_deref() != Some(name)) {
                suggestions.push(of_server(name, entry.title()));
            }
        }
    }
    suggestions.extend(queries(text, &wanted, &Vocabulary::of(searcher, fields)?));
    Ok(suggestions)
}

fn of_server(name: &str, title: &str) -> Suggestion {
    Suggestion { kind: Kind::Server, text: title.to_owned(), name: Some(name.to_owned()) }
}

/// Servers whose whole name begins so, for whoever types a name.
fn named(catalog: &Catalog, text: &str) -> Vec<Suggestion> {
    if !text.contains(['.', '/']) {
        return Vec::new();
    }
    let from = catalog.servers_from(Bound::Included(text));
    let named = from.take_while(|server| fold(server.name.as_str()).starts_with(text)).take(SERVERS);
    named.filter_map(|server| Some(of_server(server.name.as_str(), server.visible()?.title()))).collect()
}

/// The text with other ends of its last word.
fn queries(text: &str, wanted: &Wanted, vocabulary: &Vocabulary) -> Vec<Suggestion> {
    // One letter says nothing yet, and stands at the beginning of more words than one wants to look through.
    let is_begun = |last: &&WantedWord| last.is_unfinished && last.text.chars().count() > 1;
    let Some(last) = wanted.words.last().filter(is_begun) else { return Vec::new() };
    let typed = text.trim_end();
    let end = typed.len().checked_sub(last.text.len());
    let Some((before, word)) = end.and_then(|end| typed.split_at_checked(end)) else { return Vec::new() };
    // What belongs to a field or to a name goes on as no other word does.
    if fold(word) != last.text || before.ends_with([':', '/', '.']) {
        return Vec::new();
    }
    let known = vocabulary.beginning_with(&last.text, 4 * WORDS);
    let worth = known.into_iter().filter(|known| known.word != last.text && !is_stop_word(&known.word));
    let query = |word: String| Suggestion {
        kind: Kind::Query,
        text: format!("{before}{word}").to_lowercase(),
        name: None,
    };
    worth.take(WORDS).map(|known| query(known.word)).collect()
}

#[cfg(test)]
mod tests {
    use crate::search::index::tests::indexed;

    fn texts(text: &str) -> Vec<String> {
        let (catalog, indexer, _folder) = indexed(&[
            ("com.acme/weather", "Tells the weather"),
            ("com.acme/wealth", "Counts money"),
            ("org.other/weather-maps", "Maps of weather"),
        ]);
        let suggestions = indexer.search().suggest(&catalog, text);
        suggestions.into_iter().map(|s| s.name.unwrap_or(s.text)).collect()
    }

    #[test]
    fn servers_come_first_and_then_words() {
        assert_eq!(
            texts("wea"),
            ["com.acme/weather", "com.acme/wealth", "org.other/weather-maps", "weather", "wealth"]
        );
        assert!(texts("Maps of wea").ends_with(&["maps of weather".to_owned(), "maps of wealth".to_owned()]));
        assert_eq!(texts("weather -for"), ["com.acme/weather", "org.other/weather-maps"]);
        assert!(!texts("host:wea").contains(&"host:weather".to_owned()));
        assert_eq!(texts("com.acme/we"), ["com.acme/wealth", "com.acme/weather"]);
        assert!(texts("").is_empty() && texts("\0").is_empty());
    }
}
