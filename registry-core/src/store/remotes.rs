//! Places where versions run: who uses which address (contract G3), by an index.

use sqlx::PgConnection;

use super::StoreError;
use super::servers::Change;
use crate::name::ServerName;
use crate::server::Server;

/// Writes the remotes of these versions in place of those that they had.
pub(super) async fn save(conn: &mut PgConnection, changes: &[Change<'_>]) -> Result<(), StoreError> {
    let (ids, versions): (Vec<i64>, Vec<String>) =
        changes.iter().map(|(id, held)| (*id, held.version.to_string())).unzip();
    sqlx::query!(
        r#"
        DELETE FROM remotes r USING versions v, UNNEST($1::bigint[], $2::text[]) AS u (server_id, version)
        WHERE r.version_id = v.id AND v.server_id = u.server_id AND v.version = u.version
        "#,
        &ids,
        &versions,
    )
    .execute(&mut *conn)
    .await?;
    let mut rows = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, held) in changes {
        for (position, (kind, url)) in held.remotes.iter().enumerate() {
            rows.0.push(*id);
            rows.1.push(held.version.to_string());
            rows.2.push(i32::try_from(position).unwrap_or(i32::MAX));
            rows.3.push(kind.clone());
            rows.4.push(url.clone());
        }
    }
    sqlx::query!(
        r#"
        INSERT INTO remotes (version_id, position, kind, url)
        SELECT v.id, u.position, u.kind, u.url
        FROM UNNEST($1::bigint[], $2::text[], $3::int[], $4::text[], $5::text[])
             AS u (server_id, version, position, kind, url)
        JOIN versions v ON v.server_id = u.server_id AND v.version = u.version
        "#,
        &rows.0,
        &rows.1,
        &rows.2,
        &rows.3,
        &rows.4,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The first of `urls` that a version of another server uses which is not deleted, and that server (contract G3).
pub async fn in_use(
    conn: &mut PgConnection,
    urls: &[String],
    except: &ServerName,
) -> Result<Option<(String, String)>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT r.url, s.name
        FROM UNNEST($1::text[]) WITH ORDINALITY AS u (url, nr)
        JOIN remotes r ON md5(r.url) = md5(u.url) AND r.url = u.url COLLATE "C"
        JOIN versions v ON v.id = r.version_id AND v.status <> 'deleted'
        JOIN servers s ON s.id = v.server_id AND s.name <> $2
        ORDER BY u.nr, s.name LIMIT 1
        "#,
        urls,
        except.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.url, row.name)))
}

/// Which servers use which of `urls` with a version that is not deleted: (URL, name) pairs (contract G3).
pub async fn users_of(conn: &mut PgConnection, urls: &[String]) -> Result<Vec<(String, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT DISTINCT r.url, s.name
        FROM UNNEST($1::text[]) AS u (url)
        JOIN remotes r ON md5(r.url) = md5(u.url) AND r.url = u.url COLLATE "C"
        JOIN versions v ON v.id = r.version_id AND v.status <> 'deleted'
        JOIN servers s ON s.id = v.server_id
        "#,
        urls,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.url, row.name)).collect())
}

/// The remote URLs of some versions of a server.
pub async fn urls(
    conn: &mut PgConnection,
    server: &Server,
    versions: &[&str],
) -> Result<Vec<String>, StoreError> {
    let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
    let urls = sqlx::query_scalar!(
        r#"
        SELECT DISTINCT r.url FROM remotes r JOIN versions v ON v.id = r.version_id
        WHERE v.server_id = $1 AND v.version = ANY($2) ORDER BY r.url
        "#,
        server.id,
        &versions,
    )
    .fetch_all(conn)
    .await?;
    Ok(urls)
}
