//! What became of each description an origin's documents hold, for its owner and for operators.

mod anew;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use crate::card::origin::Origin;
use crate::evidence::{Evidence, Level};
pub use anew::{News, decide_anew};

/// What became of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = DescriptionOutcome)]
pub enum Outcome {
    /// It is a listing.
    Listed,
    /// It waits for a proof.
    Held,
    /// It is not usable as it is.
    Refused,
    /// It is not used, and need not be.
    Skipped,
    /// It was a listing and is looked for in vain; the listing stays for now.
    Stale,
    /// It was a listing and no longer is.
    Withdrawn,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Listed, Self::Held, Self::Refused, Self::Skipped, Self::Stale, Self::Withdrawn];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
            Self::Stale => "stale",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(word: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
            .ok_or_else(|| UnknownOutcome(word.to_owned()))
    }
}

/// A word that is no outcome.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no outcome; it is one of listed, held, refused, skipped, stale, withdrawn")]
pub struct UnknownOutcome(String);

/// What became of one description.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The document.
    pub url: String,
    /// Where in it; empty for the whole.
    pub pointer: String,
    /// The format that led there.
    pub format: String,
    /// What it is.
    pub shape: String,
    /// How far its document is believed; the lower, the further.
    pub rank: i32,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, and what its owner can do.
    pub reason: Option<String>,
    /// The name it claims.
    pub declared_name: Option<String>,
    /// The name it is listed by, or would be.
    pub server_name: Option<String>,
    /// The version it describes.
    pub version: Option<String>,
    /// How far its name is proved.
    pub level: Option<Level>,
    /// By what.
    pub evidence: Vec<Evidence>,
    /// The canonical endpoints it publishes.
    pub endpoints: Vec<String>,
    /// Since when it has this outcome.
    pub since: DateTime<Utc>,
    /// When it was last decided about.
    pub seen_at: DateTime<Utc>,
    /// How long it is looked for in vain.
    pub missing: Option<Missing>,
    /// Which revision its document is; 1 while it never changed.
    pub revision: i32,
}

/// Since when a description is looked for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Since when.
    pub since: DateTime<Utc>,
    /// How many visits have found it missing.
    pub visits: i32,
}

impl Finding {
    /// Whether it says the same as another, whenever that was.
    pub fn says(&self, other: &Self) -> bool {
        let dated = |finding: &Self| {
            let evidence =
                finding.evidence.iter().map(|item| Evidence { at: DateTime::UNIX_EPOCH, ..item.clone() });
            let (since, seen_at, revision) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH, 1);
            Self { evidence: evidence.collect(), since, seen_at, revision, ..finding.clone() }
        };
        dated(self) == dated(other)
    }
}

/// An origin whose description of a name is the one that is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The name.
    pub server_name: String,
    /// The origin's host.
    pub host: String,
    /// The document.
    pub url: String,
    /// How far it is believed.
    pub rank: i32,
}

/// Whether anything is known of an origin that a visit would have to take away.
pub async fn any(conn: &mut PgConnection, origin_id: i64) -> Result<bool, StoreError> {
    let any = sqlx::query_scalar!(
        r#"
        SELECT EXISTS (SELECT FROM findings WHERE origin_id = $1)
            OR EXISTS (SELECT FROM catalog_listings WHERE origin_id = $1) AS "any!"
        "#,
        origin_id,
    )
    .fetch_one(conn)
    .await?;
    Ok(any)
}

