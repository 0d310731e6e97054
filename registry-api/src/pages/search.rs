//! The page of search results, and the same results alone for the script that searches while somebody types.

use askama::Template;

use super::hit::Hit;
use super::view::{Site, grouped, search_path};

/// What a page of results shows.
#[derive(Debug, Clone)]
pub struct SearchView {
    /// The registry.
    pub site: Site,
    /// What was asked for; empty for everything.
    pub query: String,
    /// How many servers match, where that is known.
    pub total: Option<u64>,
    /// The matches of this page, best first.
    pub hits: Vec<Hit>,
    /// Where the next page starts.
    pub next_cursor: Option<String>,
    /// Whether this is a page after the first.
    pub continued: bool,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    site: &'a Site,
    view: &'a SearchView,
}

#[derive(Template)]
#[template(path = "search_results.html")]
struct SearchFragment<'a> {
    site: &'a Site,
    view: &'a SearchView,
}

/// The whole page.
pub fn search(view: &SearchView) -> Result<String, askama::Error> {
    SearchPage { site: &view.site, view }.render()
}

/// The results alone, for `fragment=1`.
pub fn search_fragment(view: &SearchView) -> Result<String, askama::Error> {
    SearchFragment { site: &view.site, view }.render()
}

impl SearchView {
    /// How many there are, in words; the query stands after it.
    fn count(&self) -> String {
        let shown = self.hits.len() as u64;
        let more = self.total.is_none() && (self.next_cursor.is_some() || self.continued);
        let matching = if self.query.is_empty() { "" } else { " for" };
        match self.total.unwrap_or(shown) {
            0 => format!("No servers{matching}"),
            _ if more && self.continued => format!("More servers{matching}"),
            1 if more => format!("The first server{matching}"),
            n if more => format!("The first {} servers{matching}", grouped(n)),
            1 => format!("1 server{matching}"),
            n => format!("{} servers{matching}", grouped(n)),
        }
    }

    /// The next page.
    fn next(&self) -> Option<String> {
        self.next_cursor.as_deref().map(|cursor| search_path(&self.query, Some(cursor)))
    }

    /// The first page.
    fn first(&self) -> String {
        search_path(&self.query, None)
    }

    /// A query of several words may find more with fewer.
    fn has_several_words(&self) -> bool {
        self.query.split_whitespace().nth(1).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    fn view(query: &str, hits: Vec<Hit>) -> SearchView {
        SearchView {
            site: samples::site(),
            query: query.to_owned(),
            total: Some(hits.len() as u64),
            hits,
            next_cursor: None,
            continued: false,
        }
    }

    #[test]
    fn finding_nothing_helps_on() {
        let page = search(&view("weathr <script>", Vec::new())).expect("rendered");
        assert!(page.contains("No servers for"));
        assert!(page.contains("fewer words"));
        assert!(!page.contains("<script>"), "the query is escaped");
        samples::assert_page(&page);
    }

    #[test]
    fn matches_are_marked_and_counted() {
        let hits = vec![Hit::from_listing(&samples::rich()).expect("a document")];
        let fragment = search_fragment(&view("weather", hits)).expect("rendered");
        assert!(fragment.contains("1 server for"));
        assert!(fragment.contains("<mark>weather</mark>"));
        assert!(!fragment.contains("<html"), "the results alone");
    }

    #[test]
    fn the_next_page_is_a_link() {
        let hits = vec![Hit::from_listing(&samples::minimal()).expect("a document")];
        let view = SearchView { total: None, next_cursor: Some("abc.1".into()), ..view("a b", hits) };
        let page = search(&view).expect("rendered");
        assert!(page.contains("The first server for"));
        assert!(
            page.contains("/search?q=a%20b&#38;cursor=abc.1")
                || page.contains("/search?q=a%20b&amp;cursor=abc.1")
        );
    }

    #[test]
    fn hostile_listings_stay_text() {
        let hits = vec![Hit::from_listing(&samples::hostile()).expect("a document")];
        let page = search(&view("img", hits)).expect("rendered");
        samples::assert_page(&page);
    }
}
