//! Upstream registries: which ones are followed, when each is due, who is at it, and how far its walk has come.
//!
//! Leases work as with [`super::origins`], but each page that is written renews them: whoever lost a lease writes nothing more.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// The channel on which [`add`] and [`recall`] wake the crawlers.
pub const CHANNEL: &str = "upstreams";

/// An upstream as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row's id; lower ones were added earlier.
    pub id: i64,
    /// What it is called here.
    pub name: String,
    /// Its address.
    pub url: String,
    /// Whether its word counts as the official registry's.
    pub official: bool,
    /// Since when it is followed.
    pub added_at: DateTime<Utc>,
    /// When it is pulled next.
    pub due_at: DateTime<Utc>,
    /// Until when somebody holds it for a pull.
    pub leased_until: Option<DateTime<Utc>>,
    /// The number of the walk under way, or of the last one.
    pub walk: i64,
    /// Whether the walk under way is a full one; none while there is no walk.
    pub walk_full: Option<bool>,
    /// Since when it asks for changes.
    pub walk_since: Option<DateTime<Utc>>,
    /// When it began.
    pub walk_began_at: Option<DateTime<Utc>>,
    /// The address of its list.
    pub walk_list: Option<String>,
    /// Its next page.
    pub walk_cursor: Option<String>,
    /// The newest time that it has met.
    pub walk_newest_at: Option<DateTime<Utc>>,
    /// Whether it has met entries that could not be told apart.
    pub walk_unread: bool,
    /// When the last complete walk began.
    pub complete_at: Option<DateTime<Utc>>,
    /// When the last complete full walk began.
    pub full_at: Option<DateTime<Utc>>,
    /// The newest time of all complete walks.
    pub newest_at: Option<DateTime<Utc>>,
    /// When it was pulled last.
    pub pulled_at: Option<DateTime<Utc>>,
    /// How that ended, in a stable word.
    pub outcome: Option<String>,
    /// And in a sentence.
    pub detail: Option<String>,
    /// How many pulls in a row have failed.
    pub failures: i32,
}

/// An upstream that somebody holds for a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The row as it was found.
    pub row: Row,
    /// Until when it is held.
    pub until: DateTime<Utc>,
}

/// The beginning of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Whether it goes through everything.
    pub full: bool,
    /// Since when it asks for changes, where it does not.
    pub since: Option<DateTime<Utc>>,
    /// When it begins.
    pub began_at: DateTime<Utc>,
}

/// How far a walk has come with what is written in the same transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The address of the list.
    pub list: String,
    /// Its next page; none at the end.
    pub cursor: Option<String>,
    /// The newest time among the entries.
    pub newest_at: Option<DateTime<Utc>>,
    /// Whether there were entries that could not be told apart.
    pub unread: bool,
}

/// How a pull ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// When the upstream is pulled next.
    pub due_at: DateTime<Utc>,
    /// A stable word.
    pub outcome: &'a str,
    /// A sentence.
    pub detail: &'a str,
    /// How many pulls in a row have failed, this one included.
    pub failures: i32,
}

/// A version of a name that an upstream lists, or listed once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which upstream.
    pub upstream: i64,
    /// Whether its word counts as the official registry's.
    pub official: bool,
    /// The server's name.
    pub server_name: String,
    /// The version.
    pub version: String,
    /// Whether it has vanished without a tombstone.
    pub vanished: bool,
}

impl Entry {
    /// Whether its upstream has the word on a name before another one: an official one before others, then what was added earlier.
    pub fn is_before(&self, row: &Row) -> bool {
        (!self.official, self.upstream) < (!row.official, row.id)
    }
}

/// Adds an upstream, due at once, and wakes the crawlers; says whether neither its name nor its address was known.
pub async fn add(
    conn: &mut PgConnection,
    name: &str,
    url: &str,
    official: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let added = sqlx::query!(
        r#"
        INSERT INTO upstreams (name, url, official, added_at, due_at) VALUES ($1, $2, $3, $4, $4)
        ON CONFLICT DO NOTHING
        "#,
        name,
        url,
        official,
        now,
    )
    .execute(&mut *conn)
    .await?;
    let is_new = added.rows_affected() == 1;
    if is_new {
        wake(conn, name).await?;
    }
    Ok(is_new)
}

