use super::*;
use crate::read_model::catalog::tests::{catalog, listed};
use crate::read_model::entry::Entry;
use crate::search::index::Indexer;
use crate::search::index::tests::{found, indexed};
use registry_core::listing::{Listing, Standing};
use serde_json::{Value, json};

fn first(servers: &[(&str, &str)], text: &str) -> String {
    let (catalog, indexer, _folder) = indexed(servers);
    found(&indexer, &catalog, text).first().cloned().unwrap_or_default()
}

fn all(servers: &[(&str, &str)], text: &str) -> Vec<String> {
    let (catalog, indexer, _folder) = indexed(servers);
    found(&indexer, &catalog, text)
}

const SERVERS: [(&str, &str); 9] = [
    ("com.acme/mcp", "Everything that Acme does"),
    ("io.github.alice/acme-notes", "Notes for people who like Acme"),
    ("io.github.bob/chat", "Sends messages to a team channel"),
    ("io.github.carol/docker-mcp", "Manages containers and images"),
    ("io.github.dave/kube", "Deploys to Kubernetes clusters"),
    ("io.github.erin/postgresql-tools", "Runs queries on tables of a database"),
    ("io.github.frank/news", "今日新闻 headlines"),
    ("io.github.grace/estate", "Données immobilières de France"),
    ("org.weather/forecast", "Tells the weather of tomorrow"),
];

#[test]
fn words_are_found_in_every_form_and_wherever_they_stand() {
    for (text, name) in [
        ("org.weather/forecast", "org.weather/forecast"),
        ("forecast", "org.weather/forecast"),
        ("send a message to a team channel", "io.github.bob/chat"),
        ("MESSAGES", "io.github.bob/chat"),
        ("deploying", "io.github.dave/kube"),
        ("k8s", "io.github.dave/kube"),
        ("postgres", "io.github.erin/postgresql-tools"),
        ("weath", "org.weather/forecast"),
        ("w", "org.weather/forecast"),
        ("dokcer", "io.github.carol/docker-mcp"),
        ("kubernets cluster", "io.github.dave/kube"),
        ("obstgresql", "io.github.erin/postgresql-tools"),
        ("新闻", "io.github.frank/news"),
        ("donnees immobilieres", "io.github.grace/estate"),
        ("acme", "com.acme/mcp"),
        ("io.github.carol/docker", "io.github.carol/docker-mcp"),
    ] {
        assert_eq!(first(&SERVERS, text), name, "{text}");
    }
}

#[test]
fn the_middle_of_a_name_is_found_where_words_find_nothing() {
    assert_eq!(all(&SERVERS, "stgresq"), ["io.github.erin/postgresql-tools"]);
    assert_eq!(all(&SERVERS, "ERIN/post"), ["io.github.erin/postgresql-tools"]);
    assert_eq!(all(&SERVERS, "io.github.").len(), 7);
    assert!(all(&SERVERS, "stgresq -x").is_empty(), "words alone");
}

#[test]
fn what_everybody_has_is_no_match() {
    for nothing in ["zzzzzz", "\0", "🦀", "\"team message\""] {
        assert!(all(&SERVERS, nothing).is_empty(), "{nothing}");
    }
    assert_eq!(all(&SERVERS, "").len(), SERVERS.len());
    assert!(!all(&SERVERS, "github").contains(&"io.github.bob/chat".to_owned()));
}

#[test]
fn quotes_hold_together_and_dashes_exclude() {
    assert_eq!(all(&SERVERS, "\"team channel\""), ["io.github.bob/chat"]);
    assert_eq!(all(&SERVERS, "acme -notes"), ["com.acme/mcp"]);
    assert_eq!(all(&SERVERS, "acme -\"people who\""), ["com.acme/mcp"]);
    assert_eq!(all(&SERVERS, "namespace:org.weather"), ["org.weather/forecast"]);
}

#[test]
fn a_quoted_word_means_just_itself() {
    let servers = [("a.b/one", "Many forecasts"), ("a.b/two", "A forecast")];
    assert_eq!(all(&servers, "forecast").len(), 2);
    assert_eq!(all(&servers, "\"forecast\""), ["a.b/two"]);
}

