//! The first page: what this registry is, the search box, what is new, how to use it.

use askama::Template;

use super::hit::Hit;
use super::view::{Site, grouped};

/// What the first page shows.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html")]
pub struct HomeView {
    /// The registry.
    pub site: Site,
    /// How many servers it lists.
    pub servers: u64,
    /// How many versions of them.
    pub versions: u64,
    /// How many namespaces they belong to.
    pub namespaces: u64,
    /// What changed last, newest first.
    pub recent: Vec<Hit>,
}

/// The first page.
pub fn home(view: &HomeView) -> Result<String, askama::Error> {
    view.render()
}

impl HomeView {
    /// The figures, each with its word.
    fn figures(&self) -> [(String, &'static str); 3] {
        let word = |count, one, many| if count == 1 { one } else { many };
        [
            (grouped(self.servers), word(self.servers, "server", "servers")),
            (grouped(self.versions), word(self.versions, "version", "versions")),
            (grouped(self.namespaces), word(self.namespaces, "namespace", "namespaces")),
        ]
    }

    /// Nothing is searched for on this page; the lists it shares with the search ask.
    fn query(&self) -> &'static str {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    #[test]
    fn an_empty_registry_says_what_to_do() {
        let view =
            HomeView { site: samples::site(), servers: 0, versions: 0, namespaces: 0, recent: Vec::new() };
        let page = home(&view).expect("rendered");
        assert!(page.contains("Nothing is listed yet"));
        assert!(page.contains("https://registry.example"));
        samples::assert_page(&page);
    }

    #[test]
    fn a_full_registry_shows_figures_and_what_is_new() {
        let recent = vec![Hit::from_listing(&samples::rich()).expect("a document")];
        let view = HomeView { site: samples::site(), servers: 1_284, versions: 1, namespaces: 312, recent };
        let page = home(&view).expect("rendered");
        assert!(page.contains("1,284") && page.contains("href=\"/servers/com.example/weather\""));
        assert!(page.contains("action=\"/search\""), "the form works without script");
        samples::assert_page(&page);
    }
}