async fn wake(conn: &mut PgConnection, name: &str) -> Result<(), StoreError> {
    sqlx::query_scalar!(r#"SELECT pg_notify($1, $2)::text"#, CHANNEL, name).fetch_one(conn).await?;
    Ok(())
}

/// Makes an upstream due now and wakes the crawlers; says whether it is known.
pub async fn recall(conn: &mut PgConnection, name: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let changed = sqlx::query!("UPDATE upstreams SET due_at = LEAST(due_at, $2) WHERE name = $1", name, now)
        .execute(&mut *conn)
        .await?;
    wake(conn, name).await?;
    Ok(changed.rows_affected() == 1)
}

/// All upstreams, the first added first.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT id, name, url, official, added_at, due_at, leased_until, walk, walk_full, walk_since, walk_began_at,
               walk_list, walk_cursor, walk_newest_at, walk_unread, complete_at, full_at, newest_at, pulled_at, outcome,
               detail, failures
        FROM upstreams ORDER BY id
        "#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// The upstream of this name.
pub async fn get(conn: &mut PgConnection, name: &str) -> Result<Option<Row>, StoreError> {
    Ok(list(conn).await?.into_iter().find(|row| row.name == name))
}

/// Forgets an upstream and what it lists; the versions that came from it stay. Says whether it was known.
pub async fn remove(conn: &mut PgConnection, name: &str) -> Result<bool, StoreError> {
    let removed = sqlx::query!("DELETE FROM upstreams WHERE name = $1", name).execute(conn).await?;
    Ok(removed.rows_affected() == 1)
}

/// How many entries an upstream lists, and how many of them belong to an upstream that was added earlier.
pub async fn count(conn: &mut PgConnection, upstream: i64) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT COUNT(*) AS "all!", COUNT(*) FILTER (WHERE EXISTS (
            SELECT FROM upstream_entries o
            WHERE o.server_name = e.server_name AND o.upstream_id < e.upstream_id AND o.vanished_at IS NULL
        )) AS "others!"
        FROM upstream_entries e WHERE upstream_id = $1 AND vanished_at IS NULL
        "#,
        upstream
    )
    .fetch_one(conn)
    .await?;
    Ok((row.all, row.others))
}

/// Takes up to `limit` upstreams that are due and that nobody holds, the longest due first, and holds them `until` then.
pub async fn claim(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Held>, StoreError> {
    let rows = sqlx::query_as!(
        Row,
        r#"
        WITH due AS (
            SELECT id FROM upstreams
            WHERE due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
            ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED
        )
        UPDATE upstreams u SET leased_until = $2 FROM due WHERE u.id = due.id
        RETURNING u.id, name, url, official, added_at, due_at, leased_until, walk, walk_full, walk_since,
                  walk_began_at, walk_list, walk_cursor, walk_newest_at, walk_unread, complete_at, full_at, newest_at,
                  pulled_at, outcome, detail, failures
        "#,
        now,
        until,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Held { row, until }).collect())
}

/// Holds one upstream whoever holds it now: somebody asked for this pull, and the other one can no longer write.
pub async fn take(
    conn: &mut PgConnection,
    name: &str,
    until: DateTime<Utc>,
) -> Result<Option<Held>, StoreError> {
    let row = sqlx::query_as!(
        Row,
        r#"
        UPDATE upstreams
        SET leased_until = CASE WHEN leased_until >= $2 THEN leased_until + interval '1 millisecond' ELSE $2 END
        WHERE name = $1
        RETURNING id, name, url, official, added_at, due_at, leased_until, walk, walk_full, walk_since, walk_began_at,
                  walk_list, walk_cursor, walk_newest_at, walk_unread, complete_at, full_at, newest_at, pulled_at,
                  outcome, detail, failures
        "#,
        name,
        until,
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Held { until: row.leased_until.unwrap_or(until), row }))
}

