//! When an origin is visited next: pure, with the time and the dice as parameters (discovery section 11).

use chrono::{DateTime, TimeDelta, Utc};

/// How a visit ended, as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There were documents, and all that was asked was answered.
    Found,
    /// There were documents; of others nobody can tell.
    Partly,
    /// There is nothing.
    Nothing,
    /// Nobody can tell: the host did not answer, or answered that it would rather not.
    Inconclusive,
    /// The host does not want to be crawled, or is not to be asked.
    Refused,
}

impl Outcome {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Partly => "partly",
            Self::Nothing => "nothing",
            Self::Inconclusive => "inconclusive",
            Self::Refused => "refused",
        }
    }
}

/// What a visit says about the next one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// How many visits before it found nothing.
    pub(crate) misses: i32,
    /// How long its documents stay fresh, the shortest.
    pub(crate) fresh_for: Option<TimeDelta>,
    /// Until when the host asks to be left alone.
    pub(crate) not_before: Option<DateTime<Utc>>,
}

/// When the origin is due, and how many visits in a row have now found nothing. `dice` is any number.
pub(crate) fn next_due(ended: &Ended, now: DateTime<Utc>, dice: u64) -> (DateTime<Utc>, i32) {
    let misses = match ended.outcome {
        Outcome::Found | Outcome::Partly => 0,
        _ => ended.misses.saturating_add(1),
    };
    let fresh = || ended.fresh_for.unwrap_or(DEFAULT).clamp(SHORTEST, LONGEST);
    let wait = match ended.outcome {
        Outcome::Found => fresh(),
        Outcome::Partly => fresh().min(DEFAULT),
        Outcome::Nothing | Outcome::Refused => match misses {
            ..=1 => TimeDelta::days(1),
            2 => TimeDelta::days(7),
            3.. => TimeDelta::days(30),
        },
        Outcome::Inconclusive => doubled(TimeDelta::hours(1), misses - 1).min(DEFAULT),
    };
    let due = now + jittered(wait, dice);
    (ended.not_before.map_or(due, |not_before| due.max(not_before)), misses)
}

const DEFAULT: TimeDelta = TimeDelta::days(1);
const SHORTEST: TimeDelta = TimeDelta::hours(1);
const LONGEST: TimeDelta = TimeDelta::days(7);

/// How long a document with this `Cache-Control` is fresh.
pub(crate) fn fresh(cache_control: Option<&str>) -> TimeDelta {
    fresh_for(cache_control).unwrap_or(DEFAULT).clamp(SHORTEST, LONGEST)
}

fn doubled(wait: TimeDelta, times: i32) -> TimeDelta {
    wait * (1 << times.clamp(0, 8))
}

/// The wait, up to a tenth longer, so that origins added together do not come back together.
pub(crate) fn jittered(wait: TimeDelta, dice: u64) -> TimeDelta {
    let parts = i32::try_from(dice % 1000).unwrap_or_default();
    wait + wait / 10 * parts / 1000
}

/// How long a document is fresh by its `Cache-Control`; none where it does not say.
pub(crate) fn fresh_for(cache_control: Option<&str>) -> Option<TimeDelta> {
    let mut fresh = None;
    for directive in cache_control?.split(',') {
        let directive = directive.trim().to_ascii_lowercase();
        if directive == "no-store" {
            return None;
        }
        if let Some(seconds) = directive.strip_prefix("max-age=") {
            fresh = seconds.trim_matches('"').parse::<u32>().ok().map(|s| TimeDelta::seconds(i64::from(s)));
        }
    }
    fresh
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(outcome: Outcome, misses: i32, fresh: Option<i64>) -> (TimeDelta, i32) {
        let fresh_for = fresh.map(TimeDelta::seconds);
        let ended = Ended { outcome, misses, fresh_for, not_before: None };
        let (due, misses) = next_due(&ended, DateTime::UNIX_EPOCH, 0);
        (due - DateTime::UNIX_EPOCH, misses)
    }

    #[test]
    fn documents_are_fresh_for_an_hour_to_a_week() {
        assert_eq!(due(Outcome::Found, 3, None), (TimeDelta::days(1), 0));
        assert_eq!(due(Outcome::Found, 0, Some(60)), (TimeDelta::hours(1), 0));
        assert_eq!(due(Outcome::Found, 0, Some(7200)), (TimeDelta::hours(2), 0));
        assert_eq!(due(Outcome::Found, 0, Some(9_999_999)), (TimeDelta::days(7), 0));
        assert_eq!(due(Outcome::Partly, 0, Some(9_999_999)), (TimeDelta::days(1), 0));
    }

    #[test]
    fn misses_back_off_and_failures_are_tried_again_soon() {
        let misses: Vec<_> = (0..4).map(|misses| due(Outcome::Nothing, misses, None).0.num_days()).collect();
        assert_eq!(misses, [1, 7, 30, 30]);
        let failures: Vec<_> =
            (0..7).map(|misses| due(Outcome::Inconclusive, misses, None).0.num_hours()).collect();
        assert_eq!(failures, [1, 2, 4, 8, 16, 24, 24]);
        assert_eq!(due(Outcome::Inconclusive, i32::MAX, None), (TimeDelta::days(1), i32::MAX));
    }

    #[test]
    fn dice_and_the_host_only_make_it_later() {
        let not_before = Some(DateTime::UNIX_EPOCH + TimeDelta::hours(20));
        let ended = Ended { outcome: Outcome::Inconclusive, misses: 0, fresh_for: None, not_before };
        assert_eq!(next_due(&ended, DateTime::UNIX_EPOCH, 7).0, DateTime::UNIX_EPOCH + TimeDelta::hours(20));
        for dice in [0, 1, 999, 1000, u64::MAX] {
            let wait = jittered(TimeDelta::hours(10), dice);
            assert!((TimeDelta::hours(10)..TimeDelta::hours(11)).contains(&wait), "{dice}: {wait}");
        }
    }

    #[test]
    fn freshness_is_read_from_cache_control() {
        for (text, seconds) in [
            ("max-age=3600", Some(3600)),
            ("public, Max-Age=60", Some(60)),
            ("no-store", None),
            ("max-age=60, no-store", None),
            ("max-age=99999999999999", None),
            ("max-age=-1", None),
        ] {
            assert_eq!(fresh_for(Some(text)), seconds.map(TimeDelta::seconds), "{text}");
        }
    }
}
