//! Which walk is due, and when the next pull is.

use chrono::{DateTime, TimeDelta, Utc};
use registry_core::store::upstreams::{Row, Walk};
use url::Url;

use super::Settings;

/// How long a page's name is believed; a walk that rests longer begins anew.
const CURSOR_LIFE: TimeDelta = TimeDelta::days(1);

/// The longest pause after failures.
const LONGEST_PAUSE: TimeDelta = TimeDelta::days(1);

/// The pause after a pull that came to no end, but somewhere.
const SHORT_PAUSE: TimeDelta = TimeDelta::minutes(10);

/// What a pull begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Plan {
    /// Go on with the walk under way from this page.
    Resume(Url, String),
    /// A walk under way that had met its last page; only what follows its end is left.
    Conclude,
    /// A new walk.
    Begin(Walk),
}

/// What is due for an upstream, and was asked for.
pub(super) fn plan(row: &Row, full: bool, now: DateTime<Utc>, settings: &Settings) -> Plan {
    let fresh = row.walk_began_at.is_some_and(|began| now - began < CURSOR_LIFE);
    let fits = !full || row.walk_full == Some(true);
    if fresh && fits && row.walk_full.is_some() {
        match (&row.walk_list, &row.walk_cursor) {
            (Some(list), Some(cursor)) => {
                if let Ok(list) = list.parse() {
                    return Plan::Resume(list, cursor.clone());
                }
            }
            (Some(_), None) => return Plan::Conclude,
            (None, _) => {}
        }
    }
    Plan::Begin(begin(row, full, now, settings))
}

fn begin(row: &Row, full: bool, now: DateTime<Utc>, settings: &Settings) -> Walk {
    let since = row.full_at.filter(|at| !full && now - *at < settings.full_every).and_then(|_| since(row));
    let since = since.map(|since| since - settings.overlap);
    Walk { full: since.is_none(), since, began_at: now }
}

/// What was seen for sure: no later than the last complete walk's beginning, whatever an upstream's clock says.
fn since(row: &Row) -> Option<DateTime<Utc>> {
    let began = row.complete_at?;
    Some(row.newest_at.map_or(began, |newest| newest.min(began)))
}

/// The pause after a pull that failed for the `failures`th time in a row.
pub(super) fn pause(failures: i32, got_on: bool, settings: &Settings) -> TimeDelta {
    if got_on && failures <= 3 {
        return SHORT_PAUSE;
    }
    let doublings = u32::try_from(failures.clamp(1, 6) - 1).unwrap_or(0);
    (settings.interval * 2_i32.pow(doublings)).clamp(SHORT_PAUSE, LONGEST_PAUSE.max(settings.interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn row() -> Row {
        let added_at = at("2026-11-01T00:00:00Z");
        Row {
            id: 1,
            name: "one".into(),
            url: "https://a.example".into(),
            official: false,
            added_at,
            due_at: added_at,
            leased_until: None,
            walk: 0,
            walk_full: None,
            walk_since: None,
            walk_began_at: None,
            walk_list: None,
            walk_cursor: None,
            walk_newest_at: None,
            walk_unread: false,
            complete_at: None,
            full_at: None,
            newest_at: None,
            pulled_at: None,
            outcome: None,
            detail: None,
            failures: 0,
        }
    }

    fn begun(row: &Row, full: bool, now: &str) -> (bool, Option<DateTime<Utc>>) {
        match plan(row, full, at(now), &Settings::default()) {
            Plan::Begin(walk) => (walk.full, walk.since),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_walk_is_a_full_one_and_then_changes_are_asked_for_with_overlap() {
        assert_eq!(begun(&row(), false, "2026-11-02T00:00:00Z"), (true, None));
        let known = Row {
            complete_at: Some(at("2026-11-02T00:00:00Z")),
            full_at: Some(at("2026-11-02T00:00:00Z")),
            newest_at: Some(at("2026-11-01T12:00:00Z")),
            ..row()
        };
        let since = Some(at("2026-11-01T11:50:00Z"));
        assert_eq!(begun(&known, false, "2026-11-02T01:00:00Z"), (false, since));
        assert_eq!(begun(&known, true, "2026-11-02T01:00:00Z"), (true, None));
        assert_eq!(begun(&known, false, "2026-11-10T00:00:00Z"), (true, None));
    }

    #[test]
    fn a_time_in_the_future_hides_no_change() {
        let known = Row {
            complete_at: Some(at("2026-11-02T00:00:00Z")),
            full_at: Some(at("2026-11-02T00:00:00Z")),
            newest_at: Some(at("2099-01-01T00:00:00Z")),
            ..row()
        };
        assert_eq!(begun(&known, false, "2026-11-02T01:00:00Z").1, Some(at("2026-11-01T23:50:00Z")));
    }

    #[test]
    fn a_walk_under_way_goes_on_unless_it_rested_too_long_or_another_is_asked_for() {
        let list = "https://a.example/v0.1/servers?limit=100";
        let under_way = Row {
            walk: 1,
            walk_full: Some(false),
            walk_began_at: Some(at("2026-11-02T00:00:00Z")),
            walk_list: Some(list.into()),
            walk_cursor: Some("c".into()),
            ..row()
        };
        let resumed = plan(&under_way, false, at("2026-11-02T05:00:00Z"), &Settings::default());
        assert_eq!(resumed, Plan::Resume(list.parse().expect("an address"), "c".into()));
        assert!(begun(&under_way, true, "2026-11-02T05:00:00Z").0);
        assert!(begun(&under_way, false, "2026-11-04T05:00:00Z").0);
        let ended = Row { walk_cursor: None, ..under_way };
        assert_eq!(plan(&ended, false, at("2026-11-02T05:00:00Z"), &Settings::default()), Plan::Conclude);
    }

    #[test]
    fn failures_wait_longer_each_time_and_progress_shortens_the_wait() {
        let settings = Settings::default();
        let hours: Vec<_> = (1..9).map(|n| pause(n, false, &settings).num_hours()).collect();
        assert_eq!(hours, [1, 2, 4, 8, 16, 24, 24, 24]);
        assert_eq!(pause(1, true, &settings), SHORT_PAUSE);
        assert_eq!(pause(5, true, &settings).num_hours(), 16);
    }
}
