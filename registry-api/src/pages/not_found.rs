//! The pages for what is not there and for what went wrong.

use askama::Template;

use super::view::Site;

#[derive(Template)]
#[template(path = "not_found.html")]
struct NotFoundPage<'a> {
    site: &'a Site,
    missing: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    site: &'a Site,
    status: u16,
    title: &'a str,
    detail: &'a str,
}

/// The page for an address that leads nowhere; `missing` is the server that was asked for, if one was.
pub fn not_found(site: &Site, missing: Option<&str>) -> Result<String, askama::Error> {
    NotFoundPage { site, missing }.render()
}

/// The page for a request that failed; `detail` is shown to visitors, so it tells nothing of the inside.
pub fn error(site: &Site, status: u16, title: &str, detail: &str) -> Result<String, askama::Error> {
    ErrorPage { site, status, title, detail }.render()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::samples;

    #[test]
    fn a_missing_server_can_be_searched_for() {
        let page = not_found(&samples::site(), Some("com.example/<b>")).expect("rendered");
        assert!(page.contains("value=\"com.example/&#60;b&#62;\""));
        samples::assert_page(&page);
        samples::assert_page(&not_found(&samples::site(), None).expect("rendered"));
    }

    #[test]
    fn an_error_says_what_it_was_told() {
        let page = error(&samples::site(), 503, "Not ready", "the registry is still reading its listings")
            .expect("rendered");
        assert!(page.contains("503") && page.contains("still reading"));
        samples::assert_page(&page);
    }
}
