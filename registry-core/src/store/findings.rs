//! What became of each description an origin's documents hold, for its owner and for operators.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::StoreError;
use crate::card::origin::Origin;
use crate::evidence::{Evidence, Level};

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
}

impl Outcome {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
        }
    }
}

impl std::str::FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(word: &str) -> Result<Self, UnknownOutcome> {
        [Self::Listed, Self::Held, Self::Refused, Self::Skipped]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
            .ok_or_else(|| UnknownOutcome(word.to_owned()))
    }
}

/// A word that is no outcome.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no outcome; it is one of listed, held, refused, skipped")]
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

/// Replaces what is known of an origin; with `reached`, of those documents only: what could not be reached stays as it was.
pub async fn replace(
    conn: &mut PgConnection,
    origin_id: i64,
    findings: &[Finding],
    reached: Option<&[String]>,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "DELETE FROM findings WHERE origin_id = $1 AND ($2::text[] IS NULL OR url = ANY($2))",
        origin_id,
        reached as Option<&[String]>,
    )
    .execute(&mut *conn)
    .await?;
    let text = |pick: fn(&Finding) -> &str| findings.iter().map(|f| pick(f).to_owned()).collect::<Vec<_>>();
    let perhaps =
        |pick: fn(&Finding) -> Option<&String>| findings.iter().map(|f| pick(f).cloned()).collect::<Vec<_>>();
    let levels: Vec<Option<String>> = findings.iter().map(|f| f.level.map(level_word)).collect();
    let evidence: Vec<String> =
        findings.iter().map(|f| serde_json::to_string(&f.evidence).unwrap_or_else(|_| "[]".into())).collect();
    sqlx::query!(
        r#"
        INSERT INTO findings (origin_id, url, pointer, format, shape, rank, outcome, reason, declared_name, server_name,
                              version, level, evidence, found_at)
        SELECT $1, f.*, $14::timestamptz
        FROM UNNEST($2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[], $8::text[], $9::text[],
                    $10::text[], $11::text[], $12::text[], $13::text[]) AS f
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
        at,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is known of an origin, in the order in which it was found.
pub async fn of(conn: &mut PgConnection, origin: &Origin) -> Result<Vec<Finding>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT f.id, f.url, f.pointer, f.format, f.shape, f.rank, f.outcome, f.reason, f.declared_name, f.server_name,
               f.version, f.level, f.evidence
        FROM findings f JOIN origins o ON o.id = f.origin_id WHERE o.host = $1 ORDER BY f.id
        "#,
        origin.host(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let corrupt =
                |column, e: &dyn std::fmt::Display| StoreError::corrupt("findings", column, row.id, e);
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
