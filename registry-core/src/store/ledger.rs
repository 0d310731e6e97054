//! The ledger: every change to what is public, in commit order, each row chained to the one before.
//!
//! [`append`] is the last step of every changing transaction: it takes the ledger's lock, so that `seq` order is commit
//! order. A row's hash is the SHA-256 of the hash before it and of the row as a JSON array (see [`Row::hash_after`]).

use chrono::{DateTime, SecondsFormat, Utc};
use futures_util::TryStreamExt;
use sqlx::PgConnection;

use super::StoreError;
use crate::digest::Digest;
use crate::name::ServerName;
use crate::server::Server;

/// The advisory lock of the ledger: the letters "ledger" as a number.
const LOCK: i64 = 0x6c65_6467_6572;

/// The channel on which [`append`] tells the readers.
pub const CHANNEL: &str = "ledger";

/// The last row: where the ledger stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Its number; 0 while there is none.
    pub seq: i64,
    /// Its hash.
    pub hash: Digest,
}

/// One change, not yet in the ledger.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What was done: `publish`, `deprecate`, `delete`, `restore`, `sync`, `crawl`, `withdraw`.
    pub action: &'static str,
    /// To which server.
    pub server_name: String,
    /// To which version.
    pub version: String,
    /// Hash of that version's document.
    pub document_hash: Digest,
}

/// The entries that a changed server deserves.
pub fn entries(server: &Server) -> Vec<Entry> {
    let told = server.changes().into_iter().filter(|(_, _, told)| *told);
    told.map(|(held, _, _)| Entry {
        action: server.action(),
        server_name: server.name.to_string(),
        version: held.version.to_string(),
        document_hash: held.document_hash,
    })
    .collect()
}

/// A row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, counted from 1 without gaps.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom: `github-at:octocat`, `crawler:example.com`, `import:servers.ndjson`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To which server.
    pub server_name: String,
    /// To which version.
    pub version: String,
    /// Hash of that version's document.
    pub document_hash: Digest,
    /// Hash of the row before.
    pub prev_hash: Digest,
    /// Hash of this row.
    pub hash: Digest,
}

impl Row {
    /// What this row's hash must be after a row with the hash `prev`.
    pub fn hash_after(&self, prev: Digest) -> Digest {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let text = serde_json::json!([
            self.seq,
            at,
            self.actor,
            self.action,
            self.server_name,
            self.version,
            self.document_hash.to_string()
        ]);
        Digest::of_parts(&[prev.as_bytes(), text.to_string().as_bytes()])
    }
}

