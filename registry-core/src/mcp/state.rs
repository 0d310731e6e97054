//! The states of an endpoint (discovery 10.6): what was found moves them, and so does time.

use chrono::{DateTime, TimeDelta, Utc};

use super::judge::{Finding, Verdict};

/// How many failures in a row, and over how long a time, make a living server stale.
const FAILURES: i32 = 3;
const STALE_AFTER: TimeDelta = TimeDelta::hours(72);

/// How long a server fails until it is dead.
const DEAD_AFTER: TimeDelta = TimeDelta::days(30);

/// What is known of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// It speaks MCP.
    Alive,
    /// It asks to sign in.
    AliveAuth,
    /// It asks for payment.
    AlivePaid,
    /// It lived, and has failed for days.
    Stale,
    /// It would not be asked.
    Blocked,
    /// It was not asked.
    Unprobed,
    /// Nobody is there.
    Unreachable,
    /// Somebody is there who does not speak MCP.
    NotMcp,
    /// It has failed for a month.
    Dead,
}

impl State {
    /// All of them, the best first.
    pub const ALL: [Self; 9] = [
        Self::Alive,
        Self::AliveAuth,
        Self::AlivePaid,
        Self::Stale,
        Self::Blocked,
        Self::Unprobed,
        Self::Unreachable,
        Self::NotMcp,
        Self::Dead,
    ];

    /// The word in listings and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::AliveAuth => "alive-auth",
            Self::AlivePaid => "alive-paid",
            Self::Stale => "stale",
            Self::Blocked => "blocked",
            Self::Unprobed => "unprobed",
            Self::Unreachable => "unreachable",
            Self::NotMcp => "not-mcp",
            Self::Dead => "dead",
        }
    }

    /// Whether it answers as a server does.
    pub fn is_alive(self) -> bool {
        matches!(self, Self::Alive | Self::AliveAuth | Self::AlivePaid)
    }

    /// Whether it once did.
    fn has_lived(self) -> bool {
        self.is_alive() || matches!(self, Self::Stale | Self::Dead)
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of an endpoint")]
pub struct UnknownState(String);

impl std::str::FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| UnknownState(text.to_owned()))
    }
}

/// How an endpoint stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: State,
    /// Why, as it was when the state began.
    pub reason: Option<String>,
    /// Since when it is in that state.
    pub since: DateTime<Utc>,
    /// How many visits in a row have failed.
    pub failures: i32,
    /// When the first of them was.
    pub first_failure_at: Option<DateTime<Utc>>,
    /// When it was last seen alive.
    pub last_ok_at: Option<DateTime<Utc>>,
}

impl Standing {
    /// Of an endpoint that nobody has visited yet.
    pub fn new(at: DateTime<Utc>) -> Self {
        let state = State::Unprobed;
        Self { state, reason: None, since: at, failures: 0, first_failure_at: None, last_ok_at: None }
    }

    /// After a visit that found this. A state that stays keeps its date and its reason.
    #[must_use]
    pub fn after(&self, verdict: &Verdict, at: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        let state = match verdict.finding {
            Finding::Alive => State::Alive,
            Finding::AliveAuth => State::AliveAuth,
            Finding::AlivePaid => State::AlivePaid,
            Finding::Unreachable | Finding::NotMcp => {
                next.failures = self.failures.saturating_add(1);
                next.first_failure_at = self.first_failure_at.or(Some(at));
                self.failing(verdict.finding, next.failures, at - next.first_failure_at.unwrap_or(at))
            }
            Finding::Blocked if self.state.has_lived() || self.state == State::NotMcp => self.state,
            Finding::Blocked => State::Blocked,
            Finding::Unprobed => State::Unprobed,
            Finding::Inconclusive => self.state,
        };
        if verdict.finding.is_alive() {
            next.last_ok_at = Some(at);
        }
        if verdict.finding.is_alive() || verdict.finding == Finding::Unprobed {
            next.failures = 0;
            next.first_failure_at = None;
        }
        let says_why = verdict.finding != Finding::Inconclusive || self.reason.is_none();
        if state != self.state {
            next.state = state;
            next.since = at;
            next.reason.clone_from(&verdict.reason);
        } else if state == State::Unprobed && says_why {
            // Why it is not asked is our own word, and does not change by the hour.
            next.reason.clone_from(&verdict.reason);
        }
        next
    }

    /// The state of one that has failed so often, over so long a time.
    fn failing(&self, finding: Finding, failures: i32, over: TimeDelta) -> State {
        let is_dead = over >= DEAD_AFTER && failures >= FAILURES;
        let is_stale = over >= STALE_AFTER && failures >= FAILURES;
        match (self.state, finding) {
            (State::Dead, _) => State::Dead,
            (state, _) if state.has_lived() && is_dead => State::Dead,
            (state, _) if state.has_lived() && is_stale => State::Stale,
            (state, _) if state.has_lived() => state,
            // What never lived is what it is seen to be; one that nobody has reached for a month is given up.
            (_, Finding::NotMcp) => State::NotMcp,
            _ if is_dead => State::Dead,
            _ => State::Unreachable,
        }
    }

