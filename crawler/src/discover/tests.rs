use super::*;

fn locations(tier: Tier) -> Vec<String> {
    let origin: Origin = "acme.com".parse().expect("an origin");
    let formats = ALL.iter().filter(|format| format.tier() == tier);
    let urls = formats.flat_map(|format| format.locations(&origin)).map(String::from);
    urls.map(|url| url.trim_start_matches("https://acme.com").to_owned()).collect()
}

#[test]
fn every_format_has_its_own_id() {
    let mut ids: Vec<_> = ALL.iter().map(|format| format.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), ALL.len());
    assert!(ids.iter().all(|id| format(id).is_some_and(|format| format.id() == *id)));
}

#[test]
fn a_site_is_asked_in_the_order_of_the_procedure() {
    assert_eq!(
        locations(Tier::Usual),
        [
            "/",
            "/.well-known/ai-catalog.json",
            "/.well-known/ard.json",
            "/.well-known/mcp/catalog.json",
            "/.well-known/mcp/catalog",
            "/.well-known/mcp-server-card",
            "/.well-known/mcp-server-card.json",
            "/.well-known/mcp/server-card.json",
            "/.well-known/mcp/server-card",
            "/.well-known/mcp.json",
            "/.well-known/mcp/server.json",
        ]
    );
    assert_eq!(
        locations(Tier::LongTail),
        [
            "/.well-known/mcp",
            "/.well-known/mcp-server",
            "/.well-known/mcp-server.json",
            "/.well-known/mcp-manifest.json",
            "/.well-known/mcp/manifest.json",
            "/.well-known/server.json",
            "/.well-known/mcp/servers.json",
            "/.well-known/mcp/server-cards.json",
            "/.well-known/mcp/index.json",
            "/.well-known/mcp-servers",
            "/.well-known/mcp-servers.json",
            "/.well-known/api-catalog",
            "/.well-known/oauth-protected-resource",
            "/.well-known/agent-card.json",
            "/.well-known/agent.json",
        ]
    );
}
