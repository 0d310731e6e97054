//! Names that pass for one another: what they look like stands beside them.

use sqlx::PgConnection;

use super::StoreError;
use crate::name::ServerName;

/// How many names are filled in by one statement.
const BATCH: i64 = 5_000;

/// Another server whose name looks like this one's, if there is any with a version that is not deleted.
pub async fn look_alike(
    conn: &mut PgConnection,
    name: &ServerName,
) -> Result<Option<ServerName>, StoreError> {
    let found = sqlx::query!(
        r#"
        SELECT s.id, s.name FROM servers s
        WHERE s.folds && $1::text[] AND s.name <> $2 AND EXISTS (SELECT FROM versions v WHERE v.server_id = s.id AND v.status <> 'deleted')
        ORDER BY s.name LIMIT 1
        "#,
        &name.folds(),
        name.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    let name = found
        .map(|row| row.name.parse().map_err(|error| StoreError::corrupt("servers", "name", row.id, error)));
    name.transpose()
}

/// Fills in what names look like where an older program left it out. Doing it twice changes nothing.
pub(super) async fn fill(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut after = 0;
    loop {
        let rows = sqlx::query!(
            "SELECT id, name FROM servers WHERE folds = '{}' AND id > $1 ORDER BY id LIMIT $2",
            after,
            BATCH
        )
        .fetch_all(&mut *conn)
        .await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        let (mut ids, mut lower, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        for row in &rows {
            let Ok(name) = row.name.parse::<ServerName>() else { continue };
            let folds = name.folds();
            ids.push(row.id);
            let [first, second] = folds;
            lower.push(first);
            seen.push(second);
        }
        sqlx::query!(
            r#"
            UPDATE servers s SET folds = ARRAY[u.lower, u.seen]
            FROM UNNEST($1::bigint[], $2::text[], $3::text[]) AS u (id, lower, seen) WHERE s.id = u.id
            "#,
            &ids,
            &lower,
            &seen,
        )
        .execute(&mut *conn)
        .await?;
    }
}