#[test]
fn who_is_called_just_so_stands_first() {
    let servers = [
        ("com.Acme/Tides", "Tells the tides"),
        ("com.acme/tides", "Tells the tides"),
        ("io.github.bob/tides-mcp", "Tells the tides of every port, and the tides of tomorrow"),
        ("io.github.carol/tides", "Something"),
        ("com.vendor/mcp", "All of Vendor"),
        ("io.github.dave/vendor", "Wraps Vendor"),
        ("io.github.erin/vendor-mcp-server", "Vendor"),
    ];
    assert_eq!(first(&servers, "com.Acme/Tides"), "com.Acme/Tides");
    assert_eq!(first(&servers, "com.acme/tides"), "com.acme/tides");
    assert_ne!(all(&servers, "tides").iter().position(|name| name == "io.github.bob/tides-mcp"), Some(0));
    assert_eq!(all(&servers, "tides").len(), 4);
    assert_eq!(all(&servers, "tides")[3], "io.github.bob/tides-mcp", "a leaf of just that name comes before");
    assert_eq!(first(&servers, "vendor"), "com.vendor/mcp", "its own server is called so, too");
    let servers_too = [
        ("a.b/a-b", "One"),
        ("a.c/a.b", "Two"),
        ("a.d/a_b", "Three"),
        ("a.e/mcp.server", "Four"),
        ("a.f/mcp-server", "Five"),
    ];
    for leaf in ["a-b", "a.b", "a_b", "mcp.server", "mcp-server"] {
        assert!(first(&servers_too, leaf).ends_with(&format!("/{leaf}")), "{leaf}");
    }
    assert_eq!(first(&servers, "vendor-mcp-server"), "io.github.erin/vendor-mcp-server");
}

#[test]
fn fields_exclude_too_and_have_alternatives() {
    let all = |text| {
        let mut found = all(&SERVERS, text);
        found.sort_unstable();
        found
    };
    assert_eq!(all("acme -namespace:io.github"), ["com.acme/mcp"]);
    assert_eq!(all("ns:com.acme,org.weather"), ["com.acme/mcp", "org.weather/forecast"]);
    assert_eq!(all("-ns:io"), ["com.acme/mcp", "org.weather/forecast"]);
}

#[test]
fn a_single_character_of_a_dense_script_is_a_beginning() {
    assert_eq!(all(&SERVERS, "新"), ["io.github.frank/news"]);
    assert_eq!(all(&SERVERS, "新 headlines"), ["io.github.frank/news"]);
}

#[test]
fn names_that_contain_the_text_are_narrowed_sorted_and_counted_like_others() {
    let (catalog, indexer, _folder) = indexed(&SERVERS);
    for text in ["io.github.", "IO.GITHUB."] {
        let request = Request { text: text.to_owned(), counts: true, ..Request::default() };
        let order = indexer.search().find(&catalog, &request);
        assert_eq!(order.total, 7, "{text}");
        assert!(order.facets.iter().any(|(facet, counts)| *facet == "status" && counts[0].1 == 7));
        let filters = vec![vec!["ns:io.github.frank".to_owned()]];
        let order = indexer.search().find(&catalog, &Request { filters, ..request.clone() });
        assert_eq!((order.total, order.hits.len()), (1, 1));
        let none = vec![vec!["registry_type:npm".to_owned()]];
        assert_eq!(indexer.search().find(&catalog, &Request { filters: none, ..request }).total, 0);
    }
}

#[test]
fn a_longer_list_begins_as_a_shorter_one_does() {
    let servers: Vec<(String, String)> =
        (0..900).map(|n| (format!("io.github.mill{n}/thing"), "Wraps the weather".to_owned())).collect();
    let servers: Vec<(&str, &str)> =
        servers.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (catalog, indexer, _folder) = indexed(&servers);
    for text in ["weather", "t", "thing wraps"] {
        let ids = |depth| {
            let request = Request { text: text.to_owned(), depth, folds: true, ..Request::default() };
            let hits = indexer.search().find(&catalog, &request).hits.clone();
            hits.iter().map(|hit| hit.id).collect::<Vec<_>>()
        };
        let (pages, all) = (ids(Depth::Pages), ids(Depth::All));
        assert_eq!((pages.len(), all.len()), (COMPARED, 900), "{text}");
        assert_eq!(pages, all[..COMPARED], "{text}");
    }
}

#[test]
fn all_words_stand_before_some() {
    let servers = [
        ("a.b/one", "reads calendars"),
        ("a.b/two", "reads calendars of dentists"),
        ("a.b/three", "finds dentists"),
    ];
    assert_eq!(all(&servers, "calendars dentists")[0], "a.b/two");
    assert_eq!(all(&servers, "calendars dentists").len(), 3);
}

#[test]
fn a_family_is_counted_after_its_third() {
    let servers: Vec<(String, String)> = (0..7)
        .map(|n| {
            (
                format!("io.github.mill/thing{n}-weather"),
                format!("Thing{n} MCP pack that wraps the weather API v{n}"),
            )
        })
        .chain([("org.alone/sky".to_owned(), "Looks at the sky and tells the weather".to_owned())])
        .collect();
    let servers: Vec<(&str, &str)> =
        servers.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let (catalog, indexer, _folder) = indexed(&servers);
    let ask = |text: &str| {
        indexer.search().find(&catalog, &Request { text: text.to_owned(), folds: true, ..Request::default() })
    };
    let order = ask("weather");
    assert_eq!((order.hits.len(), order.total), (4, 8));
    assert_eq!(order.hits.iter().map(|hit| hit.more).sum::<u32>(), 4);
    let whole = ask("mill weather");
    assert_eq!(
        whole.hits.iter().filter(|hit| hit.has_all && hit.more == 0).count(),
        7,
        "whoever names the account wants all"
    );
}

