//! What can go wrong in Postgres, told once for all tables.

/// A failure of the database, or a row that no longer says what the program expects.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not do what it was asked.
    #[error("the database refused a statement: {0}")]
    Database(#[from] sqlx::Error),
    /// A row that no longer parses.
    #[error("{table}.{column} of `{id}` holds what this program cannot read: {problem}")]
    Corrupt {
        /// Its table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
        /// What is wrong.
        problem: String,
    },
}

impl StoreError {
    pub(super) fn corrupt(
        table: &'static str,
        column: &'static str,
        id: impl ToString,
        problem: impl ToString,
    ) -> Self {
        Self::Corrupt { table, column, id: id.to_string(), problem: problem.to_string() }
    }

    /// Whether the database is out of reach, rather than in disagreement.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Database(
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::WorkerCrashed
            )
        )
    }
}
