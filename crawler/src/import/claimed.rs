//! What an upstream claims of a version beside its document: status, times, latest flag; and what that makes of it here.

use chrono::{DateTime, Datelike, SubsecRound, Utc};
use registry_core::card::secret;
use registry_core::listing::{Standing, Status};
use serde_json::Value;

/// The upstream's words, as far as it says any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Claimed {
    pub(super) status: Option<Status>,
    pub(super) message: Option<String>,
    pub(super) status_changed_at: Option<DateTime<Utc>>,
    pub(super) published_at: Option<DateTime<Utc>>,
    pub(super) updated_at: Option<DateTime<Utc>>,
    pub(super) is_latest: bool,
}

impl Claimed {
    /// Reads the official member of `_meta`; `document` is where older forms have the status.
    pub(super) fn read(official: &Value, document: &Value) -> Result<Self, String> {
        let own = official.get("status").filter(|status| !status.is_null());
        Ok(Self {
            status: status(own.or_else(|| document.get("status")))?,
            message: message(official.get("statusMessage"))?,
            status_changed_at: time(official, "statusChangedAt", "status_changed_at")?,
            published_at: time(official, "publishedAt", "published_at")?,
            updated_at: time(official, "updatedAt", "updated_at")?,
            is_latest: flag(official)?,
        })
    }

    /// Whether it says when anything happened.
    pub(super) fn has_times(&self) -> bool {
        self.published_at.or(self.updated_at).or(self.status_changed_at).is_some()
    }

    /// Its standing here: a missing time is filled from the others, then from what is `held`, then from `now`.
    pub(super) fn standing(&self, held: Option<&Standing>, now: DateTime<Utc>) -> Standing {
        let status = self.status.unwrap_or(Status::Active);
        let any = self.published_at.or(self.updated_at).or(self.status_changed_at);
        let published_at = any.or(held.map(|held| held.published_at)).unwrap_or(now);
        let updated_at = self.updated_at.or(any).or(held.map(|held| held.updated_at)).unwrap_or(now);
        let of_status = if status == Status::Active { published_at } else { updated_at };
        let held_since = held.filter(|_| any.is_none()).map(|held| held.status_changed_at);
        Standing {
            status,
            status_changed_at: self.status_changed_at.or(held_since).unwrap_or(of_status),
            status_message: self.message.clone(),
            published_at,
            updated_at,
            is_latest: false,
        }
    }
}

fn status(value: Option<&Value>) -> Result<Option<Status>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if word.is_empty() => Ok(None),
        Some(Value::String(word)) => word.parse().map(Some).map_err(|error| format!("{error}")),
        Some(other) => Err(format!("the status is {}, not a word", kind(other))),
    }
}

fn message(value: Option<&Value>) -> Result<Option<String>, String> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => {
            Err("`statusMessage` holds a NUL character".to_owned())
        }
        Some(Value::String(text)) => Ok(Some(secret::redact(text))),
        Some(other) => Err(format!("`statusMessage` is {}, not a text", kind(other))),
    }
}

fn flag(official: &Value) -> Result<bool, String> {
    match official.get("isLatest").or_else(|| official.get("is_latest")) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(format!("`isLatest` is {}, neither true nor false", kind(other))),
    }
}

/// A time in the database's precision, rounded as the official registry rounds what it has sent in nanoseconds before.
/// The year 1 is how the official registry's language writes "never".
fn time(official: &Value, name: &str, older_name: &str) -> Result<Option<DateTime<Utc>>, String> {
    let text = match official.get(name).or_else(|| official.get(older_name)) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => return Err(format!("`{name}` is {}, not a time", kind(other))),
    };
    let time = DateTime::parse_from_rfc3339(text)
        .map_err(|_| format!("`{name}` is no RFC 3339 time, as `2026-01-31T12:00:00Z` is"))?
        .with_timezone(&Utc)
        .round_subsecs(6);
    Ok(Some(time).filter(|time| time.year() > 1))
}

/// What a value is, for a sentence.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn read(official: &Value) -> Claimed {
        Claimed::read(official, &json!({})).expect("it can be read")
    }

    #[test]
    fn everything_is_carried_over_in_the_precision_of_the_database() {
        let claimed = read(&json!({
            "status": "deprecated", "statusMessage": "", "statusChangedAt": "2026-03-01T00:00:00.123456789+01:00",
            "publishedAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-04-01T00:00:00Z", "isLatest": true
        }));
        let standing = claimed.standing(None, at("2026-11-11T00:00:00Z"));
        assert_eq!(standing.status, Status::Deprecated);
        assert_eq!(standing.status_message.as_deref(), Some(""));
        assert_eq!(standing.status_changed_at, at("2026-02-28T23:00:00.123457Z"));
        assert_eq!(standing.published_at, at("2026-01-01T00:00:00Z"));
        assert_eq!(standing.updated_at, at("2026-04-01T00:00:00Z"));
        assert!(claimed.is_latest);
    }

    #[test]
    fn missing_times_come_from_the_others() {
        let (one, other, now) =
            (at("2026-01-01T00:00:00Z"), at("2026-02-01T00:00:00Z"), at("2026-11-11T00:00:00Z"));
        let times = |official: Value| {
            let standing = read(&official).standing(None, now);
            (standing.published_at, standing.updated_at, standing.status_changed_at)
        };
        assert_eq!(times(json!({"publishedAt": one})), (one, one, one));
        assert_eq!(times(json!({"updatedAt": one})), (one, one, one));
        assert_eq!(times(json!({"publishedAt": one, "updatedAt": other})), (one, other, one));
        assert_eq!(
            times(json!({"publishedAt": one, "updatedAt": other, "status": "deleted"})),
            (one, other, other)
        );
        assert_eq!(times(json!({"publishedAt": null, "updatedAt": "0001-01-01T00:00:00Z"})), (now, now, now));
    }

    #[test]
    fn without_any_time_what_is_held_stays() {
        let held = Standing::published(at("2026-01-01T00:00:00Z"));
        let standing = Claimed::default().standing(Some(&held), at("2026-11-11T00:00:00Z"));
        assert_eq!(standing, held);
    }

    #[test]
    fn older_forms_have_the_status_in_the_document_and_other_names() {
        let claimed = Claimed::read(
            &json!({"published_at": "2025-05-16T00:00:00Z", "is_latest": true}),
            &json!({"status": "deprecated"}),
        )
        .expect("it can be read");
        assert_eq!(claimed.status, Some(Status::Deprecated));
        assert!(claimed.is_latest && claimed.published_at.is_some());
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_sentence() {
        for (official, reason) in [
            (json!({"status": "paused"}), "`paused` is no status; it is one of active, deprecated, deleted"),
            (json!({"status": 1}), "the status is a number, not a word"),
            (
                json!({"updatedAt": "yesterday"}),
                "`updatedAt` is no RFC 3339 time, as `2026-01-31T12:00:00Z` is",
            ),
            (json!({"isLatest": "yes"}), "`isLatest` is a text, neither true nor false"),
            (json!({"statusMessage": "a\u{0}"}), "`statusMessage` holds a NUL character"),
        ] {
            assert_eq!(Claimed::read(&official, &json!({})), Err(reason.to_owned()));
        }
    }
}