#[test]
fn what_is_dead_sinks_and_what_cannot_be_had_loses_only_ties() {
    let same = json!({ "description": "Tells the weather of tomorrow", "remotes": [{ "type": "sse", "url": "https://w.example/sse" }] });
    let nowhere = json!({ "description": "Tells the weather of tomorrow" });
    let placeholder =
        json!({ "description": "Description of my MCP server for weather", "remotes": same["remotes"] });
    let (catalog, indexer, _folder) = catalog_of(
        &[
            ("a.b/dead", same.clone()),
            ("a.c/nowhere", nowhere),
            ("a.d/living", same),
            ("a.e/placeholder", placeholder),
        ],
        |mut listing| {
            let state = if listing.name.leaf() == "dead" { "dead" } else { "alive" };
            if listing.name.leaf() != "nowhere" {
                listing.extensions =
                    json!({ registry_core::extensions::LIVENESS: { "state": state } }).to_string().into();
            }
            listing
        },
    );
    assert_eq!(
        found(&indexer, &catalog, "weather"),
        ["a.d/living", "a.c/nowhere", "a.b/dead", "a.e/placeholder"]
    );
}

fn catalog_of(
    documents: &[(&str, Value)],
    change: impl Fn(Listing) -> Listing,
) -> (Catalog, Indexer, tempfile::TempDir) {
    let entry = |(name, document): &(&str, Value)| {
        Entry::new(change(listed(name, document, &json!({})))).expect("it parses")
    };
    let latest = |mut entry: Entry| {
        entry.standing.is_latest = true;
        entry
    };
    let catalog = catalog(documents.iter().map(entry).map(latest).collect());
    let folder = tempfile::tempdir().expect("a folder");
    let mut indexer = Indexer::open(folder.path()).expect("it opens");
    indexer.rebuild(&catalog);
    (catalog, indexer, folder)
}

#[test]
fn filters_narrow_and_facets_count() {
    let (catalog, indexer, _folder) = catalog_of(
        &[
            ("a.b/one", json!({ "packages": [{ "registryType": "npm", "identifier": "one" }] })),
            ("a.b/three", json!({ "remotes": [{ "type": "sse", "url": "https://c.example/sse" }] })),
            ("a.c/two", json!({ "packages": [{ "registryType": "pypi", "identifier": "two" }] })),
        ],
        |listing| listing,
    );
    let ask = |text: &str, filters: Vec<Vec<String>>| {
        let request = Request { text: text.to_owned(), filters, counts: true, ..Request::default() };
        indexer.search().find(&catalog, &request)
    };
    let order = ask("", vec![vec!["registry_type:npm".into(), "registry_type:pypi".into()]]);
    assert_eq!(order.total, 2);
    let of =
        |name: &str| order.facets.iter().find(|(facet, _)| *facet == name).map(|(_, counts)| counts.clone());
    assert_eq!(of("registry_type"), Some(vec![("npm".into(), 1), ("pypi".into(), 1)]));
    assert_eq!(of("transport"), Some(vec![("stdio".into(), 2)]));
    assert_eq!(of("namespace"), Some(vec![("a.b".into(), 1), ("a.c".into(), 1)]));
    for (text, count) in [
        ("host:c.example", 1),
        ("host:example", 1),
        ("package:two", 1),
        ("package:npm", 1),
        ("transport:sse", 1),
        ("has:remote server", 1),
        ("ns:a", 3),
        ("ns:a.b", 2),
    ] {
        assert_eq!(ask(text, Vec::new()).total, count, "{text}");
    }
}

#[test]
fn orders_by_time_and_by_name() {
    let (catalog, indexer, _folder) = catalog_of(
        &[("a.b/new", json!({})), ("a.b/old", json!({})), ("a.b/zero", json!({}))],
        |mut listing| {
            let day = match listing.name.leaf() {
                "new" => "2026-03-03T00:00:00Z",
                "old" => "2026-01-01T00:00:00Z",
                _ => "2026-02-02T00:00:00Z",
            };
            listing.standing = Standing::published(day.parse().expect("a time"));
            listing
        },
    );
    let names = |request: Request| -> Vec<String> {
        let order = indexer.search().find(&catalog, &request);
        order.hits.iter().filter_map(|hit| Some(shown(&catalog, hit.id)?.0.name.leaf().to_owned())).collect()
    };
    let by = |sort| Request { sort, ..Request::default() };
    assert_eq!(names(by(Sort::Updated)), ["new", "zero", "old"]);
    assert_eq!(names(by(Sort::Published)), ["new", "zero", "old"]);
    assert_eq!(names(by(Sort::Name)), ["new", "old", "zero"]);
    let since = "2026-02-02T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
    assert_eq!(names(Request { since: Some(since.timestamp_micros()), ..Request::default() }), ["new"]);
}

