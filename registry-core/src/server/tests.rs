//! The rules of a server's life, one fact a test.

use super::*;
use crate::listing::StatusChange;
use chrono::TimeZone;
use serde_json::json;

fn at(second: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(second, 0).single().expect("a time")
}

fn document(version: &str) -> ServerJson {
    ServerJson {
        name: "com.example/weather".into(),
        description: "Weather".into(),
        version: version.into(),
        ..ServerJson::default()
    }
}

fn empty() -> Server {
    let name = "com.example/weather".parse().expect("a name");
    Server::loaded(1, name, Source::Synced, Vec::new())
}

fn flags(server: &Server) -> Vec<(&str, bool)> {
    server.versions().iter().map(|v| (v.version.as_str(), v.standing.is_latest)).collect()
}

fn upstream(version: &str, is_latest: bool) -> Upstream {
    let standing = Standing { is_latest, ..Standing::published(at(1)) };
    Upstream { server: document(version), standing }
}

#[test]
fn a_higher_publication_takes_the_flag_and_a_lower_one_does_not() {
    let mut server = empty();
    for (second, version) in ["1.0.0", "2.0.0", "1.5.0"].iter().enumerate() {
        server.publish(&document(version), at(second as i64)).expect("a new version");
    }
    assert_eq!(flags(&server), [("1.0.0", false), ("2.0.0", true), ("1.5.0", false)]);
    assert_eq!(server.publish(&document("1.5.0"), at(9)), Err(Refused::Duplicate));
}

#[test]
fn one_ledger_row_is_due_for_a_publication_though_two_rows_change() {
    let mut server = empty();
    server.publish(&document("1.0.0"), at(1)).expect("new");
    let mut server = Server::loaded(1, server.name.clone(), server.source, server.versions().to_vec());
    server.publish(&document("2.0.0"), at(2)).expect("new");
    let told: Vec<_> = server.changes().iter().map(|(v, _, told)| (v.version.as_str(), *told)).collect();
    assert_eq!(told, [("1.0.0", false), ("2.0.0", true)]);
}

#[test]
fn what_a_registry_claims_is_not_latest_once_the_owner_has_spoken() {
    let claimed = [(EVIDENCE, Some(json!({ "level": "claimed" })))];
    let proved = [(EVIDENCE, Some(json!({ "level": "registry" })))];
    for (members, expected) in
        [(&claimed, [("5.0.0", false), ("1.1.0", true)]), (&proved, [("5.0.0", true), ("1.1.0", false)])]
    {
        let mut server = empty();
        server.sync_with(&upstream("5.0.0", true), members);
        assert_eq!(flags(&server), [("5.0.0", true)]);
        server.crawl(&document("1.1.0"), &json!({}), at(2));
        assert_eq!(flags(&server), expected);
        server.crawl(&document("1.1.0"), &json!({}), at(3));
        assert_eq!(flags(&server), expected);
    }
    let mut server = empty();
    server.sync_with(&upstream("5.0.0", true), &claimed);
    server.publish(&document("1.1.0"), at(2)).expect("new");
    assert_eq!(flags(&server), [("5.0.0", false), ("1.1.0", true)]);
    server.crawl(&document("5.0.0"), &json!({}), at(3));
    assert_eq!(flags(&server), [("5.0.0", false), ("1.1.0", true)], "it is published here");
}

#[test]
fn a_card_stands_as_its_owner_offers_it_whatever_a_registry_claims() {
    let claimed = [(EVIDENCE, Some(json!({ "level": "claimed" })))];
    let mut server = empty();
    let mut gone = upstream("1.1.0", true);
    gone.standing.status = Status::Deleted;
    gone.standing.status_message = Some("moved to evil.example".into());
    server.sync_with(&gone, &claimed);
    server.crawl(&document("1.1.0"), &json!({}), at(9));
    let held = server.held("1.1.0").expect("a version");
    assert_eq!(held.standing, Standing { is_latest: true, ..Standing::published(at(9)) });

    let mut server = empty();
    server.sync_with(&gone, &claimed);
    server.publish(&document("1.1.0"), at(9)).expect("the owner's to publish");
    assert_eq!(flags(&server), [("1.1.0", true)]);
    assert_eq!(server.held("1.1.0").map(|held| held.standing.status), Some(Status::Active));
    assert_eq!(server.publish(&document("1.1.0"), at(10)), Err(Refused::Duplicate));
}

