//! Whether the ledger and what it speaks of hang together: the chain of hashes, and every way the two can disagree.
//!
//! Pure; [`crate::store::verify`] reads the rows.

use crate::digest::Digest;
use crate::store::ledger::{Head, Row};

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How many ledger rows were read.
    pub rows: u64,
    /// The last of them, as far as the chain holds; to be compared with what somebody else has noted of this ledger.
    pub head: Head,
    /// Everything that is wrong; empty when all is well.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Rows are missing.
    #[error("the ledger breaks at row {found}: row {wanted} should stand there, so rows are missing")]
    Gap {
        /// The number that should come.
        wanted: i64,
        /// The number that comes.
        found: i64,
    },
    /// A row is not chained to the one before.
    #[error(
        "the ledger breaks at row {seq}: it names `{named}` as the hash of the row before, which is `{held}`; a row \
         was replaced"
    )]
    Unchained {
        /// The row.
        seq: i64,
        /// The hash it names.
        named: Digest,
        /// The hash of the row before.
        held: Digest,
    },
    /// A row was altered.
    #[error(
        "the ledger breaks at row {seq}: its hash is `{held}`, but its content gives `{computed}`; it was altered"
    )]
    Altered {
        /// The row.
        seq: i64,
        /// The hash that stands there.
        held: Digest,
        /// The hash of its content.
        computed: Digest,
    },
    /// A document that was changed past the ledger.
    #[error("the document of `{name}` version `{version}` is not the one that its last ledger row speaks of")]
    Document {
        /// The server.
        name: String,
        /// The version.
        version: String,
    },
    /// A version that nobody brought.
    #[error("`{name}` version `{version}` has no ledger row")]
    Unaccounted {
        /// The server.
        name: String,
        /// The version.
        version: String,
    },
    /// A version that is gone.
    #[error("the ledger speaks of `{name}` version `{version}` since row {seq}, which does not exist")]
    Missing {
        /// The server.
        name: String,
        /// The version.
        version: String,
        /// The first row that speaks of it.
        seq: i64,
    },
    /// Not exactly one latest version.
    #[error("`{name}` has {latest} latest versions of {versions}; exactly one should be")]
    Latest {
        /// The server.
        name: String,
        /// How many are flagged.
        latest: i64,
        /// How many versions there are.
        versions: i64,
    },
    /// The table of remotes says something else than the document.
    #[error("the remotes kept for `{name}` version `{version}` are not those of its document")]
    Remotes {
        /// The server.
        name: String,
        /// The version.
        version: String,
    },
    /// A document under another's name, or that is none.
    #[error("the document of `{name}` version `{version}` is unusable: {reason}")]
    Unusable {
        /// The server.
        name: String,
        /// The version.
        version: String,
        /// Why.
        reason: String,
    },
}

/// The chain, followed row by row.
#[derive(Debug)]
pub struct Chain {
    rows: u64,
    head: Head,
    broken: Option<Problem>,
}

impl Default for Chain {
    fn default() -> Self {
        Self { rows: 0, head: Head { seq: 0, hash: Digest::ZERO }, broken: None }
    }
}

impl Chain {
    /// Takes the next row; after the first break rows are only counted, since each would break too.
    pub fn see(&mut self, row: &Row) {
        self.rows += 1;
        if self.broken.is_some() {
            return;
        }
        self.broken = self.fault(row);
        if self.broken.is_none() {
            self.head = Head { seq: row.seq, hash: row.hash };
        }
    }

    fn fault(&self, row: &Row) -> Option<Problem> {
        let wanted = self.head.seq + 1;
        if row.seq != wanted {
            return Some(Problem::Gap { wanted, found: row.seq });
        }
        if row.prev_hash != self.head.hash {
            return Some(Problem::Unchained { seq: row.seq, named: row.prev_hash, held: self.head.hash });
        }
        let computed = row.hash_after(self.head.hash);
        (computed != row.hash).then_some(Problem::Altered { seq: row.seq, held: row.hash, computed })
    }

    /// What the chain alone tells.
    pub fn verdict(self) -> Verdict {
        Verdict { rows: self.rows, head: self.head, problems: self.broken.into_iter().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> Vec<Row> {
        let mut rows: Vec<Row> = Vec::new();
        for seq in 1..=length {
            let prev_hash = rows.last().map_or(Digest::ZERO, |row| row.hash);
            let mut row = Row {
                seq,
                at: "2026-01-01T00:00:00Z".parse().expect("a time"),
                actor: "import:seed.json".into(),
                action: "publish".into(),
                server_name: "com.example/weather".into(),
                version: format!("{seq}.0.0"),
                document_hash: Digest::of(b"{}"),
                prev_hash,
                hash: Digest::ZERO,
            };
            row.hash = row.hash_after(prev_hash);
            rows.push(row);
        }
        rows
    }

    fn verdict(rows: &[Row]) -> Verdict {
        let mut chain = Chain::default();
        rows.iter().for_each(|row| chain.see(row));
        chain.verdict()
    }

    #[test]
    fn a_whole_chain_has_no_problems() {
        let rows = chain(3);
        let whole = verdict(&rows);
        assert_eq!((whole.rows, whole.head), (3, Head { seq: 3, hash: rows[2].hash }));
        assert!(whole.problems.is_empty());
        assert_eq!(verdict(&[]).head, Head { seq: 0, hash: Digest::ZERO });
    }

    #[test]
    fn an_altered_row_is_the_break() {
        let mut rows = chain(4);
        rows[1].actor = "somebody".into();
        let broken = verdict(&rows);
        assert_eq!((broken.rows, broken.head.seq), (4, 1));
        assert!(matches!(broken.problems.as_slice(), [Problem::Altered { seq: 2, .. }]));
    }

    #[test]
    fn a_row_that_was_replaced_with_a_fitting_hash_breaks_at_the_next_one() {
        let mut rows = chain(3);
        rows[1].actor = "somebody".into();
        rows[1].hash = rows[1].hash_after(rows[0].hash);
        assert!(matches!(verdict(&rows).problems.as_slice(), [Problem::Unchained { seq: 3, .. }]));
    }

    #[test]
    fn a_missing_row_is_a_gap() {
        let mut rows = chain(3);
        rows.remove(1);
        assert_eq!(verdict(&rows).problems, [Problem::Gap { wanted: 2, found: 3 }]);
        assert_eq!(
            verdict(&rows).problems[0].to_string(),
            "the ledger breaks at row 3: row 2 should stand there, so rows are missing"
        );
    }
}
