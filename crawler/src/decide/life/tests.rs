use super::*;
use crate::discover;
use crate::visit::Note;
use registry_core::evidence::{Evidence, Level};
use url::Url;

const CARD: &str = "https://acme.com/card.json";
const CATALOG: &str = "https://acme.com/.well-known/ai-catalog.json";
const MCP: &str = "https://acme.com/mcp";

fn day(number: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(number)
}

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

fn finding(name: &str, outcome: Outcome) -> Finding {
    Finding {
        url: CARD.to_owned(),
        pointer: String::new(),
        format: "server-card".to_owned(),
        shape: "v1".to_owned(),
        rank: 20,
        outcome,
        reason: None,
        declared_name: Some(name.to_owned()),
        server_name: Some(name.to_owned()),
        version: Some("1.0.0".to_owned()),
        level: Some(Level::HostBound),
        evidence: Vec::new(),
        endpoints: vec![MCP.to_owned()],
        since: day(0),
        seen_at: day(0),
        missing: None,
        revision: 1,
    }
}

fn old() -> Finding {
    finding("com.acme/one", Outcome::Listed)
}

fn evidence(what: &str, url: &str) -> Evidence {
    let (how, by) = (String::new(), String::new());
    Evidence {
        what: what.to_owned(),
        how,
        by,
        url: Some(url.to_owned()),
        sha256: None,
        at: day(0),
        until: None,
    }
}

/// A listed finding that a catalog led to.
fn listed_by(what: &[&str]) -> Finding {
    Finding { evidence: what.iter().map(|what| evidence(what, CATALOG)).collect(), ..old() }
}

fn visited(asked: &[(&str, State)]) -> Visited {
    let detail =
        |state: State| (!state.is_conclusive() || state == State::Absent).then(|| "so it is".to_owned());
    let asked = asked.iter().map(|(at, state)| Asked { url: url(at), state: *state, detail: detail(*state) });
    Visited { asked: asked.collect(), ..Visited::of("acme.com".parse().expect("a domain")) }
}

fn after(before: &Finding, visited: &Visited, now: &[Finding], at: DateTime<Utc>) -> Life {
    let known = [CARD, CATALOG].map(|url| (url.to_owned(), url.to_owned()));
    let (aliases, elsewhere) = (HashMap::from(known), HashSet::new());
    live(std::slice::from_ref(before), &Sights::of(visited, now, &aliases, &elsewhere), at)
}

fn withdrawn(life: &Life) -> &str {
    let [(name, message)] = life.withdrawn.as_slice() else { panic!("{life:?}") };
    assert_eq!((name.as_str(), life.findings[0].outcome), ("com.acme/one", Outcome::Withdrawn));
    message
}

fn stays(life: &Life, before: &Finding) {
    assert_eq!(life, &Life { findings: vec![before.clone()], ..Life::default() });
}

#[test]
fn what_nobody_can_tell_takes_nothing_away() {
    stays(&after(&old(), &visited(&[(CARD, State::Inconclusive)]), &[], day(9)), &old());
    let stale =
        Finding { outcome: Outcome::Stale, missing: Some(Missing { since: day(0), visits: 9 }), ..old() };
    stays(&after(&stale, &visited(&[(CARD, State::Inconclusive)]), &[], day(9)), &stale);
    let cut = Visited { is_cut: true, ..visited(&[]) };
    stays(&after(&listed_by(&["listed-by"]), &cut, &[], day(9)), &listed_by(&["listed-by"]));
}

#[test]
fn three_visits_in_vain_over_three_days_withdraw() {
    let absent = visited(&[(CARD, State::Absent)]);
    let mut known = old();
    for (at, visits) in [(day(1), 1), (day(2), 2), (day(3), 3)] {
        let life = after(&known, &absent, &[], at);
        assert_eq!(life.withdrawn, [], "{at}");
        assert_eq!(life.missing, [("com.acme/one".to_owned(), "1.0.0".to_owned(), day(1))]);
        known = life.findings[0].clone();
        assert_eq!((known.outcome, known.since), (Outcome::Stale, day(1)));
        assert_eq!(known.missing, Some(Missing { since: day(1), visits }));
    }
    let life = after(&known, &absent, &[], day(4));
    assert!(withdrawn(&life).contains("since 1970-01-02: so it is"), "{life:?}");
    let few = Finding { missing: Some(Missing { since: day(1), visits: 1 }), ..known };
    assert_eq!(after(&few, &absent, &[], day(40)).withdrawn, [], "two visits are not enough");
}

#[test]
fn gone_for_good_withdraws_at_once() {
    let life = after(&old(), &visited(&[(CARD, State::Gone)]), &[], day(1));
    assert!(withdrawn(&life).contains("answers 410"), "{life:?}");
}

#[test]
fn what_is_not_to_be_read_is_stale_and_never_withdrawn() {
    let refused = visited(&[(CARD, State::Refused)]);
    let mut known = old();
    for at in 1..20 {
        let life = after(&known, &refused, &[], day(at));
        assert_eq!(life.withdrawn, []);
        known = life.findings[0].clone();
    }
    assert_eq!(known.missing, Some(Missing { since: day(1), visits: 0 }));
}

