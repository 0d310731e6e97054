use super::*;
use serde_json::json;

fn named(document: &Value) -> Vec<String> {
    let url = Url::parse("https://acme.com/.well-known/mcp/servers.json").expect("an address");
    let line = |found: Found| match found {
        Found::Follow(follow) => format!("{} {:?} {}", follow.pointer, follow.expects, follow.url),
        Found::Card(card) => format!("{} card {} {}", card.pointer, card.shape, card.value["name"]),
        Found::Endpoint { url, pointer, how } => format!("{pointer} {} {url}", how.as_str()),
        Found::Skipped { pointer, reason } => format!("{pointer} skipped: {reason}"),
    };
    read(document, &url).into_iter().map(line).collect()
}

#[test]
fn cards_addresses_and_names_are_told_apart() {
    let list = json!({ "servers": [
        { "name": "com.acme/tides", "version": "1.0.0", "remotes": [{ "type": "sse", "url": "https://acme.com/sse" }] },
        { "name": "Berths", "url": "https://acme.com/berths" },
        { "name": "elsewhere", "url": "https://acme.com/.well-known/mcp.json" },
        { "name": "linked", "card": "/cards/linked.json" },
        "https://acme.com/cards/text.json",
        "https://acme.com/mcp",
        { "url": "https://acme.com/nameless/mcp" },
        { "name": "local", "command": "run" },
        "http://acme.com/plain.json",
        7,
    ] });
    assert_eq!(
        named(&list),
        [
            r#"/servers/0 card server-card-v1 "com.acme/tides""#,
            r#"/servers/1 card flat-card "Berths""#,
            "/servers/2 Card https://acme.com/.well-known/mcp.json",
            "/servers/3 Card https://acme.com/cards/linked.json",
            "/servers/4 Card https://acme.com/cards/text.json",
            "/servers/5 named https://acme.com/mcp",
            "/servers/6 named https://acme.com/nameless/mcp",
            "/servers/7 skipped: the element describes a program for one's own machine; publish its package",
            "/servers/8 skipped: `http://acme.com/plain.json` is not an https address",
            "/servers/9 skipped: an element of a list is a card, an address or a name",
        ]
    );
}

#[test]
fn lists_are_arrays_maps_or_whole_documents() {
    let map = json!({ "mcp_servers": { "tides/x": { "endpoint": "https://acme.com/mcp" } } });
    assert_eq!(named(&map), [r#"/mcp_servers/tides~1x card flat-card "tides/x""#]);
    assert_eq!(named(&json!(["https://acme.com/a.json"])), ["/0 Card https://acme.com/a.json"]);
    assert_eq!(
        named(&json!({ "serverCards": ["https://acme.com/tides"] })),
        ["/serverCards/0 Card https://acme.com/tides"]
    );
    let other = json!({ "servers": [], "serverCards": "/.well-known/mcp/server-cards.json" });
    assert_eq!(named(&other), ["/serverCards Catalog https://acme.com/.well-known/mcp/server-cards.json"]);
}

#[test]
fn a_name_alone_is_looked_for_where_cards_lay_by_their_names() {
    let found = named(&json!({ "servers": ["com.acme/tides", "tides"] }));
    assert_eq!(found[0], "/servers/0 Card https://acme.com/.well-known/mcp-server-card/com.acme/tides");
    assert_eq!(found[1], "/servers/0 Card https://acme.com/.well-known/mcp/server-card/com.acme/tides");
    assert!(found[2].contains("neither an address nor a server's name"));
    let many: Vec<String> = (0..100).map(|n| format!("com.acme/x{n}")).collect();
    assert_eq!(named(&json!({ "servers": many })).len(), 2 * MOST_NAMES);
}

#[test]
fn the_one_element_of_a_document_is_what_the_document_names() {
    let list = json!({
        "name": "Tide tables", "description": "Tells the tides", "servers": [{ "url": "https://acme.com/" }],
    });
    let url = Url::parse("https://acme.com/.well-known/mcp.json").expect("an address");
    let found = read(&list, &url);
    let [Found::Card(card)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(card.value["endpoint"], "https://acme.com/");
    assert_eq!(card.value["description"], "Tells the tides");
}

#[test]
fn long_lists_are_cut_and_say_so() {
    let list = json!({ "servers": vec!["https://acme.com/a.json"; MAX_ENTRIES + 5] });
    let found = named(&list);
    assert_eq!(found.len(), MAX_ENTRIES + 1);
    assert!(found[MAX_ENTRIES].contains("the list has 5005 elements"));
}
