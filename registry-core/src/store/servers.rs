//! Servers and their versions: loaded under lock, saved by difference, read whole by the read model.

use futures_util::{Stream, TryStreamExt};
use sqlx::PgConnection;

use super::{StoreError, remotes, revisions};
use crate::digest::Digest;
use crate::listing::{Listing, Source, Standing};
use crate::name::ServerName;
use crate::server::{Held, Server};

/// Locks the servers of these names until the transaction ends, making the rows that are missing.
///
/// `names` must be sorted and distinct, so that two transactions cannot wait for each other. A new row belongs to
/// `source` until something is saved to it.
pub async fn lock(
    conn: &mut PgConnection,
    names: &[ServerName],
    source: Source,
) -> Result<Vec<Server>, StoreError> {
    let texts: Vec<String> = names.iter().map(ToString::to_string).collect();
    let (lower, seen): (Vec<String>, Vec<String>) = names.iter().map(|name| name.folds().into()).unzip();
    sqlx::query!(
        r#"
        INSERT INTO servers (name, source, folds)
        SELECT name, $2, ARRAY[lower, seen]
        FROM UNNEST($1::text[], $3::text[], $4::text[]) AS wanted (name, lower, seen) ORDER BY name COLLATE "C"
        ON CONFLICT (name) DO NOTHING
        "#,
        &texts,
        source.as_str(),
        &lower,
        &seen,
    )
    .execute(&mut *conn)
    .await?;
    load(conn, &texts).await
}

/// Locks one server that exists.
pub async fn lock_existing(conn: &mut PgConnection, name: &ServerName) -> Result<Option<Server>, StoreError> {
    Ok(load(conn, &[name.to_string()]).await?.pop())
}

async fn load(conn: &mut PgConnection, names: &[String]) -> Result<Vec<Server>, StoreError> {
    let servers = sqlx::query!(
        r#"SELECT id, name, source FROM servers WHERE name = ANY($1) ORDER BY name COLLATE "C" FOR UPDATE"#,
        names
    )
    .fetch_all(&mut *conn)
    .await?;
    let ids: Vec<i64> = servers.iter().map(|s| s.id).collect();
    let mut versions = held(conn, &ids).await?;
    servers
        .into_iter()
        .map(|row| {
            let name = parse("servers", "name", &row.name)?;
            let source = parse("servers", "source", &row.source)?;
            Ok(Server::loaded(row.id, name, source, versions.remove(&row.id).unwrap_or_default()))
        })
        .collect()
}

async fn held(
    conn: &mut PgConnection,
    servers: &[i64],
) -> Result<std::collections::HashMap<i64, Vec<Held>>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT server_id, version, status, status_changed_at, status_message, published_at, updated_at, is_latest,
               source, sha256(convert_to(document, 'UTF8')) AS "document_hash!", extensions
        FROM versions WHERE server_id = ANY($1) ORDER BY server_id, id
        "#,
        servers
    )
    .fetch_all(conn)
    .await?;
    let mut versions = std::collections::HashMap::<i64, Vec<Held>>::new();
    for row in rows {
        let hash = Digest::try_from(row.document_hash.as_slice())
            .map_err(|e| StoreError::corrupt("versions", "document", row.server_id, e))?;
        versions.entry(row.server_id).or_default().push(Held {
            version: parse("versions", "version", &row.version)?,
            standing: Standing {
                status: parse("versions", "status", &row.status)?,
                status_changed_at: row.status_changed_at,
                status_message: row.status_message,
                published_at: row.published_at,
                updated_at: row.updated_at,
                is_latest: row.is_latest,
            },
            source: parse("versions", "source", &row.source)?,
            document_hash: hash,
            document: None,
            extensions: row.extensions.into(),
            remotes: Vec::new(),
        });
    }
    Ok(versions)
}

/// Writes what changed in `servers`, keeping the documents that are replaced as revisions; the caller appends
/// [`super::ledger::entries`] of the same servers and commits.
pub async fn save(conn: &mut PgConnection, servers: &[Server]) -> Result<(), StoreError> {
    let mut new = Vec::new();
    let mut old = Vec::new();
    for server in servers {
        for (held, before, _) in server.changes() {
            if before.is_some() { &mut old } else { &mut new }.push((server.id, held));
        }
    }
    update_sources(conn, servers).await?;
    if new.is_empty() && old.is_empty() {
        return Ok(());
    }
    unflag(conn, &old).await?;
    revisions::supersede(conn, &old).await?;
    update(conn, &old).await?;
    insert(conn, &new).await?;
    new.extend(old.into_iter().filter(|(_, held)| held.document.is_some()));
    remotes::save(conn, &new).await
}

/// A version of the server of this id, as it will be.
pub(super) type Change<'a> = (i64, &'a Held);

