use super::super::catalog::tests::{catalog, described, entry};
use super::*;

struct Nothing;
impl Ranker for Nothing {
    fn order(&self, catalog: &Catalog, text: &str) -> Arc<[Place]> {
        order(catalog, Vec::new(), text).into()
    }
}

struct Only(&'static str);
impl Ranker for Only {
    fn order(&self, catalog: &Catalog, text: &str) -> Arc<[Place]> {
        order(catalog, vec![catalog.server(self.0).expect("it is there").clone()], text).into()
    }
}

fn names(page: &Page) -> Vec<String> {
    page.entries.iter().map(|e| format!("{}:{}", e.name, e.version)).collect()
}

fn sample() -> Catalog {
    catalog(vec![
        described("com.example/mail", "1.0.0", true, "Sends mail"),
        entry("com.example/weather", "1.10.0", true),
        entry("com.example/weather", "1.9.0", false),
        described("org.example/post", "1.0.0", true, "Email and mail"),
    ])
}

#[test]
fn walks_every_version_once_in_byte_order() {
    let (catalog, filter) = (sample(), Filter::default());
    let mut after = None;
    let mut seen = Vec::new();
    loop {
        let page = page(&catalog, &Nothing, &filter, after.as_ref(), 1);
        seen.extend(names(&page));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let all = [
        "com.example/mail:1.0.0",
        "com.example/weather:1.10.0",
        "com.example/weather:1.9.0",
        "org.example/post:1.0.0",
    ];
    assert_eq!(seen, all);
}

#[test]
fn a_position_without_a_version_skips_the_whole_server() {
    let after = Position { name: "com.example/weather".into(), ..Position::default() };
    let page = page(&sample(), &Nothing, &Filter::default(), Some(&after), 10);
    assert_eq!(names(&page), ["org.example/post:1.0.0"]);
    assert_eq!(page.next, None);
}

#[test]
fn a_name_fragment_finds_by_substring_in_list_order() {
    let filter = Filter { search: Some("EXAMPLE/".into()), ..Filter::default() };
    assert_eq!(names(&page(&sample(), &Only("org.example/post"), &filter, None, 10)).len(), 4);
}

#[test]
fn the_exact_name_stands_first_and_nothing_comes_twice() {
    let catalog = catalog(vec![
        described("a.example/copy", "1.0.0", true, "A copy of com.example/mail"),
        entry("com.example/mail", "1.0.0", false),
        entry("com.example/mail", "2.0.0", true),
        entry("com.example/mail-too", "1.0.0", true),
    ]);
    let filter = Filter { search: Some("com.example/mail".into()), ..Filter::default() };
    let mut seen = Vec::new();
    let mut after = None;
    while let Some(page) = (seen.len() < 9).then(|| page(&catalog, &Nothing, &filter, after.as_ref(), 1)) {
        seen.extend(names(&page));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let order = [
        "com.example/mail:1.0.0",
        "com.example/mail:2.0.0",
        "a.example/copy:1.0.0",
        "com.example/mail-too:1.0.0",
    ];
    assert_eq!(seen, order);
}

#[test]
fn the_name_in_another_case_stands_first_too_but_the_exact_one_before_it() {
    let servers = vec![
        described("a.example/copy", "1.0.0", true, "A copy of com.example/Mail"),
        entry("com.example/Mail", "1.0.0", true),
        entry("com.example/mail", "1.0.0", true),
    ];
    let catalog = catalog(servers);
    for (text, first) in
        [("COM.example/mail", "com.example/Mail:1.0.0"), ("com.example/mail", "com.example/mail:1.0.0")]
    {
        let filter = Filter { search: Some(text.into()), ..Filter::default() };
        let mut seen = Vec::new();
        let mut after = None;
        while seen.len() < 9 {
            let page = page(&catalog, &Nothing, &filter, after.as_ref(), 1);
            seen.extend(names(&page));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!((seen.len(), seen[0].as_str()), (3, first), "{seen:?}");
    }
}

#[test]
fn a_ranked_list_goes_on_where_it_was_whatever_has_gone_or_moved() {
    let names: Vec<String> = (0..8).map(|n| format!("a.b/c{n}")).collect();
    let whole = catalog(names.iter().map(|name| entry(name, "1.0.0", true)).collect());
    let place = |name: &str| (whole.server(name).expect("it is there").clone(), true);
    let order = |names: &[&str]| names.iter().map(|name| place(&format!("a.b/{name}"))).collect::<Vec<_>>();
    let filter = Filter::default();
    let first = ranked(&order(&["c0", "c1", "c2", "c3", "c4", "c5"]), &filter, None, 3, "c");
    let after = first.next.expect("another page");
    assert_eq!(after.name, "a.b/c2");
    for (now, rest) in [
        (vec!["c0", "c1", "c2", "c3", "c4", "c5"], vec!["c3", "c4", "c5"]),
        (vec!["c0", "c1", "c3", "c4", "c5"], vec!["c3", "c4", "c5"]),
        (vec!["c0", "c1", "c3", "c4", "c5", "c2"], vec!["c3", "c4", "c5"]),
        (vec!["c2", "c0", "c1", "c3", "c4", "c5"], vec!["c3", "c4", "c5"]),
        (vec!["c6", "c7", "c0", "c1", "c2", "c3"], vec!["c3"]),
        (vec!["c0", "c2", "c3", "c4", "c5", "c1"], vec!["c3", "c4", "c5", "c1"]),
        (vec!["c0", "c3", "c4", "c5"], vec!["c3", "c4", "c5"]),
        (vec!["c0", "c3", "c4", "c5", "c1", "c2"], vec!["c3", "c4", "c5", "c1"]),
        (vec!["c0", "c1", "c2", "c4", "c5", "c3"], vec!["c4", "c5", "c3"]),
        (vec!["c0", "c1", "c6", "c2", "c3"], vec!["c3"]),
    ] {
        let page = ranked(&order(&now), &filter, Some(&after), 9, "c");
        let seen: Vec<_> = page.entries.iter().map(|entry| entry.name.leaf()).collect();
        assert_eq!(seen, rest, "{now:?}");
    }
}

#[test]
fn versions_that_are_left_of_a_server_are_given_wherever_it_has_moved() {
    let versions = (0..6).map(|n| entry("a.b/many", &format!("1.{n}.0"), n == 5));
    let others = (0..4).map(|n| entry(&format!("a.b/c{n}"), "1.0.0", true));
    let whole = catalog(versions.chain(others).collect());
    let place = |name: &str| (whole.server(&format!("a.b/{name}")).expect("it is there").clone(), true);
    let order = |names: [&str; 5]| names.map(place).to_vec();
    let filter = Filter::default();
    let first = ranked(&order(["c0", "c1", "many", "c2", "c3"]), &filter, None, 4, "b");
    for moved in [["many", "c0", "c1", "c2", "c3"], ["c0", "c1", "c2", "c3", "many"]] {
        let (mut seen, mut after) = (names(&first), first.next.clone());
        while let Some(position) = after {
            let page = ranked(&order(moved), &filter, Some(&position), 1, "b");
            seen.extend(names(&page));
            after = page.next;
        }
        // Who has moved behind the rest is met there again; nobody else is, and nothing is missing.
        let others = seen.iter().filter(|name| !name.starts_with("a.b/many:")).count();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((others, seen.len()), (4, 10), "{moved:?}: {seen:?}");
    }
}

#[test]
fn a_page_ends_early_before_it_gets_too_large() {
    let large = "x".repeat(LARGEST_PAGE / 3);
    let mut servers: Vec<_> =
        (0..5).map(|n| described(&format!("a.b/c{n}"), "1.0.0", true, &large)).collect();
    servers.push(described("a.b/d", "1.0.0", true, &"x".repeat(LARGEST_PAGE + 1)));
    servers.push(entry("a.b/e", "1.0.0", true));
    let catalog = catalog(servers);
    let mut sizes = Vec::new();
    let mut after = None;
    loop {
        let page = page(&catalog, &Nothing, &Filter::default(), after.as_ref(), 100);
        sizes.push(page.entries.len());
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [2, 2, 1, 1, 1], "and a single one is shown however large it is");
}

#[test]
fn the_exact_leaf_stands_before_what_ranks_better_and_every_substring_match_is_there() {
    let filter = Filter { search: Some("mail".into()), ..Filter::default() };
    let found = page(&sample(), &Only("org.example/post"), &filter, None, 10);
    assert_eq!(names(&found), ["com.example/mail:1.0.0", "org.example/post:1.0.0"]);
    let first = page(&sample(), &Only("org.example/post"), &filter, None, 1);
    let second = page(&sample(), &Only("org.example/post"), &filter, first.next.as_ref(), 1);
    assert_eq!(names(&second), ["org.example/post:1.0.0"]);
}

#[test]
fn filters_by_latest_and_by_time() {
    let latest = Filter { version: Some("latest".into()), ..Filter::default() };
    assert_eq!(page(&sample(), &Nothing, &latest, None, 10).entries.len(), 3);
    let since = Filter { updated_since: "2026-01-01T00:00:00Z".parse().ok(), ..Filter::default() };
    assert!(page(&sample(), &Nothing, &since, None, 10).entries.is_empty(), "strictly after");
}
