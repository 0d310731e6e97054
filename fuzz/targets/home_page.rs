//! Home pages: the first line is a `Link` header, the rest the page.
#![no_main]

use crawler::discover::{Document, home_page};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (link, body) = bytes.split_at(end);
    let links = [String::from_utf8_lossy(link).into_owned()];
    let url = cardinal_fuzz::address();
    let document = Document { url: &url, body, content_type: Some("text/html"), links: &links };
    home_page::read(&document).iter().for_each(cardinal_fuzz::hold);
});
