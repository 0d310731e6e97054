//! Reads the whole record to tell whether it hangs together: [`crate::verify`] says how.

use futures_util::TryStreamExt;
use sqlx::{PgConnection, PgPool};

use super::{StoreError, ledger};
use crate::server_json::ServerJson;
use crate::verify::{Chain, Problem, Verdict};

/// Looks at every ledger row and every version, all as of one moment. Readers and writers go on meanwhile.
pub async fn verify(pool: &PgPool) -> Result<Verdict, StoreError> {
    let mut tx = super::read_snapshot(pool).await?;
    let mut chain = Chain::default();
    ledger::walk(&mut tx, |row| chain.see(&row)).await?;
    let mut verdict = chain.verdict();
    for stray in ledger::strays(&mut tx).await? {
        let (name, version) = (stray.server_name, stray.version);
        verdict.problems.push(match stray.in_ledger {
            true => Problem::Document { name, version },
            false => Problem::Unaccounted { name, version },
        });
    }
    missing(&mut tx, &mut verdict.problems).await?;
    latest(&mut tx, &mut verdict.problems).await?;
    documents(&mut tx, &mut verdict.problems).await?;
    tx.rollback().await?;
    Ok(verdict)
}

/// Versions that the ledger speaks of and that are not there.
async fn missing(conn: &mut PgConnection, problems: &mut Vec<Problem>) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT l.server_name, l.version, min(l.seq) AS "seq!"
        FROM ledger l
        WHERE NOT EXISTS (
            SELECT FROM servers s JOIN versions v ON v.server_id = s.id
            WHERE s.name = l.server_name AND v.version = l.version
        )
        GROUP BY l.server_name, l.version ORDER BY l.server_name, l.version
        "#
    )
    .fetch_all(conn)
    .await?;
    let problem = |(name, version, seq)| Problem::Missing { name, version, seq };
    problems.extend(rows.into_iter().map(|row| problem((row.server_name, row.version, row.seq))));
    Ok(())
}

/// Servers that have versions but not exactly one latest.
async fn latest(conn: &mut PgConnection, problems: &mut Vec<Problem>) -> Result<(), StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT s.name, count(*) FILTER (WHERE v.is_latest) AS "latest!", count(*) AS "versions!"
        FROM servers s JOIN versions v ON v.server_id = s.id
        GROUP BY s.name HAVING count(*) FILTER (WHERE v.is_latest) <> 1 ORDER BY s.name
        "#
    )
    .fetch_all(conn)
    .await?;
    problems.extend(rows.into_iter().map(|row| Problem::Latest {
        name: row.name,
        latest: row.latest,
        versions: row.versions,
    }));
    Ok(())
}

/// Documents that are none, or another's, or whose remotes are kept differently.
async fn documents(conn: &mut PgConnection, problems: &mut Vec<Problem>) -> Result<(), StoreError> {
    let mut rows = sqlx::query!(
        r#"
        SELECT s.name, v.version, v.document,
               ARRAY(SELECT r.kind FROM remotes r WHERE r.version_id = v.id ORDER BY r.position) AS "kinds!",
               ARRAY(SELECT r.url FROM remotes r WHERE r.version_id = v.id ORDER BY r.position) AS "urls!"
        FROM versions v JOIN servers s ON s.id = v.server_id ORDER BY s.name, v.version
        "#
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let (name, version) = (row.name, row.version);
        let document = match serde_json::from_str::<ServerJson>(&row.document) {
            Ok(document) => document,
            Err(error) => {
                problems.push(Problem::Unusable {
                    name,
                    version,
                    reason: format!("it is no document: {error}"),
                });
                continue;
            }
        };
        if document.name != name || document.version != version {
            let reason = format!("it says `{}` version `{}`", document.name, document.version);
            problems.push(Problem::Unusable { name, version, reason });
            continue;
        }
        let kept = row.kinds.iter().zip(&row.urls);
        let told = document.remotes.iter().map(|remote| (&remote.kind, &remote.url));
        if !kept.eq(told) {
            problems.push(Problem::Remotes { name, version });
        }
    }
    Ok(())
}