/// Gives an upstream back; it stays due, and its walk stays where it is.
pub async fn release(conn: &mut PgConnection, held: &Held) -> Result<(), StoreError> {
    sqlx::query!(
        "UPDATE upstreams SET leased_until = NULL WHERE id = $1 AND leased_until = $2",
        held.row.id,
        held.until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Holds the upstream longer; says whether it is still held.
pub async fn renew(conn: &mut PgConnection, held: &Held, until: DateTime<Utc>) -> Result<bool, StoreError> {
    let renewed = sqlx::query!(
        "UPDATE upstreams SET leased_until = $3 WHERE id = $1 AND leased_until = $2",
        held.row.id,
        held.until,
        until,
    )
    .execute(conn)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Begins a walk in place of the one that may be under way; answers its number, or none when the lease is lost.
pub async fn begin(conn: &mut PgConnection, held: &Held, walk: &Walk) -> Result<Option<i64>, StoreError> {
    let number = sqlx::query_scalar!(
        r#"
        UPDATE upstreams
        SET walk = walk + 1, walk_full = $3, walk_since = $4, walk_began_at = $5, walk_list = NULL, walk_cursor = NULL,
            walk_newest_at = NULL, walk_unread = false
        WHERE id = $1 AND leased_until = $2 RETURNING walk
        "#,
        held.row.id,
        held.until,
        walk.full,
        walk.since,
        walk.began_at,
    )
    .fetch_optional(conn)
    .await?;
    Ok(number)
}

/// Writes how far the walk has come and holds the upstream `until` then; says whether it was still held.
pub async fn advance(
    conn: &mut PgConnection,
    held: &Held,
    step: &Step,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let moved = sqlx::query!(
        r#"
        UPDATE upstreams
        SET walk_list = $4, walk_cursor = $5, walk_newest_at = GREATEST(walk_newest_at, $6),
            walk_unread = walk_unread OR $7, leased_until = $3
        WHERE id = $1 AND leased_until = $2
        "#,
        held.row.id,
        held.until,
        until,
        step.list,
        step.cursor,
        step.newest_at,
        step.unread,
    )
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Ends a walk that came to its end: from now on changes are asked for since then.
pub async fn complete(conn: &mut PgConnection, held: &Held) -> Result<bool, StoreError> {
    let ended = sqlx::query!(
        r#"
        UPDATE upstreams
        SET complete_at = walk_began_at, full_at = CASE WHEN walk_full THEN walk_began_at ELSE full_at END,
            newest_at = GREATEST(newest_at, walk_newest_at), walk_full = NULL, walk_since = NULL, walk_began_at = NULL,
            walk_list = NULL, walk_cursor = NULL, walk_newest_at = NULL, walk_unread = false
        WHERE id = $1 AND leased_until = $2
        "#,
        held.row.id,
        held.until,
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Ends a pull: writes how it ended, and gives the upstream back.
pub async fn finish(conn: &mut PgConnection, held: &Held, finished: &Finished<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE upstreams
        SET leased_until = NULL, pulled_at = $3, due_at = $4, outcome = $5, detail = $6, failures = $7
        WHERE id = $1 AND leased_until = $2
        "#,
        held.row.id,
        held.until,
        finished.at,
        finished.due_at,
        finished.outcome,
        finished.detail,
        finished.failures,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What upstreams list under these names.
pub async fn entries(conn: &mut PgConnection, names: &[String]) -> Result<Vec<Entry>, StoreError> {
    let rows = sqlx::query_as!(
        Entry,
        r#"
        SELECT e.upstream_id AS upstream, u.official, e.server_name, e.version, e.vanished_at IS NOT NULL AS "vanished!"
        FROM upstream_entries e JOIN upstreams u ON u.id = e.upstream_id WHERE e.server_name = ANY($1)
        "#,
        names
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// Notes that a walk has met these versions, pairs of a name and a version; one that had vanished is there again.
pub async fn note(
    conn: &mut PgConnection,
    upstream: i64,
    walk: i64,
    met: &[(String, String)],
) -> Result<(), StoreError> {
    let (names, versions): (Vec<String>, Vec<String>) = met.iter().cloned().unzip();
    sqlx::query!(
        r#"
        INSERT INTO upstream_entries (upstream_id, server_name, version, walk)
        SELECT DISTINCT $1::bigint, name, version, $2::bigint
        FROM UNNEST($3::text[], $4::text[]) AS met (name, version)
        ON CONFLICT (server_name, version, upstream_id) DO UPDATE SET walk = EXCLUDED.walk, vanished_at = NULL
        "#,
        upstream,
        walk,
        &names,
        &versions,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How many entries a walk has met, and how many it has not, of those that had not vanished before.
pub async fn met(conn: &mut PgConnection, upstream: i64, walk: i64) -> Result<(i64, i64), StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT COUNT(*) FILTER (WHERE walk >= $2) AS "met!", COUNT(*) FILTER (WHERE walk < $2) AS "missed!"
        FROM upstream_entries WHERE upstream_id = $1 AND vanished_at IS NULL
        "#,
        upstream,
        walk,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.met, row.missed))
}

/// The entries of some names that a walk has not met, and of those whole names only, sorted by name.
pub async fn missed(
    conn: &mut PgConnection,
    upstream: i64,
    walk: i64,
    names: i64,
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT server_name, version FROM upstream_entries
        WHERE upstream_id = $1 AND walk < $2 AND vanished_at IS NULL AND server_name IN (
            SELECT DISTINCT server_name FROM upstream_entries
            WHERE upstream_id = $1 AND walk < $2 AND vanished_at IS NULL ORDER BY server_name LIMIT $3
        )
        ORDER BY server_name, version
        "#,
        upstream,
        walk,
        names,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.server_name, row.version)).collect())
}

/// Notes that these entries, pairs of a name and a version, have vanished.
pub async fn vanish(
    conn: &mut PgConnection,
    upstream: i64,
    gone: &[(String, String)],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (names, versions): (Vec<String>, Vec<String>) = gone.iter().cloned().unzip();
    sqlx::query!(
        r#"
        UPDATE upstream_entries e SET vanished_at = $4
        FROM UNNEST($2::text[], $3::text[]) AS gone (name, version)
        WHERE e.upstream_id = $1 AND e.server_name = gone.name AND e.version = gone.version
        "#,
        upstream,
        &names,
        &versions,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}
