//! The page that describes the API, around the viewer that the program brings along.

use askama::Template;

use super::view::Site;

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage<'a> {
    site: &'a Site,
}

/// The page.
pub fn docs(site: &Site) -> Result<String, askama::Error> {
    DocsPage { site }.render()
}
