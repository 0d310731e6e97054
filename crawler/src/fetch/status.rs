//! What an answer says about the document that was asked for (discovery section 9): it is there, it is not, or nobody can tell.

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::outbound::{FailureClass, FetchError, Fetched};

use super::Asked;

/// What is now known of a document.
#[derive(Debug)]
pub(crate) enum Meaning {
    /// It is there.
    Document(Box<Fetched>),
    /// It is what it was.
    Unchanged(Box<Fetched>),
    /// There is none.
    Absent(String),
    /// There is none, and none will be.
    Gone(String),
    /// Nobody can tell: what was known stays.
    Inconclusive(String),
    /// It is not taken, and its owner can change that.
    Refused(String),
}

/// Reads an answer, or the lack of one.
pub(crate) fn meaning(asked: Asked) -> Meaning {
    match asked {
        Asked::Answer(fetched) => of_status(fetched),
        Asked::Failed(error) => of_failure(&error),
        Asked::Disallowed(reason) => Meaning::Refused(reason),
        Asked::NotNow(reason) => Meaning::Inconclusive(reason),
    }
}

fn of_status(fetched: Box<Fetched>) -> Meaning {
    let status = fetched.status;
    match status {
        200 | 203 => Meaning::Document(fetched),
        304 => Meaning::Unchanged(fetched),
        401..=403 | 407 | 408 | 425 | 429 | 451 | 500.. => {
            Meaning::Inconclusive(format!("the answer is {status}; {}", advice(status)))
        }
        410 => Meaning::Gone("the answer is 410".to_owned()),
        _ => Meaning::Absent(format!("the answer is {status}")),
    }
}

/// What an owner can do about an answer that is neither a document nor the lack of one.
fn advice(status: u16) -> &'static str {
    match status {
        401..=403 | 407 => "let everybody read the document, without login or payment",
        408 | 425 | 429 => "it is asked for again later",
        451 => "serve it where nothing forbids it",
        _ => "the host fails: mend it, and it is asked for again",
    }
}

fn of_failure(error: &FetchError) -> Meaning {
    match error.class() {
        FailureClass::Refused | FailureClass::TooLarge => Meaning::Refused(error.to_string()),
        FailureClass::Unreachable | FailureClass::TimedOut | FailureClass::Tls | FailureClass::Protocol => {
            Meaning::Inconclusive(error.to_string())
        }
    }
}

/// The moment that `Retry-After` names, in seconds or as a date; a day at most.
pub(crate) fn retry_after(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let until = match text.parse::<u32>() {
        Ok(seconds) => now + TimeDelta::seconds(i64::from(seconds)),
        Err(_) => DateTime::parse_from_rfc2822(text).ok()?.to_utc(),
    };
    (until > now).then(|| until.min(now + TimeDelta::days(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_a_day_at_most() {
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(retry_after("120", now), Some(now + TimeDelta::seconds(120)));
        assert_eq!(retry_after("Thu, 01 Jan 1970 01:00:00 GMT", now), Some(now + TimeDelta::hours(1)));
        assert_eq!(retry_after("4000000000", now), Some(now + TimeDelta::days(1)));
        for none in ["", "0", "soon", "-5", "Wed, 31 Dec 1969 23:00:00 GMT"] {
            assert_eq!(retry_after(none, now), None, "{none}");
        }
    }
}