#[test]
fn a_renamed_card_says_where_it_went() {
    let now = [finding("com.acme/two", Outcome::Listed)];
    let life = after(&old(), &visited(&[(CARD, State::Found)]), &now, day(1));
    assert!(withdrawn(&life).contains("`com.acme/two`"), "{life:?}");
    let elsewhere = [Finding { url: "https://acme.com/other.json".to_owned(), ..now[0].clone() }];
    let life = after(&old(), &visited(&[(CARD, State::Found)]), &elsewhere, day(1));
    assert!(withdrawn(&life).contains("`com.acme/two`"), "by its endpoint: {life:?}");
}

#[test]
fn a_name_that_is_no_longer_proved_goes_once_every_proof_was_looked_at() {
    let reason = Some("`host.net` does not confirm it".to_owned());
    let now = [Finding { reason, ..finding("com.acme/one", Outcome::Held) }];
    let proof = "https://host.net/mcp/server-card";
    let before = Finding { evidence: vec![evidence("endpoint", proof)], ..old() };
    let life = after(&before, &visited(&[(CARD, State::Found), (proof, State::Absent)]), &now, day(1));
    assert!(withdrawn(&life).contains("`host.net` does not confirm it"), "{life:?}");
    stays(
        &after(&before, &visited(&[(CARD, State::Found), (proof, State::Inconclusive)]), &now, day(1)),
        &before,
    );
}

#[test]
fn a_document_that_no_longer_describes_it_is_looked_for_in_vain() {
    let life = after(&old(), &visited(&[(CARD, State::Found)]), &[], day(1));
    assert_eq!((life.findings[0].outcome, life.withdrawn.len()), (Outcome::Stale, 0));
    let broken = Finding { server_name: None, endpoints: Vec::new(), ..finding("x/y", Outcome::Refused) };
    let broken = Finding { reason: Some("no JSON".to_owned()), ..broken };
    let life = after(&old(), &visited(&[(CARD, State::Found)]), &[broken], day(1));
    assert!(life.findings[0].reason.as_ref().is_some_and(|reason| reason.starts_with("no JSON")), "{life:?}");
}

#[test]
fn a_delegation_ends_with_the_listing_and_another_listing_does_not() {
    let read = visited(&[(CATALOG, State::Found)]);
    let lent = listed_by(&["namespace", "listed-by"]);
    assert!(
        withdrawn(&after(&lent, &read, &[], day(1))).contains("no longer lists"),
        "the catalog lent the name"
    );
    let own = listed_by(&["listed-by"]);
    let life = after(&own, &read, &[], day(1));
    assert_eq!((life.findings[0].outcome, life.withdrawn.len()), (Outcome::Stale, 0));
    for state in [State::Inconclusive, State::Refused] {
        stays(&after(&lent, &visited(&[(CATALOG, state)]), &[], day(1)), &lent);
    }
    let life = after(&lent, &visited(&[(CATALOG, State::Absent)]), &[], day(1));
    assert_eq!(life.findings[0].outcome, Outcome::Stale, "the whole catalog may be back tomorrow");
    let mut broken = visited(&[(CATALOG, State::Found)]);
    broken.notes.push(Note {
        url: url(CATALOG),
        pointer: String::new(),
        format: discover::ALL[0].id(),
        shape: "unreadable",
        is_refusal: true,
        reason: "no JSON".to_owned(),
    });
    let life = after(&lent, &broken, &[], day(1));
    assert_eq!(life.findings[0].outcome, Outcome::Stale, "a slip of the pen withdraws nothing");
}

#[test]
fn a_document_to_which_nothing_leads_is_looked_for_in_vain() {
    let life = after(&old(), &visited(&[(CATALOG, State::Found)]), &[], day(1));
    let reason = life.findings[0].reason.as_deref().unwrap_or_default();
    assert!(reason.starts_with("nothing leads to `https://acme.com/card.json` any more"), "{life:?}");
    for state in [State::Inconclusive, State::Refused] {
        stays(&after(&old(), &visited(&[(CATALOG, state)]), &[], day(1)), &old());
    }
}

#[test]
fn what_is_listed_again_or_elsewhere_needs_no_word() {
    let now = [old()];
    assert_eq!(after(&old(), &visited(&[(CARD, State::Found)]), &now, day(1)), Life::default());
    let (aliases, elsewhere) = (HashMap::new(), HashSet::from(["com.acme/one".to_owned()]));
    let visited = visited(&[(CARD, State::Absent)]);
    let sights = Sights::of(&visited, &[], &aliases, &elsewhere);
    assert_eq!(live(&[old()], &sights, day(1)), Life::default());
}

#[test]
fn what_was_withdrawn_is_told_for_a_while() {
    let gone = Finding { outcome: Outcome::Withdrawn, ..old() };
    stays(&after(&gone, &visited(&[(CARD, State::Absent)]), &[], day(89)), &gone);
    assert_eq!(after(&gone, &visited(&[(CARD, State::Absent)]), &[], day(91)), Life::default());
    assert_eq!(after(&gone, &visited(&[(CARD, State::Found)]), &[old()], day(1)), Life::default());
}

#[test]
fn what_was_never_listed_is_forgotten_once_it_is_looked_at() {
    let held = finding("com.acme/one", Outcome::Held);
    assert_eq!(after(&held, &visited(&[(CARD, State::Absent)]), &[], day(1)), Life::default());
    stays(&after(&held, &visited(&[(CARD, State::Inconclusive)]), &[], day(1)), &held);
    let unsure = visited(&[(CATALOG, State::Inconclusive)]);
    stays(&after(&held, &unsure, &[], day(1)), &held);
}