#[test]
fn syncing_twice_changes_nothing() {
    let mut server = empty();
    assert_eq!(server.sync(&upstream("1.0.0", false)), Observed::Added);
    assert_eq!(server.sync(&upstream("0.9.0", true)), Observed::Added);
    assert_eq!(flags(&server), [("1.0.0", false), ("0.9.0", true)], "the upstream's flag is carried over");
    let mut again = Server::loaded(1, server.name.clone(), server.source, server.versions().to_vec());
    assert_eq!(again.sync(&upstream("1.0.0", false)), Observed::Unchanged);
    assert_eq!(again.sync(&upstream("0.9.0", true)), Observed::Unchanged);
    assert!(again.changes().is_empty());
}

#[test]
fn what_the_owner_published_is_not_changed_by_a_crawl_or_a_sync() {
    let mut server = empty();
    server.publish(&document("1.0.0"), at(1)).expect("new");
    assert_eq!(server.sync(&upstream("2.0.0", true)), Observed::Outranked);
    assert_eq!(server.crawl(&document("2.0.0"), &json!({}), at(2)), Observed::Outranked);
    assert_eq!(flags(&server), [("1.0.0", true)]);
}

#[test]
fn new_bytes_under_a_known_version_are_a_revision_and_new_evidence_is_not() {
    let mut server = empty();
    assert_eq!(server.crawl(&document("1.0.0"), &json!({}), at(1)), Observed::Added);
    assert_eq!(server.crawl(&document("1.0.0"), &json!({}), at(2)), Observed::Unchanged);
    assert_eq!(server.crawl(&document("1.0.0"), &json!({ "a": 1 }), at(3)), Observed::Changed);
    assert_eq!(server.versions()[0].standing.updated_at, at(1));
    let revised = ServerJson { description: "More weather".into(), ..document("1.0.0") };
    assert_eq!(server.crawl(&revised, &json!({ "a": 1 }), at(4)), Observed::Changed);
    let standing = &server.versions()[0].standing;
    assert_eq!((standing.published_at, standing.updated_at), (at(1), at(4)));
}

#[test]
fn deleting_the_latest_moves_the_flag() {
    let mut server = empty();
    server.publish(&document("1.0.0"), at(1)).expect("new");
    server.publish(&document("2.0.0"), at(2)).expect("new");
    let delete = StatusChange { status: Status::Deleted, message: None };
    server.set_status("2.0.0", &delete, at(3)).expect("it changes");
    assert_eq!(flags(&server), [("1.0.0", true), ("2.0.0", false)]);
    assert_eq!(server.set_status_of_all(&delete, at(4)), Ok(1), "one changes");
    assert_eq!(flags(&server), [("1.0.0", false), ("2.0.0", true)]);
    assert_eq!(server.set_status_of_all(&delete, at(5)), Err(StatusRefused::NothingChanges));
}

#[test]
fn a_lower_publication_takes_the_flag_of_a_deleted_version() {
    let mut server = empty();
    server.publish(&document("2.0.0"), at(1)).expect("new");
    server
        .set_status("2.0.0", &StatusChange { status: Status::Deleted, message: None }, at(2))
        .expect("it changes");
    server.publish(&document("1.0.0"), at(3)).expect("new");
    assert_eq!(flags(&server), [("2.0.0", false), ("1.0.0", true)]);
}

#[test]
fn an_edit_replaces_the_document_and_moves_only_its_update() {
    let mut server = empty();
    server.sync(&upstream("1.0.0", true));
    let edited = ServerJson { description: "Edited".into(), ..document("1.0.0") };
    assert!(server.edit(&edited, at(5)) && !server.edit(&document("2.0.0"), at(5)));
    let held = &server.versions()[0];
    assert_eq!((held.standing.published_at, held.standing.updated_at), (at(1), at(5)));
    assert!(held.standing.is_latest && held.document.as_deref().is_some_and(|text| text.contains("Edited")));
    assert_eq!(server.sync(&upstream("1.0.0", true)), Observed::Unchanged, "the edit is not undone");
    assert_eq!(server.sync(&upstream("2.0.0", true)), Observed::Added, "other versions go on coming");
}

#[test]
fn versions_that_cannot_be_kept_are_refused() {
    assert_eq!(empty().publish(&document(""), at(1)), Err(Refused::Missing));
    let long = empty().publish(&document(&"1".repeat(256)), at(1)).expect_err("too long").to_string();
    assert_eq!(long, "invalid version: a version has at most 255 bytes, not 256");
}

#[test]
fn the_ten_thousandth_version_is_the_last() {
    let mut server = empty();
    for number in 1..MAX_VERSIONS {
        let standing = Standing::published(at(1));
        let held = Held::new(&document(&format!("0.{number}.0")), Source::Published, standing, "".into());
        server.versions.push(held.expect("a version"));
    }
    assert_eq!(server.publish(&document("0.0.1"), at(2)), Ok(()));
    assert_eq!(server.publish(&document("1.0.0"), at(3)), Err(Refused::TooMany));
}
