//! Where a text says what was looked for.

use std::collections::HashSet;

use registry_core::wire::search::Fragment;

use super::expand::Sought;
use super::text::{hash, stem, words};

/// Marks words in texts.
pub struct Highlighter {
    stems: HashSet<u32>,
    /// The first letters of the stems, which words share with their stems.
    initials: HashSet<char>,
    starts: Vec<String>,
}

impl Highlighter {
    /// For all that may stand for the words of a query.
    pub fn new(sought: &[Sought]) -> Self {
        let variants = || sought.iter().flat_map(|word| &word.variants);
        Self {
            stems: variants().flat_map(|variant| variant.hashes.iter().copied()).collect(),
            initials: variants()
                .flat_map(|variant| &variant.stems)
                .filter_map(|stem| stem.chars().next())
                .collect(),
            starts: sought
                .iter()
                .filter(|word| word.word.is_unfinished)
                .map(|word| word.word.text.clone())
                .collect(),
        }
    }

    /// The text in pieces; `None` where nothing of it matches.
    pub fn mark(&self, text: &str) -> Option<Vec<Fragment>> {
        let mut hits: Vec<(usize, usize)> = Vec::new();
        for word in words(text) {
            if let Some(length) = self.matched(&text[word.range.clone()], &word.text) {
                let (from, to) = (word.range.start, word.range.start + length);
                match hits.last_mut() {
                    Some(last) if from < last.1 => last.1 = last.1.max(to),
                    _ => hits.push((from, to)),
                }
            }
        }
        if hits.is_empty() {
            return None;
        }
        let mut fragments = Vec::with_capacity(hits.len() * 2 + 1);
        let mut done = 0;
        for (from, to) in hits {
            if done < from {
                fragments.push(Fragment { text: text[done..from].to_owned(), hit: false });
            }
            fragments.push(Fragment { text: text[from..to].to_owned(), hit: true });
            done = to;
        }
        if done < text.len() {
            fragments.push(Fragment { text: text[done..].to_owned(), hit: false });
        }
        Some(fragments)
    }

    /// How many bytes of a word match: what was typed of an unfinished one, all of any other.
    fn matched(&self, written: &str, folded: &str) -> Option<usize> {
        let start = self.starts.iter().find(|start| folded.starts_with(start.as_str()));
        match start {
            Some(start) if written.is_ascii() => Some(start.len()),
            Some(_) => Some(written.len()),
            None => {
                let may_be = folded.chars().next().is_some_and(|first| self.initials.contains(&first));
                (may_be && self.stems.contains(&hash(&stem(folded)))).then_some(written.len())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::find::Request;
    use crate::search::index::tests::indexed;

    fn marked(query: &str, text: &str) -> String {
        let (catalog, indexer, _folder) = indexed(&[("a.b/docker", "Manages docker images of Kubernetes")]);
        let order =
            indexer.search().find(&catalog, &Request { text: query.to_owned(), ..Request::default() });
        let fragments = Highlighter::new(order.sought()).mark(text).unwrap_or_default();
        let show = |f: Fragment| if f.hit { format!("[{}]", f.text) } else { f.text };
        fragments.into_iter().map(show).collect()
    }

    #[test]
    fn marks_what_was_meant_and_keeps_every_letter() {
        assert_eq!(marked("image", "An image, two Images"), "An [image], two [Image]s");
        assert_eq!(marked("images ", "An image, two Images"), "An [image], two [Images]");
        assert_eq!(marked("dokcer ", "io.docker/Docker"), "io.[docker]/[Docker]");
        assert_eq!(marked("k8s ", "Kubernetes é"), "[Kubernetes] é");
        assert_eq!(marked("docker", "nothing"), "");
    }
}
