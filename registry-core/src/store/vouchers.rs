//! What others say of a document or a name: the catalogs of other origins that list it, upstream registries that have it.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;

/// How many listings of one origin's catalogs are kept.
const MOST: usize = 5000;

/// A catalog of an origin that lists a document on another host.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CatalogListing {
    /// The catalog, by its last address.
    pub catalog_url: String,
    /// The document, by the address in the catalog.
    pub document_url: String,
}

/// What an origin's catalogs list on other hosts.
pub async fn catalog_listings(
    conn: &mut PgConnection,
    origin_id: i64,
) -> Result<Vec<CatalogListing>, StoreError> {
    let listings = sqlx::query_as!(
        CatalogListing,
        "SELECT catalog_url, document_url FROM catalog_listings WHERE origin_id = $1 ORDER BY 1, 2",
        origin_id,
    )
    .fetch_all(conn)
    .await?;
    Ok(listings)
}

/// Makes these the listings of an origin's catalogs.
pub async fn replace_catalog_listings(
    conn: &mut PgConnection,
    origin_id: i64,
    listings: &[CatalogListing],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM catalog_listings WHERE origin_id = $1", origin_id).execute(&mut *conn).await?;
    let kept = &listings[..listings.len().min(MOST)];
    sqlx::query!(
        r#"
        INSERT INTO catalog_listings (origin_id, catalog_url, document_url, listed_at)
        SELECT $1, u.catalog_url, u.document_url, $4
        FROM UNNEST($2::text[], $3::text[]) AS u (catalog_url, document_url)
        "#,
        origin_id,
        &kept.iter().map(|l| l.catalog_url.clone()).collect::<Vec<_>>(),
        &kept.iter().map(|l| l.document_url.clone()).collect::<Vec<_>>(),
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The catalogs of other origins that list these documents, by document.
pub async fn listed_by_others(
    conn: &mut PgConnection,
    documents: &[String],
    except: i64,
) -> Result<HashMap<String, Vec<String>>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT c.document_url, c.catalog_url
        FROM UNNEST($1::text[]) AS u (url)
        JOIN catalog_listings c ON md5(c.document_url) = md5(u.url) AND c.document_url = u.url COLLATE "C"
        WHERE c.origin_id <> $2 ORDER BY 1, 2 LIMIT 10000
        "#,
        documents,
        except,
    )
    .fetch_all(conn)
    .await?;
    let mut listed: HashMap<String, Vec<String>> = HashMap::new();
    for row in rows {
        listed.entry(row.document_url).or_default().push(row.catalog_url);
    }
    Ok(listed)
}

/// The remotes that the official registry, or whatever an operator imported, gives these names: (name, address). The word of any other
/// upstream is a claim, and proves nothing.
pub async fn registered(
    conn: &mut PgConnection,
    names: &[String],
) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT s.name AS "name!", r.url AS "url!"
        FROM servers s
        JOIN versions v ON v.server_id = s.id AND v.source = 'synced' AND v.status <> 'deleted'
            AND NULLIF(v.extensions, '')::json #>> '{org.cardinal-registry/evidence,level}' IS DISTINCT FROM 'claimed'
        JOIN remotes r ON r.version_id = v.id
        WHERE s.name = ANY($1)
        UNION
        SELECT server_name, url FROM registry_remotes WHERE server_name = ANY($1)
        "#,
        names,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.url)).collect())
}

/// Remembers which remotes an upstream registry gives names that are crawled here, whose listings it therefore does not change.
pub async fn remember_registered(
    conn: &mut PgConnection,
    remotes: &[(String, String)],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (names, urls): (Vec<String>, Vec<String>) = remotes.iter().cloned().unzip();
    sqlx::query!(
        r#"
        INSERT INTO registry_remotes (server_name, url, seen_at)
        SELECT DISTINCT u.name, u.url, $3::timestamptz FROM UNNEST($1::text[], $2::text[]) AS u (name, url)
        ON CONFLICT (server_name, md5(url)) DO UPDATE SET seen_at = EXCLUDED.seen_at
        "#,
        &names,
        &urls,
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets what upstream registries said of these names: they no longer have them.
pub async fn forget_registered(conn: &mut PgConnection, names: &[String]) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM registry_remotes WHERE server_name = ANY($1)", names).execute(conn).await?;
    Ok(())
}
