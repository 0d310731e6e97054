//! Listings for the tests of the pages: a rich one, a minimal one, a hostile one.

use chrono::{DateTime, TimeZone, Utc};
use registry_core::listing::{Listing, Source, Standing};
use serde_json::{Value, json};

use super::view::Site;

pub(crate) fn site() -> Site {
    Site::new("https://registry.example", "")
}

fn at(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, 10, 5, 0).single().expect("a time")
}

fn listing(name: &str, version: &str, source: Source, document: &Value, extensions: &Value) -> Listing {
    Listing {
        name: name.parse().expect("a name"),
        version: version.parse().expect("a version"),
        document: document.to_string().into(),
        standing: Standing { is_latest: true, updated_at: at(21), ..Standing::published(at(2)) },
        source,
        extensions: extensions.to_string().into(),
    }
}

/// Everything that a page can show.
pub(crate) fn rich() -> Listing {
    let document = json!({
        "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
        "name": "com.example/weather", "title": "Example Weather", "version": "1.4.0",
        "description": "Forecasts, weather warnings and river levels for any place on earth.",
        "websiteUrl": "https://weather.example.com/docs/",
        "repository": {"url": "https://github.com/example/weather", "source": "github", "subfolder": "server"},
        "icons": [{"src": "https://weather.example.com/icon.png"}],
        "remotes": [
            {"type": "streamable-http", "url": "https://mcp.example.com/mcp", "headers": [
                {"name": "Authorization", "description": "Your key", "isRequired": true, "isSecret": true,
                 "value": "Bearer {token}", "variables": {"token": {"description": "From your account page"}}}]},
            {"type": "sse", "url": "https://{region}.mcp.example.com/sse",
             "variables": {"region": {"description": "Where you are", "choices": ["eu", "us"], "default": "eu"}}}],
        "packages": [
            {"registryType": "npm", "identifier": "@example/weather", "version": "1.4.0", "runtimeHint": "npx",
             "transport": {"type": "stdio"},
             "packageArguments": [{"type": "named", "name": "--units", "default": "metric", "choices": ["metric", "imperial"],
                "description": "Units of measurement"}],
             "environmentVariables": [
                {"name": "WEATHER_API_KEY", "description": "Key from your account page", "isRequired": true, "isSecret": true},
                {"name": "WEATHER_CACHE_DIR", "description": "Where to keep forecasts", "default": "/tmp/weather"}]},
            {"registryType": "pypi", "identifier": "example-weather", "version": "1.4.0", "transport": {"type": "stdio"}},
            {"registryType": "oci", "identifier": "ghcr.io/example/weather:1.4.0",
             "transport": {"type": "streamable-http", "url": "http://localhost:8080/mcp"},
             "environmentVariables": [{"name": "WEATHER_API_KEY", "isRequired": true, "isSecret": true}]},
            {"registryType": "mcpb", "identifier": "https://github.com/example/weather/releases/download/v1.4.0/weather-mcp.mcpb",
             "fileSha256": "3e6b607abef43b2dea91958376cb5dcc741d1a55b8f11920f052a54e62142106", "transport": {"type": "stdio"}}]
    });
    let extensions = json!({
        "org.cardinal-registry/evidence": {"level": "endpoint-bound", "items": [
            {"what": "namespace", "how": "A Server Card on example.com declares this name, and example.com may speak for it.",
             "by": "example.com", "url": "https://example.com/.well-known/mcp/server-card.json",
             "sha256": "c41d9dc0a868d219684bbf45c54c057a73c6e1e4d0e3d5748603a91d74e97d0f",
             "at": "2026-11-21T06:12:00Z", "until": "2026-11-28T06:12:00Z"},
            {"what": "endpoint", "how": "The endpoint answered as an MCP server and asked to sign in.",
             "by": "mcp.example.com", "at": "2026-11-21T06:12:04Z"},
            {"what": "listed-by", "how": "The catalog of another host lists this card.", "by": "catalog.example.net",
             "url": "https://catalog.example.net/.well-known/ai-catalog.json", "at": "2026-11-19T22:40:00Z"}]},
        "org.cardinal-registry/liveness": {"endpoints": [
            {"url": "https://mcp.example.com/mcp", "state": "alive-auth", "since": "2026-10-02T00:00:00Z", "seenAt": "2026-11-21T06:12:04Z"},
            {"url": "https://{region}.mcp.example.com/sse", "state": "unprobed"}]},
        "org.cardinal-registry/crawl": {"format": "server-card", "document": "https://example.com/.well-known/mcp/server-card.json",
            "fetchedAt": "2026-11-21T06:12:00Z", "protocolVersions": ["2025-11-25", "2026-07-28"],
            "tools": [{"name": "forecast_daily", "description": "The forecast for up to fourteen days"},
                {"name": "warnings", "description": "Official warnings that hold at a place"}, {"name": "river_level"}]}
    });
    listing("com.example/weather", "1.4.0", Source::Crawled, &document, &extensions)
}

