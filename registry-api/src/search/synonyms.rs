//! Abbreviations and other names of one thing, from `synonyms.txt`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{stem, whole_words};

/// What a word or a row of words may be replaced by: for each, rows of stems.
type Table = HashMap<Vec<String>, Vec<Vec<String>>>;

static TABLE: LazyLock<Table> = LazyLock::new(|| read(include_str!("synonyms.txt")));

/// How many words the longest row of words has.
pub const LONGEST: usize = 4;

/// Other ways to say a row of stems, each a row of stems.
pub fn of(stems: &[String]) -> &'static [Vec<String>] {
    TABLE.get(stems).map(Vec::as_slice).unwrap_or_default()
}

fn read(text: &str) -> Table {
    let mut table = Table::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let group: Vec<Vec<String>> =
            line.split(',').map(|words| whole_words(words).map(|word| stem(&word)).collect()).collect();
        for words in group.iter().filter(|words| !words.is_empty()) {
            let others = group.iter().filter(|other| *other != words && !other.is_empty());
            let known = table.entry(words.clone()).or_default();
            for other in others {
                if !known.contains(other) {
                    known.push(other.clone());
                }
            }
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_go_both_ways_and_hold_rows_of_words() {
        let stems = |words: &str| whole_words(words).map(|word| stem(&word)).collect::<Vec<_>>();
        assert_eq!(of(&stems("k8s")), [stems("kubernetes")]);
        assert_eq!(of(&stems("pull request")), [stems("pr")]);
        assert_eq!(of(&stems("pr")), [stems("pull request")]);
        assert!(of(&stems("weather")).contains(&stems("forecasts")));
        assert!(of(&stems("nothing")).is_empty());
        assert!(TABLE.keys().all(|words| words.len() <= LONGEST));
    }
}
