use super::*;
use registry_core::card::owner::Claim;
use registry_core::card::verdict::HeldName;
use registry_core::store::endpoints::New;

const OURS: i64 = 1;

fn proposal(card: usize, name: &str, endpoints: &[&str], rank: i32, level: Level) -> Proposal {
    let endpoint = |url: &&str| {
        let host = url.trim_start_matches("https://").split('/').next().unwrap_or_default();
        New { url: (*url).to_owned(), host: host.to_owned() }
    };
    Proposal {
        card,
        rank,
        name: name.parse().expect("a name"),
        claim: Claim { level, evidence: Vec::new() },
        held_name: None,
        obstacle: None,
        endpoints: endpoints.iter().map(endpoint).collect(),
        version: "1.0.0".to_owned(),
        catalogs: Vec::new(),
        identifier: None,
    }
}

fn version(card: usize, version: &str, catalog: &str, endpoint: &str) -> Proposal {
    let catalogs = vec![url::Url::parse(catalog).expect("an address")];
    Proposal { version: version.to_owned(), catalogs, ..bound(card, "com.acme/one", endpoint, 10) }
}

fn bound(card: usize, name: &str, endpoint: &str, rank: i32) -> Proposal {
    proposal(card, name, &[endpoint], rank, Level::EndpointBound)
}

fn empty() -> World {
    World { origin_id: OURS, incumbents: HashMap::new(), holders: HashMap::new() }
}

fn with_incumbent(url: &str, name: &str, source: Source, origin_id: Option<i64>, rank: Option<i32>) -> World {
    let incumbent = Incumbent { url: url.into(), server_name: name.into(), source, origin_id, rank };
    World { incumbents: HashMap::from([(url.to_owned(), vec![incumbent])]), ..empty() }
}

/// `=name` for listed, else the first letter of the fate.
fn decide(proposals: &[Proposal], world: &World) -> Vec<String> {
    let fates = fates(proposals, world, |proposal| format!("document {}", proposal.card));
    let short = |fate: Fate| match fate {
        Fate::Listed(name) => format!("={name}"),
        Fate::Held(_) => "held".to_owned(),
        Fate::Refused(_) => "refused".to_owned(),
        Fate::Skipped(_) => "skipped".to_owned(),
    };
    fates.into_iter().map(short).collect()
}

const MCP: &str = "https://acme.com/mcp";
const TIDES: &str = "https://acme.com/tides/mcp";

#[test]
fn one_endpoint_is_one_listing_and_the_most_believed_card_is_it() {
    let cards = [bound(1, "com.acme/one", MCP, 0), bound(0, "com.acme/two", MCP, 10)];
    assert_eq!(decide(&cards, &empty()), ["=com.acme/one", "skipped"]);
    let nowhere = |card| proposal(card, "com.acme/one", &[], 20, Level::HostBound);
    assert_eq!(decide(&[nowhere(0), nowhere(1)], &empty()), ["=com.acme/one", "skipped"]);
}

#[test]
fn two_endpoints_never_share_a_name_and_keep_theirs() {
    let cards = [bound(0, "com.acme/one", MCP, 10), bound(1, "com.acme/one", TIDES, 10)];
    assert_eq!(decide(&cards, &empty()), ["=com.acme/one", "=com.acme/one-tides"]);
    let swapped = [bound(0, "com.acme/one", TIDES, 10), bound(1, "com.acme/one", MCP, 10)];
    let ours = with_incumbent(MCP, "com.acme/one", Source::Crawled, Some(OURS), Some(10));
    assert_eq!(decide(&swapped, &ours), ["=com.acme/one-tides", "=com.acme/one"]);
    let alone = [bound(0, "com.acme/one", TIDES, 10)];
    let ours = with_incumbent(TIDES, "com.acme/one-tides", Source::Crawled, Some(OURS), Some(10));
    assert_eq!(decide(&alone, &ours), ["=com.acme/one-tides"]);
}

#[test]
fn a_card_that_is_not_endpoint_bound_takes_nothing_over() {
    let weak = [proposal(0, "org.other/copy", &[MCP], 1020, Level::HostBound)];
    for source in [Source::Published, Source::Crawled, Source::Synced] {
        let origin = (source == Source::Crawled).then_some(2);
        let world = with_incumbent(MCP, "com.acme/one", source, origin, origin.map(|_| 1030));
        assert_eq!(decide(&weak, &world), ["held"], "{source:?}");
    }
}

#[test]
fn the_endpoints_owner_is_listed_beside_a_strangers_name_but_not_twice() {
    let own = [bound(0, "com.acme/one", MCP, 20)];
    let strangers = with_incumbent(MCP, "io.github.someone/one", Source::Published, None, None);
    assert_eq!(decide(&own, &strangers), ["=com.acme/one"]);
    let owners = with_incumbent(MCP, "com.acme/first", Source::Published, None, None);
    assert_eq!(decide(&own, &owners), ["held"]);
    let believed_less = with_incumbent(MCP, "com.acme.mcp/one", Source::Crawled, Some(2), Some(30));
    assert_eq!(decide(&own, &believed_less), ["=com.acme/one"]);
    let believed_as_much = with_incumbent(MCP, "com.acme.mcp/one", Source::Crawled, Some(2), Some(20));
    assert_eq!(decide(&own, &believed_as_much), ["held"]);
}