/// Notes that an origin was visited again and everything is as it was.
pub async fn touch(conn: &mut PgConnection, origin_id: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    sqlx::query!("UPDATE findings SET found_at = $2 WHERE origin_id = $1", origin_id, at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Replaces what is known of an origin.
pub async fn replace(
    conn: &mut PgConnection,
    origin_id: i64,
    findings: &[Finding],
) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM findings WHERE origin_id = $1", origin_id).execute(&mut *conn).await?;
    let text = |pick: fn(&Finding) -> &str| findings.iter().map(|f| pick(f).to_owned()).collect::<Vec<_>>();
    let perhaps =
        |pick: fn(&Finding) -> Option<&String>| findings.iter().map(|f| pick(f).cloned()).collect::<Vec<_>>();
    let levels: Vec<Option<String>> = findings.iter().map(|f| f.level.map(level_word)).collect();
    let json = |text: Result<String, serde_json::Error>| text.unwrap_or_else(|_| "[]".to_owned());
    // UNNEST takes no lists of lists, so these come as JSON.
    let evidence: Vec<String> = findings.iter().map(|f| json(serde_json::to_string(&f.evidence))).collect();
    let endpoints: Vec<String> = findings.iter().map(|f| json(serde_json::to_string(&f.endpoints))).collect();
    sqlx::query!(
        r#"
        INSERT INTO findings (origin_id, url, pointer, format, shape, rank, outcome, reason, declared_name, server_name,
                              version, level, evidence, found_at, since, missing_since, missing_visits, endpoints)
        SELECT $1, f.url, f.pointer, f.format, f.shape, f.rank, f.outcome, f.reason, f.declared_name, f.server_name,
               f.version, f.level, f.evidence, f.found_at, f.since, f.missing_since, f.missing_visits,
               ARRAY(SELECT json_array_elements_text(f.endpoints::json))
        FROM UNNEST($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[],
                    $10::text[], $11::text[], $12::text[], $13::text[], $14::timestamptz[], $15::timestamptz[],
                    $16::timestamptz[], $17::int[], $18::text[]) WITH ORDINALITY
             AS f (url, pointer, format, shape, rank, outcome, reason, declared_name, server_name, version, level, evidence,
                   found_at, since, missing_since, missing_visits, endpoints, place)
        ORDER BY f.place
        "#,
        origin_id,
        &text(|f| &f.url),
        &text(|f| &f.pointer),
        &text(|f| &f.format),
        &text(|f| &f.shape),
        &findings.iter().map(|f| f.rank).collect::<Vec<_>>(),
        &text(|f| f.outcome.as_str()),
        &perhaps(|f| f.reason.as_ref()) as &[Option<String>],
        &perhaps(|f| f.declared_name.as_ref()) as &[Option<String>],
        &perhaps(|f| f.server_name.as_ref()) as &[Option<String>],
        &perhaps(|f| f.version.as_ref()) as &[Option<String>],
        &levels as &[Option<String>],
        &evidence,
        &findings.iter().map(|f| f.seen_at).collect::<Vec<_>>(),
        &findings.iter().map(|f| f.since).collect::<Vec<_>>(),
        &findings.iter().map(|f| f.missing.map(|m| m.since)).collect::<Vec<_>>() as &[Option<DateTime<Utc>>],
        &findings.iter().map(|f| f.missing.map_or(0, |m| m.visits)).collect::<Vec<_>>(),
        &endpoints,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is known of an origin, in the order in which it was found.
pub async fn of(conn: &mut PgConnection, origin: &Origin) -> Result<Vec<Finding>, StoreError> {
    let id = sqlx::query_scalar!("SELECT id FROM origins WHERE host = $1", origin.host())
        .fetch_optional(&mut *conn)
        .await?;
    match id {
        Some(id) => of_origin(conn, id).await,
        None => Ok(Vec::new()),
    }
}

/// What is known of the origin of this id, in the order in which it was found.
pub async fn of_origin(conn: &mut PgConnection, origin_id: i64) -> Result<Vec<Finding>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT f.id, f.url, f.pointer, f.format, f.shape, f.rank, f.outcome, f.reason, f.declared_name, f.server_name,
               f.version, f.level, f.evidence, f.endpoints, COALESCE(f.since, f.found_at) AS "since!", f.found_at,
               f.missing_since, f.missing_visits, COALESCE(r.number, 1) AS "revision!"
        FROM findings f
        LEFT JOIN documents d ON d.origin_id = f.origin_id AND d.url = f.url COLLATE "C"
        LEFT JOIN LATERAL (SELECT max(number) AS number FROM document_revisions WHERE document_id = d.id) r ON true
        WHERE f.origin_id = $1 ORDER BY f.id
        "#,
        origin_id,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let corrupt =
                |column, e: &dyn std::fmt::Display| StoreError::corrupt("findings", column, row.id, e);
            let visits = row.missing_visits;
            Ok(Finding {
                url: row.url,
                pointer: row.pointer,
                format: row.format,
                shape: row.shape,
                rank: row.rank,
                outcome: row.outcome.parse().map_err(|e| corrupt("outcome", &e))?,
                reason: row.reason,
                declared_name: row.declared_name,
                server_name: row.server_name,
                version: row.version,
                level: row.level.map(level_of).transpose().map_err(|e| corrupt("level", &e))?,
                evidence: serde_json::from_str(&row.evidence).map_err(|e| corrupt("evidence", &e))?,
                endpoints: row.endpoints,
                since: row.since,
                seen_at: row.found_at,
                missing: row.missing_since.map(|since| Missing { since, visits }),
                revision: row.revision,
            })
        })
        .collect()
}

/// The other origins by whose descriptions these names are listed, the most believed first.
pub async fn holders(
    conn: &mut PgConnection,
    names: &[String],
    except: i64,
) -> Result<Vec<Holder>, StoreError> {
    let holders = sqlx::query_as!(
        Holder,
        r#"
        SELECT f.server_name AS "server_name!", o.host, f.url, f.rank
        FROM findings f JOIN origins o ON o.id = f.origin_id
        WHERE f.outcome = 'listed' AND f.server_name = ANY($1) AND f.origin_id <> $2
        ORDER BY f.rank, f.id
        "#,
        names,
        except,
    )
    .fetch_all(conn)
    .await?;
    Ok(holders)
}

/// Withdraws what other origins list by documents of a host, or of one below it, that nobody is to crawl any more; says which names.
pub async fn withdraw_on_host(
    conn: &mut PgConnection,
    host: &str,
    except: i64,
    message: &str,
    at: DateTime<Utc>,
) -> Result<Vec<String>, StoreError> {
    let names = sqlx::query_scalar!(
        r#"
        UPDATE findings f SET outcome = 'withdrawn', reason = $3, since = $4, found_at = $4
        FROM (SELECT id, '.' || substring(url from '^[a-z]+://([^/:?#]+)') AS host FROM findings
              WHERE outcome IN ('listed', 'stale')) d
        WHERE d.id = f.id AND f.origin_id <> $2 AND right(d.host, length($1) + 1) = '.' || $1
        RETURNING f.server_name
        "#,
        host,
        except,
        message,
        at,
    )
    .fetch_all(conn)
    .await?;
    Ok(names.into_iter().flatten().collect())
}

fn level_word(level: Level) -> String {
    match level {
        Level::Claimed => "claimed",
        Level::SameSite => "same-site",
        Level::HostBound => "host-bound",
        Level::EndpointBound => "endpoint-bound",
        Level::Registry => "registry",
    }
    .to_owned()
}

fn level_of(word: String) -> Result<Level, serde_json::Error> {
    serde_json::from_value(word.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for level in
            [Level::Claimed, Level::SameSite, Level::HostBound, Level::EndpointBound, Level::Registry]
        {
            assert_eq!(level_of(level_word(level)).expect("a level"), level);
        }
        assert_eq!("held".parse(), Ok(Outcome::Held));
        assert!("gone".parse::<Outcome>().is_err());
    }
}
