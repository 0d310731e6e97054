//! When an endpoint is asked again: pure, with the time and the dice as parameters (discovery section 11).

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::mcp::judge::Finding;
use registry_core::mcp::state::{Standing, State};

use crate::frontier::jittered;

/// What a visit says about the next one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended<'a> {
    /// What was found.
    pub(super) finding: Finding,
    /// How the endpoint stands now.
    pub(super) standing: &'a Standing,
    /// When it came to be known.
    pub(super) added_at: DateTime<Utc>,
    /// When its state or its words last changed.
    pub(super) changed_at: DateTime<Utc>,
    /// Whether there is another way to ask that might find more.
    pub(super) has_untried: bool,
    /// Until when it asks to be left alone.
    pub(super) not_before: Option<DateTime<Utc>>,
}

const HOUR: TimeDelta = TimeDelta::hours(1);
const QUARTER: TimeDelta = TimeDelta::hours(6);
const DAY: TimeDelta = TimeDelta::days(1);
const WEEK: TimeDelta = TimeDelta::days(7);
const MONTH: TimeDelta = TimeDelta::days(30);

/// When the endpoint is due. `dice` is any number.
pub(super) fn next_due(ended: &Ended<'_>, now: DateTime<Utc>, dice: u64) -> DateTime<Utc> {
    let due = now + jittered(wait(ended, now), dice);
    ended.not_before.map_or(due, |not_before| due.max(not_before))
}

fn wait(ended: &Ended<'_>, now: DateTime<Utc>) -> TimeDelta {
    let state = ended.standing.state;
    match ended.finding {
        _ if ended.has_untried => HOUR,
        Finding::AliveAuth => WEEK,
        Finding::Alive | Finding::AlivePaid if now - ended.added_at < WEEK => QUARTER,
        Finding::Alive | Finding::AlivePaid if now - ended.changed_at >= MONTH => WEEK,
        Finding::Alive | Finding::AlivePaid => DAY,
        Finding::Unreachable | Finding::NotMcp => match (state, ended.standing.failures) {
            (State::Dead, _) => WEEK,
            (state, ..=1) if state.is_alive() => QUARTER,
            (State::Unreachable | State::NotMcp, 3..=5) => WEEK,
            (State::Unreachable | State::NotMcp, 6..) => MONTH,
            _ => DAY,
        },
        Finding::Inconclusive => QUARTER,
        Finding::Blocked | Finding::Unprobed => DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(days: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(days)
    }

    /// Hours until the next visit, of an endpoint added on day 0.
    fn hours(finding: Finding, state: State, failures: i32, changed: i64, now: i64) -> i64 {
        let standing = Standing { state, failures, ..Standing::new(days(0)) };
        let ended = Ended {
            finding,
            standing: &standing,
            added_at: days(0),
            changed_at: days(changed),
            has_untried: false,
            not_before: None,
        };
        (next_due(&ended, days(now), 0) - days(now)).num_hours()
    }

    #[test]
    fn who_lives_is_asked_the_rarer_the_longer_nothing_changes() {
        assert_eq!(hours(Finding::Alive, State::Alive, 0, 0, 1), 6);
        assert_eq!(hours(Finding::Alive, State::Alive, 0, 0, 8), 24);
        assert_eq!(hours(Finding::Alive, State::Alive, 0, 8, 37), 24);
        assert_eq!(hours(Finding::Alive, State::Alive, 0, 8, 38), 7 * 24);
        assert_eq!(hours(Finding::AliveAuth, State::AliveAuth, 0, 0, 0), 7 * 24);
        assert_eq!(hours(Finding::AlivePaid, State::AlivePaid, 0, 0, 0), 6);
    }

    #[test]
    fn who_fails_is_asked_soon_and_then_less_and_less() {
        let failing = |state, failures| hours(Finding::Unreachable, state, failures, 0, 40);
        assert_eq!(failing(State::Alive, 1), 6);
        assert_eq!(
            [failing(State::Alive, 2), failing(State::Stale, 3), failing(State::Stale, 20)],
            [24, 24, 24]
        );
        assert_eq!(failing(State::Dead, 40), 7 * 24);
        let never: Vec<i64> = [1, 2, 3, 6].map(|failures| failing(State::Unreachable, failures)).into();
        assert_eq!(never, [24, 24, 7 * 24, 30 * 24]);
        assert_eq!(hours(Finding::Inconclusive, State::Alive, 0, 0, 40), 6);
        assert_eq!(hours(Finding::Blocked, State::Blocked, 0, 0, 40), 24);
    }

    #[test]
    fn another_way_is_tried_soon_and_patience_is_kept() {
        let standing = Standing::new(days(0));
        let mut ended = Ended {
            finding: Finding::NotMcp,
            standing: &standing,
            added_at: days(0),
            changed_at: days(0),
            has_untried: true,
            not_before: None,
        };
        assert_eq!(next_due(&ended, days(1), 0), days(1) + TimeDelta::hours(1));
        ended.not_before = Some(days(2));
        assert_eq!(next_due(&ended, days(1), 999), days(2));
    }
}