#[test]
fn a_card_that_declares_the_listed_name_confirms_it() {
    let mut confirming = bound(1, "org.host/one", "https://host.org/mcp", 0);
    let claim = Claim { level: Level::Claimed, evidence: Vec::new() };
    let held = HeldName { name: "com.acme/one".parse().expect("a name"), claim, reason: String::new() };
    confirming.held_name = Some(held);
    let proved = bound(0, "com.acme/one", "https://host.org/mcp", 1010);
    let listed = with_incumbent("https://host.org/mcp", "com.acme/one", Source::Crawled, Some(2), Some(1010));
    assert_eq!(decide(std::slice::from_ref(&confirming), &listed), ["skipped"]);
    assert_eq!(decide(&[confirming, proved], &empty()), ["skipped", "=com.acme/one"]);
}

#[test]
fn two_origins_with_one_server_do_not_take_turns() {
    let holder = |rank| {
        let (server_name, host) = ("com.acme/one".to_owned(), "list.org".to_owned());
        let mut world = with_incumbent(MCP, &server_name, Source::Crawled, Some(2), Some(rank));
        world.holders.insert(server_name.clone(), Holder { server_name, host, url: MCP.into(), rank });
        world
    };
    let own = [bound(0, "com.acme/one", MCP, 20)];
    assert_eq!(decide(&own, &holder(21)), ["=com.acme/one"]);
    assert_eq!(decide(&own, &holder(20)), ["skipped"]);
    let elsewhere = [bound(0, "com.acme/one", TIDES, 20)];
    assert_eq!(decide(&elsewhere, &holder(20)), ["=com.acme/one-tides"]);
}

#[test]
fn what_is_unproved_holds_nothing() {
    let mut unproved = proposal(0, "com.acme/one", &[MCP], 0, Level::Claimed);
    unproved.obstacle = Some(Obstacle::Proof("nobody says so".into()));
    let cards = [unproved, bound(1, "com.acme/one", MCP, 20)];
    assert_eq!(decide(&cards, &empty()), ["held", "=com.acme/one"]);
}

#[test]
fn versions_that_a_catalog_lists_side_by_side_are_one_server() {
    const CATALOG: &str = "https://acme.com/.well-known/ai-catalog.json";
    let both = [version(0, "1.0.0", CATALOG, MCP), version(1, "2.0.0", CATALOG, MCP)];
    assert_eq!(decide(&both, &empty()), ["=com.acme/one", "=com.acme/one"]);
    let ours = with_incumbent(MCP, "com.acme/one", Source::Crawled, Some(OURS), Some(10));
    assert_eq!(decide(&both, &ours), ["=com.acme/one", "=com.acme/one"]);
    let twice = [version(0, "1.0.0", CATALOG, MCP), version(1, "1.0.0", CATALOG, MCP)];
    assert_eq!(decide(&twice, &empty()), ["=com.acme/one", "skipped"]);
    let apart = [version(0, "1.0.0", CATALOG, MCP), version(1, "0.9.0", "https://acme.com/old.json", MCP)];
    assert_eq!(decide(&apart, &empty()), ["=com.acme/one", "skipped"], "one catalog has to say so");
    let elsewhere = [version(0, "1.0.0", CATALOG, MCP), version(1, "2.0.0", CATALOG, TIDES)];
    assert_eq!(decide(&elsewhere, &empty()), ["=com.acme/one", "=com.acme/one-tides"]);
    let named =
        elsewhere.map(|proposal| Proposal { identifier: Some("urn:air:acme.com:one".into()), ..proposal });
    assert_eq!(decide(&named, &empty()), ["=com.acme/one", "=com.acme/one"], "the catalog calls them one");
    let many: Vec<_> = (0..=MAX_VERSIONS).map(|n| version(n, &format!("1.{n}.0"), CATALOG, MCP)).collect();
    let decided = decide(&many, &empty());
    assert_eq!(
        (decided[MAX_VERSIONS - 1].as_str(), decided[MAX_VERSIONS].as_str()),
        ("=com.acme/one", "skipped")
    );
}

#[test]
fn of_two_domains_that_claim_one_endpoint_its_own_is_believed() {
    let own = bound(0, "com.acme/one", MCP, 20);
    let mut stranger = proposal(1, "org.other/one", &[MCP], 1010, Level::HostBound);
    assert_eq!(decide(&[own, stranger], &empty()), ["=com.acme/one", "skipped"]);
    stranger = proposal(1, "org.other/one", &[MCP], 1010, Level::HostBound);
    let first = with_incumbent(MCP, "org.other/one", Source::Crawled, Some(2), Some(1010));
    assert_eq!(decide(&[bound(0, "com.acme/one", MCP, 20)], &first), ["=com.acme/one"], "whoever came first");
    let later = with_incumbent(MCP, "com.acme/one", Source::Crawled, Some(2), Some(20));
    assert_eq!(decide(&[stranger], &later), ["held"]);
}