/// As little as a listing can say.
pub(crate) fn minimal() -> Listing {
    let document = json!({"name": "org.example/plain", "description": "Plain", "version": "1"});
    let mut listing = listing("org.example/plain", "1", Source::Synced, &document, &json!({}));
    listing.extensions = "".into();
    listing
}

/// Text that tries to leave its place, everywhere where a stranger's text can stand.
pub(crate) fn hostile() -> Listing {
    let bad = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>";
    let input = json!({"name": bad, "description": bad, "default": bad, "placeholder": bad, "choices": [bad], "isRequired": true});
    let document = json!({
        "name": "evil.example/x\"><img", "title": bad, "version": bad, "description": bad, "websiteUrl": "javascript:alert(1)",
        "repository": {"url": "javascript:alert(1)//https://github.com/a/b"}, "icons": [{"src": "https://evil.example/icon.png"}],
        "remotes": [{"type": bad, "url": "javascript:alert(1)\"><script>", "headers": [input], "variables": {bad: {"default": bad}}}],
        "packages": [{"registryType": bad, "identifier": bad, "version": bad, "transport": {"type": bad, "url": bad}},
            {"registryType": "npm", "identifier": bad, "version": bad, "environmentVariables": [input]},
            {"registryType": "mcpb", "identifier": "javascript:alert(1)", "fileSha256": bad}]
    });
    let extensions = json!({
        "org.cardinal-registry/evidence": {"level": "claimed", "items": [
            {"what": bad, "how": bad, "by": bad, "url": "javascript:alert(1)", "sha256": bad, "at": "2026-11-21T06:12:00Z"}]},
        "org.cardinal-registry/liveness": {"state": bad, "reason": bad},
        "org.cardinal-registry/crawl": {bad: bad, "tools": [{"name": bad, "description": bad}]}
    });
    let mut listing =
        listing("evil.example/x\"><img", "1.0.0\"><img", Source::Crawled, &document, &extensions);
    listing.standing.status = registry_core::listing::Status::Deprecated;
    listing.standing.status_message = Some(bad.to_owned());
    listing
}

/// What holds for every page: one script from here, nothing inline, no pictures from elsewhere, landmarks in their places.
pub(crate) fn assert_page(page: &str) {
    assert_eq!(page.matches("<script").count(), 1, "the one script");
    assert!(page.contains("<script src=\"/static/cardinal.js?v="));
    assert!(
        !page.contains("<img") && !page.contains("<style"),
        "no pictures from documents, no inline style sheet"
    );
    for (name, value) in attributes(page) {
        assert!(name != "style" && !name.starts_with("on"), "{name}={value}");
        let stays = ["/", "#", "https://", "http://", "mailto:"].iter().any(|start| value.starts_with(start));
        assert!(stays || !matches!(name, "href" | "src" | "action"), "{name}={value}");
    }
    for part in
        ["<html lang=\"en\"", "<main id=\"main\"", "href=\"#main\"", "role=\"search\"", "<title>", "</html>"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("<h1").count(), 1, "one heading of the first order");
}

/// Every attribute of every element, in order.
fn attributes(page: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        // Up to the `>` that closes the tag, names and quoted values by turns.
        while let Some(end) = rest.find(['"', '>']) {
            if rest.as_bytes()[end] == b'>' {
                rest = &rest[end..];
                break;
            }
            let name =
                rest[..end].trim_end_matches('=').rsplit(char::is_whitespace).next().unwrap_or_default();
            let (value, after) = rest[end + 1..].split_once('"').expect("a value is closed");
            found.push((name, value));
            rest = after;
        }
    }
    found
}