/// Takes the ledger's lock until the transaction ends; [`append`] takes it itself.
///
/// For a check that must see every change before its own. Servers are locked first, or two transactions wait for each other.
pub async fn lock(conn: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query_scalar!(r#"SELECT pg_advisory_xact_lock($1)::text"#, LOCK).fetch_one(conn).await?;
    Ok(())
}

/// Appends `entries` and tells the readers; the last step before a commit. Answers where the ledger then stands.
pub async fn append(
    conn: &mut PgConnection,
    actor: &str,
    at: DateTime<Utc>,
    entries: &[Entry],
) -> Result<Head, StoreError> {
    lock(conn).await?;
    let mut head = head(conn).await?;
    if entries.is_empty() {
        return Ok(head);
    }
    let rows: Vec<Row> = entries.iter().map(|entry| next_row(&mut head, actor, at, entry)).collect();
    insert(conn, &rows).await?;
    sqlx::query_scalar!(r#"SELECT pg_notify($1, $2)::text"#, CHANNEL, head.seq.to_string())
        .fetch_one(conn)
        .await?;
    Ok(head)
}

fn next_row(head: &mut Head, actor: &str, at: DateTime<Utc>, entry: &Entry) -> Row {
    let mut row = Row {
        seq: head.seq + 1,
        at,
        actor: actor.to_owned(),
        action: entry.action.to_owned(),
        server_name: entry.server_name.clone(),
        version: entry.version.clone(),
        document_hash: entry.document_hash,
        prev_hash: head.hash,
        hash: Digest::ZERO,
    };
    row.hash = row.hash_after(head.hash);
    *head = Head { seq: row.seq, hash: row.hash };
    row
}

async fn insert(conn: &mut PgConnection, rows: &[Row]) -> Result<(), StoreError> {
    let bytes =
        |pick: fn(&Row) -> Digest| rows.iter().map(|r| pick(r).as_bytes().to_vec()).collect::<Vec<_>>();
    sqlx::query!(
        r#"
        INSERT INTO ledger (seq, at, actor, action, server_name, version, document_hash, prev_hash, hash)
        SELECT * FROM UNNEST($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                             $7::bytea[], $8::bytea[], $9::bytea[])
        "#,
        &rows.iter().map(|r| r.seq).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.at).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.actor.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.action.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.server_name.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|r| r.version.clone()).collect::<Vec<_>>(),
        &bytes(|r| r.document_hash),
        &bytes(|r| r.prev_hash),
        &bytes(|r| r.hash),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Where the ledger stands.
pub async fn head(conn: &mut PgConnection) -> Result<Head, StoreError> {
    let row =
        sqlx::query!("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetch_optional(conn).await?;
    match row {
        Some(row) => Ok(Head { seq: row.seq, hash: digest("hash", row.seq, &row.hash)? }),
        None => Ok(Head { seq: 0, hash: Digest::ZERO }),
    }
}

/// The hash of the row `seq`; tells whether a snapshot belongs to this database.
pub async fn hash_at(conn: &mut PgConnection, seq: i64) -> Result<Option<Digest>, StoreError> {
    if seq == 0 {
        return Ok(Some(Digest::ZERO));
    }
    let hash =
        sqlx::query_scalar!("SELECT hash FROM ledger WHERE seq = $1", seq).fetch_optional(conn).await?;
    hash.map(|hash| digest("hash", seq, &hash)).transpose()
}

/// The names that rows after `seq` speak of, each once.
pub async fn names_after(conn: &mut PgConnection, seq: i64) -> Result<Vec<ServerName>, StoreError> {
    let names = sqlx::query_scalar!("SELECT DISTINCT server_name FROM ledger WHERE seq > $1", seq)
        .fetch_all(conn)
        .await?;
    names
        .into_iter()
        .map(|name| {
            name.clone().try_into().map_err(|e| StoreError::corrupt("ledger", "server_name", name, e))
        })
        .collect()
}

/// How many rows come after `seq`, so that a reader can choose between catching up and reading everything.
pub async fn count_after(conn: &mut PgConnection, seq: i64) -> Result<i64, StoreError> {
    Ok((head(conn).await?.seq - seq).max(0))
}

/// Hands every row, in order, to `see`.
pub async fn walk(conn: &mut PgConnection, mut see: impl FnMut(Row)) -> Result<(), StoreError> {
    let mut rows = sqlx::query!(
        "SELECT seq, at, actor, action, server_name, version, document_hash, prev_hash, hash FROM ledger ORDER BY seq"
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        see(Row {
            document_hash: digest("document_hash", row.seq, &row.document_hash)?,
            prev_hash: digest("prev_hash", row.seq, &row.prev_hash)?,
            hash: digest("hash", row.seq, &row.hash)?,
            seq: row.seq,
            at: row.at,
            actor: row.actor,
            action: row.action,
            server_name: row.server_name,
            version: row.version,
        });
    }
    Ok(())
}

/// A version whose document is not the one its last ledger row speaks of, or that has no row at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// The server.
    pub server_name: String,
    /// The version.
    pub version: String,
    /// Whether the ledger has any row of it.
    pub in_ledger: bool,
}

/// The versions that the ledger does not account for.
pub async fn strays(conn: &mut PgConnection) -> Result<Vec<Stray>, StoreError> {
    let rows = sqlx::query_as!(
        Stray,
        r#"
        SELECT s.name AS server_name, v.version, l.document_hash IS NOT NULL AS "in_ledger!"
        FROM versions v
        JOIN servers s ON s.id = v.server_id
        LEFT JOIN LATERAL (
            SELECT document_hash FROM ledger
            WHERE server_name = s.name AND version = v.version ORDER BY seq DESC LIMIT 1
        ) l ON true
        WHERE l.document_hash IS DISTINCT FROM sha256(convert_to(v.document, 'UTF8'))
        ORDER BY s.name, v.version
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

fn digest(column: &'static str, seq: i64, bytes: &[u8]) -> Result<Digest, StoreError> {
    Digest::try_from(bytes).map_err(|e| StoreError::corrupt("ledger", column, seq, e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    #[test]
    fn each_row_is_chained_to_the_one_before() {
        let at = Utc.timestamp_opt(1_700_000_000, 0).single().expect("a time");
        let entry = Entry {
            action: "publish",
            server_name: "com.example/weather".into(),
            version: "1.0.0".into(),
            document_hash: Digest::of(b"{}"),
        };
        let mut head = Head { seq: 0, hash: Digest::ZERO };
        let first = next_row(&mut head, "none:anonymous", at, &entry);
        let second = next_row(&mut head, "none:anonymous", at, &entry);
        assert_eq!((first.seq, second.seq, second.prev_hash), (1, 2, first.hash));
        assert_eq!(second.hash_after(first.hash), second.hash);
        let forged = Row { actor: "somebody".into(), ..second.clone() };
        assert_ne!(forged.hash_after(first.hash), second.hash);
    }
}