async fn update_sources(conn: &mut PgConnection, servers: &[Server]) -> Result<(), StoreError> {
    sqlx::query!(
        r#"
        UPDATE servers s SET source = u.source
        FROM UNNEST($1::bigint[], $2::text[]) AS u (id, source) WHERE s.id = u.id AND s.source <> u.source
        "#,
        &servers.iter().map(|s| s.id).collect::<Vec<_>>(),
        &servers.iter().map(|s| s.source.as_str().to_owned()).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes the latest flag away first, since the unique index is checked row by row.
async fn unflag(conn: &mut PgConnection, changes: &[Change<'_>]) -> Result<(), StoreError> {
    let lost: Vec<_> = changes.iter().filter(|(_, held)| !held.standing.is_latest).collect();
    sqlx::query!(
        r#"
        UPDATE versions v SET is_latest = false
        FROM UNNEST($1::bigint[], $2::text[]) AS u (server_id, version)
        WHERE v.server_id = u.server_id AND v.version = u.version AND v.is_latest
        "#,
        &lost.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        &lost.iter().map(|(_, held)| held.version.to_string()).collect::<Vec<_>>(),
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn update(conn: &mut PgConnection, changes: &[Change<'_>]) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(changes);
    sqlx::query!(
        r#"
        UPDATE versions v SET status = u.status, status_changed_at = u.status_changed_at,
               status_message = u.status_message, published_at = u.published_at, updated_at = u.updated_at,
               is_latest = u.is_latest, source = u.source, document = COALESCE(u.document, v.document),
               extensions = u.extensions
        FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[],
                    $7::timestamptz[], $8::bool[], $9::text[], $10::text[], $11::text[])
             AS u (server_id, version, status, status_changed_at, status_message, published_at, updated_at, is_latest,
                   source, document, extensions)
        WHERE v.server_id = u.server_id AND v.version = u.version
        "#,
        &columns.server_id,
        &columns.version,
        &columns.status,
        &columns.status_changed_at,
        &columns.status_message as &[Option<String>],
        &columns.published_at,
        &columns.updated_at,
        &columns.is_latest,
        &columns.source,
        &columns.document as &[Option<String>],
        &columns.extensions,
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn insert(conn: &mut PgConnection, changes: &[Change<'_>]) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(changes);
    sqlx::query!(
        r#"
        INSERT INTO versions (server_id, version, status, status_changed_at, status_message, published_at, updated_at,
                              is_latest, source, document, extensions)
        SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[],
                             $7::timestamptz[], $8::bool[], $9::text[], $10::text[], $11::text[])
        "#,
        &columns.server_id,
        &columns.version,
        &columns.status,
        &columns.status_changed_at,
        &columns.status_message as &[Option<String>],
        &columns.published_at,
        &columns.updated_at,
        &columns.is_latest,
        &columns.source,
        &columns.document as &[Option<String>],
        &columns.extensions,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The columns of many rows, as UNNEST takes them.
#[derive(Default)]
struct Columns {
    server_id: Vec<i64>,
    version: Vec<String>,
    status: Vec<String>,
    status_changed_at: Vec<chrono::DateTime<chrono::Utc>>,
    status_message: Vec<Option<String>>,
    published_at: Vec<chrono::DateTime<chrono::Utc>>,
    updated_at: Vec<chrono::DateTime<chrono::Utc>>,
    is_latest: Vec<bool>,
    source: Vec<String>,
    document: Vec<Option<String>>,
    extensions: Vec<String>,
}

impl Columns {
    fn of(changes: &[Change<'_>]) -> Self {
        let mut columns = Self::default();
        for (server, held) in changes {
            columns.server_id.push(*server);
            columns.version.push(held.version.to_string());
            columns.status.push(held.standing.status.to_string());
            columns.status_changed_at.push(held.standing.status_changed_at);
            columns.status_message.push(held.standing.status_message.clone());
            columns.published_at.push(held.standing.published_at);
            columns.updated_at.push(held.standing.updated_at);
            columns.is_latest.push(held.standing.is_latest);
            columns.source.push(held.source.as_str().to_owned());
            columns.document.push(held.document.as_deref().map(str::to_owned));
            columns.extensions.push(held.extensions.to_string());
        }
        columns
    }
}

/// Every version of every server, in (name, version) order.
pub fn all(conn: &mut PgConnection) -> impl Stream<Item = Result<Listing, StoreError>> + '_ {
    sqlx::query_as!(
        ListingRow,
        r#"
        SELECT s.name, v.version, v.status, v.status_changed_at, v.status_message, v.published_at, v.updated_at,
               v.is_latest, v.source, v.document, v.extensions
        FROM versions v JOIN servers s ON s.id = v.server_id ORDER BY s.name, v.version
        "#
    )
    .fetch(conn)
    .map_err(StoreError::from)
    .and_then(|row| std::future::ready(Listing::try_from(row)))
}

/// Every version of these servers, in (name, version) order.
pub async fn of(conn: &mut PgConnection, names: &[ServerName]) -> Result<Vec<Listing>, StoreError> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let rows = sqlx::query_as!(
        ListingRow,
        r#"
        SELECT s.name, v.version, v.status, v.status_changed_at, v.status_message, v.published_at, v.updated_at,
               v.is_latest, v.source, v.document, v.extensions
        FROM versions v JOIN servers s ON s.id = v.server_id WHERE s.name = ANY($1) ORDER BY s.name, v.version
        "#,
        &names
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Listing::try_from).collect()
}

struct ListingRow {
    name: String,
    version: String,
    status: String,
    status_changed_at: chrono::DateTime<chrono::Utc>,
    status_message: Option<String>,
    published_at: chrono::DateTime<chrono::Utc>,
    updated_at: chrono::DateTime<chrono::Utc>,
    is_latest: bool,
    source: String,
    document: String,
    extensions: String,
}

impl TryFrom<ListingRow> for Listing {
    type Error = StoreError;

    fn try_from(row: ListingRow) -> Result<Self, StoreError> {
        Ok(Self {
            name: parse("servers", "name", &row.name)?,
            version: parse("versions", "version", &row.version)?,
            document: row.document.into(),
            standing: Standing {
                status: parse("versions", "status", &row.status)?,
                status_changed_at: row.status_changed_at,
                status_message: row.status_message,
                published_at: row.published_at,
                updated_at: row.updated_at,
                is_latest: row.is_latest,
            },
            source: parse("versions", "source", &row.source)?,
            extensions: row.extensions.into(),
        })
    }
}

fn parse<T: std::str::FromStr>(table: &'static str, column: &'static str, text: &str) -> Result<T, StoreError>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|e: T::Err| StoreError::corrupt(table, column, text, e))
}