#[test]
fn by_time_stand_also_those_with_some_words() {
    let (catalog, indexer, _folder) = catalog_of(
        &[
            ("a.b/all", json!({ "description": "reads calendars of dentists" })),
            ("a.b/newer", json!({ "description": "reads calendars" })),
        ],
        |mut listing| {
            let day =
                if listing.name.leaf() == "all" { "2026-01-01T00:00:00Z" } else { "2026-02-01T00:00:00Z" };
            listing.standing = Standing::published(day.parse().expect("a time"));
            listing
        },
    );
    for sort in [Sort::Updated, Sort::Published] {
        let request = Request { text: "calendars dentists".into(), sort, ..Request::default() };
        let order = indexer.search().find(&catalog, &request);
        let names = order.hits.iter().filter_map(|hit| Some(shown(&catalog, hit.id)?.0.name.leaf()));
        assert_eq!(names.collect::<Vec<_>>(), ["newer", "all"]);
        assert!(order.explain(&catalog, &order.hits[0])[0].what.starts_with("servers stand by"));
    }
}

#[test]
fn a_hit_says_why_it_stands_where_it_does() {
    let (catalog, indexer, _folder) = indexed(&SERVERS);
    let order =
        indexer.search().find(&catalog, &Request { text: "dokcer images".into(), ..Request::default() });
    let why = order.explain(&catalog, &order.hits[0]);
    let all = why.iter().map(|reason| reason.what.as_str()).collect::<Vec<_>>().join("\n");
    assert!(all.contains("`dokcer` (spelled nearly as `docker`) in name; `images` in description"), "{all}");
    let sum: f32 = why.iter().map(|reason| reason.points).sum();
    assert!(
        (sum - order.hits[0].score).abs() < 0.02,
        "the parts are the whole: {sum} {}",
        order.hits[0].score
    );
}

/// Queries as nobody means them.
fn hostile() -> Vec<String> {
    let long = |piece: &str, times: usize| piece.repeat(times);
    vec![
        long("a", 10_000),
        long("weather ", 500),
        (0..500).map(|n| format!("w{n} ")).collect(),
        long("\"a ", 300),
        long("\"", 1_000),
        long("-", 1_000),
        long("(a|b)*", 150),
        ".*^$[a-z]+?{1,}\\\\".to_owned(),
        "\u{202e}rehtaew \u{200f}مرحبا שלום".to_owned(),
        long("🦀🔥", 100),
        "wea\0ther \0".to_owned(),
        "the of and to a in".to_owned(),
        long("namespace:a ", 80),
        long("-\"not this\" ", 60),
        long("今日新闻", 80),
        "e\u{301}".repeat(300),
        "package: host: tool: :::".to_owned(),
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
    ]
}

#[test]
fn hostile_queries_are_answered_with_bounded_work() {
    let (catalog, indexer, _folder) = indexed(&SERVERS);
    for text in hostile() {
        for request in [
            Request { text: text.clone(), counts: true, folds: true, ..Request::default() },
            Request { text: text.clone(), depth: Depth::All, is_strict: true, ..Request::default() },
        ] {
            let order = indexer.search().find(&catalog, &request);
            assert!(
                order.sought().len() <= 16 && order.sought().iter().all(|word| word.variants.len() <= 80),
                "{text}"
            );
            assert!(order.hits.iter().all(|hit| !order.explain(&catalog, hit).is_empty()));
        }
        indexer.search().suggest(&catalog, &text);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_a_query(text in "(\\PC|[-\":. /]|wea|docker|namespace:|the ){0,24}") {
        thread_local! {
            static INDEX: (Catalog, Indexer, tempfile::TempDir) = indexed(&SERVERS);
        }
        INDEX.with(|(catalog, indexer, _)| {
            let request = Request { text: text.clone(), counts: true, folds: true, ..Request::default() };
            let order = indexer.search().find(catalog, &request);
            let scores: Vec<f32> = order.hits.iter().map(|hit| hit.score).collect();
            assert!(scores.iter().all(|score| score.is_finite() && *score >= 0.0), "{text:?} {scores:?}");
            assert!(scores.is_sorted_by(|a, b| a >= b), "{text:?} {scores:?}");
            assert!(order.total >= order.hits.len() as u64, "{text:?}");
            indexer.search().suggest(catalog, &text);
        });
    }
}
