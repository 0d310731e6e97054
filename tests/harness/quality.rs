//! How good an order is: measures over what people judged.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;

/// A query and what people said of the answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Judged {
    /// What is typed.
    pub query: String,
    /// What kind of query it is.
    #[serde(rename = "type")]
    pub kind: String,
    /// Names with grades from 1 to 3.
    pub relevant: HashMap<String, u8>,
    /// Names that were looked at and do not answer.
    pub judged_nonrelevant: HashSet<String>,
}

/// The queries of a file, one JSON document a line.
pub fn read(file: &Path) -> Vec<Judged> {
    let text = std::fs::read_to_string(file).expect("the queries are there");
    text.lines().map(|line| serde_json::from_str(line).expect("a query")).collect()
}

/// How good one order is; each between 0 and 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Measures {
    /// Normalised discounted gain of the first ten, where nobody's judgement is a bad one.
    pub ndcg: f64,
    /// The same without the names that nobody judged.
    pub condensed: f64,
    /// One through the place of the first that answers.
    pub reciprocal_rank: f64,
    /// How much of what answers is among the first thirty.
    pub recall: f64,
}

impl Judged {
    /// A name's grade; `None` where nobody judged it.
    pub fn grade(&self, name: &str) -> Option<u8> {
        let bad = || self.judged_nonrelevant.contains(name).then_some(0);
        self.relevant.get(name).copied().or_else(bad)
    }

    /// How good the names are in this order.
    pub fn measure(&self, names: &[String]) -> Measures {
        let grades: Vec<Option<u8>> = names.iter().map(|name| self.grade(name)).collect();
        let all: Vec<u8> = grades.iter().map(|grade| grade.unwrap_or_default()).collect();
        let judged: Vec<u8> = grades.iter().copied().flatten().collect();
        let mut ideal: Vec<u8> = self.relevant.values().copied().collect();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let best = gain(&ideal);
        let first = all.iter().position(|grade| *grade > 0);
        let found = all.iter().take(30).filter(|grade| **grade > 0).count();
        Measures {
            ndcg: gain(&all) / best,
            condensed: gain(&judged) / best,
            reciprocal_rank: first.map_or(0.0, |at| 1.0 / number(at + 1)),
            recall: number(found) / number(self.relevant.len().min(30)),
        }
    }
}

/// Discounted gain of the first ten: 2^grade − 1, less the later it comes.
fn gain(grades: &[u8]) -> f64 {
    let gain = |(at, grade): (usize, &u8)| (f64::from(*grade).exp2() - 1.0) / number(at + 2).log2();
    grades.iter().take(10).enumerate().map(gain).sum()
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn number(count: usize) -> f64 {
    count as f64
}

/// The mean of several, by kind of query and of all together, which is `all`.
pub fn means(measured: &[(String, Measures)]) -> BTreeMap<String, (usize, Measures)> {
    let mut sums: BTreeMap<String, (usize, Measures)> = BTreeMap::new();
    for (kind, one) in measured {
        for name in [kind.as_str(), "all"] {
            let (count, sum) = sums.entry(name.to_owned()).or_default();
            *count += 1;
            sum.ndcg += one.ndcg;
            sum.condensed += one.condensed;
            sum.reciprocal_rank += one.reciprocal_rank;
            sum.recall += one.recall;
        }
    }
    for (count, sum) in sums.values_mut() {
        let count = number(*count);
        *sum = Measures {
            ndcg: sum.ndcg / count,
            condensed: sum.condensed / count,
            reciprocal_rank: sum.reciprocal_rank / count,
            recall: sum.recall / count,
        };
    }
    sums
}
