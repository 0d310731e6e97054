//! The few elements of a page that count, read by a tokenizer as browsers have it. No tree is built: nothing here needs one.

use std::collections::BTreeMap;

use super::links::Link;
use html5gum::{DefaultEmitter, HtmlString, Spanned, Token, Tokenizer};

/// How many links and scripts of one page are kept, each.
const MOST: usize = 200;

/// What a page says that may count.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// `<link>` elements of the head.
    pub(super) links: Vec<Link>,
    /// `<base href>`, the first.
    pub(super) base: Option<String>,
    /// The text of each JSON-LD script, wherever it stands.
    pub(super) linked_data: Vec<String>,
}

type Attributes = BTreeMap<HtmlString, Spanned<HtmlString, ()>>;

/// Reads a page, or the beginning of one.
pub(super) fn read(body: &[u8]) -> Page {
    let text = String::from_utf8_lossy(body);
    // Without this, what stands in a script or a title would be taken for elements.
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut page = Page::default();
    let mut in_head = true;
    let mut script: Option<String> = None;
    for token in Tokenizer::new_with_emitter(text.as_ref(), emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"body" => in_head = false,
                b"base" if in_head && page.base.is_none() => page.base = attribute(&tag.attributes, "href"),
                b"link" if in_head && page.links.len() < MOST => page.links.extend(link(&tag.attributes)),
                b"script" if is_linked_data(&tag.attributes) => script = Some(String::new()),
                _ => {}
            },
            Token::String(string) => {
                if let Some(script) = &mut script {
                    script.push_str(&String::from_utf8_lossy(&string));
                }
            }
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"head" => in_head = false,
                b"script" => {
                    if let Some(script) = script.take().filter(|_| page.linked_data.len() < MOST) {
                        page.linked_data.push(script);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    page
}

fn attribute(attributes: &Attributes, name: &str) -> Option<String> {
    let value = attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

fn is_linked_data(attributes: &Attributes) -> bool {
    let media_type = attribute(attributes, "type").unwrap_or_default();
    media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/ld+json")
}

fn link(attributes: &Attributes) -> Option<Link> {
    Some(Link {
        relations: attribute(attributes, "rel")?
            .split_ascii_whitespace()
            .map(str::to_ascii_lowercase)
            .collect(),
        address: attribute(attributes, "href")?,
        media_type: attribute(attributes, "type").unwrap_or_default(),
        title: attribute(attributes, "title"),
    })
}