    /// Whether listings have to be told: the state has changed, or why it is not asked.
    pub fn differs(&self, other: &Self) -> bool {
        (self.state, &self.reason) != (other.state, &other.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn found(finding: Finding) -> Verdict {
        Verdict::new(finding, format!("{finding:?}"))
    }

    /// The state after findings at these hours, and since which hour.
    fn run(findings: &[(i64, Finding)]) -> (State, i64) {
        let mut standing = Standing::new(at(0));
        for (hour, finding) in findings {
            standing = standing.after(&found(*finding), at(*hour));
        }
        (standing.state, (standing.since - at(0)).num_hours())
    }

    #[test]
    fn findings_and_time_move_the_state() {
        use Finding::{Alive, AliveAuth, AlivePaid, Blocked, Inconclusive, NotMcp, Unprobed, Unreachable};
        let month = 24 * 30;
        for (findings, state, since) in [
            (vec![], State::Unprobed, 0),
            (vec![(1, Alive)], State::Alive, 1),
            (vec![(1, Alive), (2, Alive)], State::Alive, 1),
            (vec![(1, Alive), (2, AliveAuth)], State::AliveAuth, 2),
            (vec![(1, AlivePaid)], State::AlivePaid, 1),
            (vec![(1, Unreachable)], State::Unreachable, 1),
            (vec![(1, NotMcp)], State::NotMcp, 1),
            (vec![(1, NotMcp), (9, Unreachable)], State::Unreachable, 9),
            (vec![(1, Unreachable), (9, Alive)], State::Alive, 9),
            // Three failures over three days, not less of either.
            (vec![(1, Alive), (2, Unreachable), (3, Unreachable), (73, NotMcp)], State::Alive, 1),
            (vec![(1, Alive), (2, Unreachable), (3, Unreachable), (74, NotMcp)], State::Stale, 74),
            (vec![(1, Alive), (2, Unreachable), (99, Unreachable)], State::Alive, 1),
            (
                vec![(1, Alive), (2, NotMcp), (3, NotMcp), (4, Alive), (80, NotMcp), (81, NotMcp)],
                State::Alive,
                1,
            ),
            // A month makes it dead, and one answer alive again.
            (
                vec![
                    (1, AliveAuth),
                    (2, Unreachable),
                    (3, Unreachable),
                    (74, Unreachable),
                    (2 + month, Unreachable),
                ],
                State::Dead,
                2 + month,
            ),
            (
                vec![
                    (1, Alive),
                    (2, NotMcp),
                    (3, NotMcp),
                    (2 + month, NotMcp),
                    (3 + month, NotMcp),
                    (4 + month, Alive),
                ],
                State::Alive,
                4 + month,
            ),
            (vec![(1, Unreachable), (50, Unreachable), (1 + month, Unreachable)], State::Dead, 1 + month),
            (vec![(1, NotMcp), (50, NotMcp), (1 + month, NotMcp)], State::NotMcp, 1),
            // Who would not be asked keeps what was known.
            (vec![(1, Blocked)], State::Blocked, 1),
            (vec![(1, Alive), (2, Blocked), (3, Inconclusive)], State::Alive, 1),
            (vec![(1, Unreachable), (2, Blocked)], State::Blocked, 2),
            (vec![(1, Inconclusive)], State::Unprobed, 0),
            (vec![(1, Alive), (2, Unprobed)], State::Unprobed, 2),
        ] {
            assert_eq!(run(&findings), (state, since), "{findings:?}");
        }
    }

    #[test]
    fn being_blocked_neither_counts_as_failure_nor_as_life() {
        let alive = Standing::new(at(0)).after(&found(Finding::Alive), at(1));
        let failing = alive.after(&found(Finding::Unreachable), at(2)).after(&found(Finding::Blocked), at(3));
        assert_eq!((failing.failures, failing.last_ok_at), (1, Some(at(1))));
    }

    #[test]
    fn a_state_keeps_the_reason_it_began_with() {
        let first = Standing::new(at(0)).after(&Verdict::new(Finding::Unreachable, "no such name"), at(1));
        let then = first.after(&Verdict::new(Finding::Unreachable, "no answer"), at(2));
        assert_eq!(then.reason.as_deref(), Some("no such name"));
        assert!(!first.differs(&then));
        let skipped = Standing::new(at(0)).after(&Verdict::new(Finding::Unprobed, "a template"), at(1));
        let other = skipped.after(&Verdict::new(Finding::Unprobed, "robots.txt"), at(2));
        assert!(skipped.differs(&other));
    }

    #[test]
    fn words_are_read_back() {
        for state in State::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("Alive".parse::<State>().is_err());
    }
}
