//! Key records, `v=MCPv1; k=…; p=…`, wherever they stand in a text.

use super::ProofError;
use super::key::{KeyError, ProofKey};

/// How many records of one domain are read; nobody rotates through more.
pub const MOST_KEYS: usize = 64;

const VERSION: &str = "v=MCPv1;";

/// What a domain publishes, before it is known whether any of it is a key.
#[derive(Debug)]
pub struct Records(Vec<Result<ProofKey, KeyError>>);

impl Records {
    /// The first record of each text.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self(texts.into_iter().filter_map(record).take(MOST_KEYS).collect())
    }

    /// Whether there is no record at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys; `place` is where they were looked for.
    pub fn keys(mut self, place: &'static str) -> Result<Vec<ProofKey>, ProofError> {
        match self.0.len() {
            0 => Err(ProofError::NoRecord(place)),
            1 => Ok(self.0.drain(..).collect::<Result<_, _>>()?),
            _ => {
                let keys: Vec<_> = self.0.into_iter().flatten().collect();
                if keys.is_empty() { Err(ProofError::NoKey) } else { Ok(keys) }
            }
        }
    }
}

/// The first record in a text.
fn record(text: &str) -> Option<Result<ProofKey, KeyError>> {
    let starts = text.match_indices(VERSION).map(|(at, _)| at + VERSION.len());
    let (algorithm, key) = starts.filter_map(|at| fields(text.get(at..)?)).next()?;
    Some(ProofKey::parse(algorithm, key))
}

/// `k` and `p` right after the version, blanks allowed after semicolons.
fn fields(text: &str) -> Option<(&str, &str)> {
    let (algorithm, rest) = text.trim_start().strip_prefix("k=")?.split_once(';')?;
    let key = rest.trim_start().strip_prefix("p=")?;
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let end = key.find(|c| !is_base64(c)).unwrap_or(key.len());
    (!algorithm.is_empty() && end > 0).then(|| (algorithm, &key[..end]))
}
