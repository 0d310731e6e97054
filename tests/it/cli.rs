//! What people type, against a registry of somebody else: what it prints where, and the code it ends with.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::harness::registry::{Registry, remote_document};
use clap::Parser;
use cli::{Command, Env, Out};
use insta::assert_snapshot;
use serde_json::{Value, json};
use wiremock::matchers::{body_string, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

#[derive(Parser)]
#[command(name = "cardinal")]
struct Typed {
    #[command(subcommand)]
    command: Command,
}

/// A person at a terminal, with a home of their own and one foreign registry.
struct Person {
    home: tempfile::TempDir,
    registry: MockServer,
    width: Option<u16>,
}

impl Person {
    async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let home = tempfile::tempdir().expect("a folder");
        Self { home, registry: MockServer::start().await, width: None }
    }

    /// Types a command against the foreign registry.
    async fn types(&self, line: &str) -> String {
        let uri = self.registry.uri();
        self.types_plainly(&format!("{line} --registry {uri}")).await
    }

    /// Types a command as it stands. Shows exit code, stdout and stderr, with the registry's address and home's replaced.
    async fn types_plainly(&self, line: &str) -> String {
        let words = std::iter::once("cardinal").chain(line.split_whitespace());
        let (exit, stdout, stderr) = match Typed::try_parse_from(words) {
            Ok(typed) => self.run(typed.command).await,
            Err(usage) => (usage.exit_code(), String::new(), usage.to_string()),
        };
        let shown = format!("exit {exit}\n--- stdout\n{stdout}--- stderr\n{stderr}");
        shown
            .replace(&self.registry.uri(), "http://registry")
            .replace(&self.home.path().display().to_string(), "HOME")
    }

    async fn run(&self, command: Command) -> (i32, String, String) {
        let home = self.home.path().to_owned();
        let env = Env { directory: home.clone(), home: Some(home) };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let exit = cli::run(command, &env, &mut Out::plain(&mut stdout, &mut stderr, self.width)).await;
        let text = |bytes| String::from_utf8(bytes).expect("it prints UTF-8");
        (exit.code().into(), text(stdout), text(stderr))
    }

    fn writes(&self, file: &str, bytes: impl AsRef<[u8]>) {
        let file = self.home.path().join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("home is ours");
        fs::write(file, bytes).expect("home is ours");
    }

    fn is_signed_in(&self, way: &str, registry: &str) {
        let token = json!({"method": way, "registry": registry, "token": "jwt"});
        self.writes(".config/mcp-publisher/token.json", token.to_string());
    }

    async fn answers(&self, verb: &str, at: &str, answer: ResponseTemplate) {
        Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(&self.registry).await;
    }

    async fn asked(&self) -> usize {
        self.registry.received_requests().await.unwrap_or_default().len()
    }
}

fn problem(status: u16, detail: &str, errors: Value) -> ResponseTemplate {
    let body = json!({"title": "T", "status": status, "detail": detail, "errors": errors});
    ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/problem+json")
}

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn weather(version: &str, is_latest: bool) -> Value {
    json!({
        "server": {
            "name": "com.example/weather", "title": "Weather", "version": version,
            "description": "Forecasts \u{1b}[31mfor everywhere",
            "websiteUrl": "https://weather.example.com",
            "repository": {"url": "https://github.com/example/weather", "source": "github", "subfolder": "mcp"},
            "packages": [{"registryType": "npm", "identifier": "@example/weather", "version": version,
                "transport": {"type": "stdio"},
                "environmentVariables": [{"name": "KEY", "description": "Your key", "isRequired": true, "isSecret": true}]}],
            "remotes": [{"type": "streamable-http", "url": "https://weather.example.com/mcp",
                "headers": [{"name": "Authorization", "isSecret": true}]}],
        },
        "_meta": {
            "io.modelcontextprotocol.registry/official": {"status": "active", "publishedAt": "2026-11-20T10:00:00Z",
                "updatedAt": "2026-11-20T10:00:00Z", "isLatest": is_latest},
            "org.cardinal-registry/evidence": {"level": "host-bound", "items": [{"what": "namespace",
                "how": "The card was found on the host that the namespace names.", "by": "example.com",
                "at": "2026-11-20T10:00:00Z", "until": "2026-12-20T10:00:00Z"}]},
        },
    })
}

const DOCUMENT: &str = r#"{"name":"com.example/weather","description":"Weather","version":"1.0.0"}"#;
const SEARCH: &str = "/v0.1/x/org.cardinal-registry/search";
const VERSIONS: &str = "/v0.1/servers/com.example%2Fweather/versions";

#[tokio::test]
async fn login_keeps_the_token_for_its_owner_only_and_logout_forgets_it() {
    let person = Person::new().await;
    let token = json!({"registry_token": "jwt", "expires_at": 1_800_000_000});
    person.answers("POST", "/v0.1/auth/none", ok(&token)).await;

    assert_snapshot!(person.types("login none").await, @r"
    exit 0
    --- stdout
    --- stderr
    ✓ Signed in to http://registry
    ");

    let file = person.home.path().join(".config/mcp-publisher/token.json");
    let stored: Value = serde_json::from_slice(&fs::read(&file).expect("it is there")).expect("it is JSON");
    assert_eq!(stored, json!({"method": "none", "registry": person.registry.uri(), "token": "jwt"}));
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);

    assert_snapshot!(person.types_plainly("logout").await, @r"
    exit 0
    --- stdout
    --- stderr
    ✓ Signed out
    ");
    assert!(!file.exists());
    assert_snapshot!(person.types_plainly("logout").await, @r"
    exit 0
    --- stdout
    --- stderr
    Nobody was signed in
    ");
}

#[tokio::test]
async fn login_says_when_a_registry_knows_no_anonymous_publishers() {
    let person = Person::new().await;
    person.answers("GET", "/v0.1/ping", ok(&json!({"pong": true}))).await;
    assert_snapshot!(person.types("login none").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: http://registry lets nobody publish without an account; name another registry with --registry, or start your own with MCP_REGISTRY_ENABLE_ANONYMOUS_AUTH=true
    ");
}

#[tokio::test]
async fn a_method_that_does_not_exist_is_a_matter_of_usage() {
    let person = Person::new().await;
    assert_snapshot!(person.types_plainly("login carrier-pigeon").await, @r"
    exit 2
    --- stdout
    --- stderr
    error: unrecognized subcommand 'carrier-pigeon'

    Usage: cardinal login <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(person.types_plainly("search a --registry localhost:8080").await, @r"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'localhost:8080' for '--registry <URL>': `localhost:8080` is no address of a registry; write it as in `https://registry.example.com`

    For more information, try '--help'.
    ");
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_said_to_be_unreachable() {
    let person = Person::new().await;
    let nobody =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
    let shown = person.types_plainly(&format!("search weather --registry http://{nobody}")).await;
    assert_snapshot!(shown.replace(&nobody.to_string(), "nobody"), @r"
    exit 1
    --- stdout
    --- stderr
    error: http://nobody cannot be reached: Connection refused (os error 111); see whether it runs there, or name another registry with --registry
    ");
}

#[tokio::test]
async fn an_address_that_is_no_registry_is_said_to_be_none() {
    let person = Person::new().await;
    let page = ResponseTemplate::new(200).set_body_raw("<html>", "text/html; charset=utf-8");
    person.answers("GET", SEARCH, page.clone()).await;
    assert_snapshot!(person.types("search weather").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: http://registry/v0.1/x/org.cardinal-registry/search?q=weather&limit=20 answers with text/html instead of JSON; is http://registry the address of a registry?
    ");
    assert_snapshot!(person.types("show com.example/weather").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: http://registry/v0.1/servers/com.example%2Fweather/versions/latest does not exist; is http://registry the address of a registry?
    ");
    person.answers("GET", &format!("{VERSIONS}/latest"), ok(&json!(["no", "server"]))).await;
    assert_snapshot!(person.types("show com.example/weather").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: http://registry/v0.1/servers/com.example%2Fweather/versions/latest answers with JSON that is no server; is http://registry the address of a registry?
    ");
}

#[tokio::test]
async fn publishing_sends_the_file_as_it_is_but_for_its_byte_order_mark() {
    let person = Person::new().await;
    person.is_signed_in("none", &person.registry.uri());
    person.writes("server.json", format!("\u{feff}{DOCUMENT}"));
    Mock::given(method("POST"))
        .and(path("/v0.1/publish"))
        .and(header("authorization", "Bearer jwt"))
        .and(header("content-type", "application/json"))
        .and(body_string(DOCUMENT))
        .respond_with(ok(&weather("1.0.0", true)))
        .expect(1)
        .mount(&person.registry)
        .await;
    assert_snapshot!(person.types_plainly("publish").await, @r"
    exit 0
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    ✓ Published com.example/weather 1.0.0
    ");
}

#[tokio::test]
async fn a_refused_document_is_answered_with_each_error_and_its_place() {
    let person = Person::new().await;
    person.is_signed_in("none", &person.registry.uri());
    person.writes("mine/server.json", DOCUMENT);
    let errors = json!([
        {"message": "expected length <= 100", "location": "body.description", "value": "…"},
        {"message": "unexpected property\u{1b}[2J", "location": "body.color"},
    ]);
    person.answers("POST", "/v0.1/publish", problem(422, "validation failed", errors)).await;
    assert_snapshot!(person.types("publish mine/server.json").await, @r"
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry refuses to publish com.example/weather 1.0.0: validation failed
      body.description: expected length <= 100
      body.color: unexpected property[2J
    ");
}

#[tokio::test]
async fn a_refusal_without_reasons_is_looked_into() {
    let person = Person::new().await;
    person.is_signed_in("none", &person.registry.uri());
    person.writes("server.json", DOCUMENT);
    let detail = "Failed to publish server, invalid schema: call /validate for details";
    person.answers("POST", "/v0.1/publish", problem(422, detail, json!([]))).await;
    let issues = json!({"valid": false, "issues": [
        {"type": "semantic", "path": "packages[0].version", "message": "must be specific", "severity": "error"},
        {"type": "linter", "path": "", "message": "add a title", "severity": "warning"},
    ]});
    person.answers("POST", "/v0.1/validate", ok(&issues)).await;
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry refuses to publish com.example/weather 1.0.0: the document breaks its rules; correct these
      packages[0].version: must be specific
      add a title (warning)
    ");
}

#[tokio::test]
async fn an_expired_token_asks_to_sign_in_again_the_way_it_was_done() {
    let person = Person::new().await;
    person.writes("server.json", DOCUMENT);
    let expired = json!([{"message": "failed to parse token: expired"}]);
    person
        .answers("POST", "/v0.1/publish", problem(401, "Invalid or expired Registry JWT token", expired))
        .await;
    person.is_signed_in("none", &person.registry.uri());
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry refuses the token: Invalid or expired Registry JWT token; sign in again: cardinal login none
      failed to parse token: expired
    ");
    person.is_signed_in("github", &person.registry.uri());
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry refuses the token: Invalid or expired Registry JWT token; sign in again: mcp-publisher login github --registry http://registry
      failed to parse token: expired
    ");
}

#[tokio::test]
async fn what_may_not_be_published_is_refused_in_the_registrys_words() {
    let person = Person::new().await;
    person.is_signed_in("none", &person.registry.uri());
    person.writes("server.json", DOCUMENT);
    let detail =
        "You do not have permission to publish this server. Attempting to publish: com.example/weather";
    person.answers("POST", "/v0.1/publish", problem(403, detail, json!([]))).await;
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry refuses to publish com.example/weather 1.0.0: You do not have permission to publish this server. Attempting to publish: com.example/weather
    ");
}

#[tokio::test]
async fn a_gateway_that_answers_for_the_registry_is_told_by_its_status() {
    let person = Person::new().await;
    person.is_signed_in("none", &person.registry.uri());
    person.writes("server.json", DOCUMENT);
    let page = ResponseTemplate::new(502).set_body_raw("<html>Bad gateway", "text/html");
    person.answers("POST", "/v0.1/publish", page).await;
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry refuses to publish com.example/weather 1.0.0: it answers 502 Bad Gateway; try again later
    ");
}

#[tokio::test]
async fn a_publication_lost_in_a_redirect_names_the_right_address() {
    let person = Person::new().await;
    person.is_signed_in("none", &person.registry.uri());
    person.writes("server.json", DOCUMENT);
    let elsewhere = MockServer::start().await;
    let moved =
        ResponseTemplate::new(301).insert_header("location", format!("{}/v0.1/publish", elsewhere.uri()));
    person.answers("POST", "/v0.1/publish", moved).await;
    let shown = person.types("publish").await;
    assert_snapshot!(shown.replace(&elsewhere.uri(), "https://elsewhere"), @r"
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry redirects to https://elsewhere, which loses what is sent; name that address with --registry
    ");
}

#[tokio::test]
async fn a_token_is_sent_to_no_other_registry_than_its_own() {
    let person = Person::new().await;
    person.writes("server.json", DOCUMENT);
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: nobody is signed in to http://registry; sign in first: cardinal login none --registry http://registry
    ");
    person.is_signed_in("none", "https://registry.example.com");
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: the stored token belongs to https://registry.example.com, not to http://registry; sign in there: cardinal login none --registry http://registry
    ");
    assert_eq!(person.asked().await, 0);
}

#[tokio::test]
async fn a_file_that_no_registry_can_take_is_not_sent() {
    let person = Person::new().await;
    person.is_signed_in("none", &person.registry.uri());
    assert_snapshot!(person.types_plainly("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: `server.json` does not exist; name the file to publish, as in `cardinal publish path/to/server.json`
    ");
    let files: [(&str, &[u8]); 4] = [
        ("latin1.json", b"{\"name\":\"caf\xe9\"}"),
        ("comma.json", b"{\n  \"name\": \"a\",\n}"),
        ("half.json", br#"{"name":"\ud800"}"#),
        ("list.json", b"[]"),
    ];
    let mut shown = String::new();
    for (name, bytes) in files {
        person.writes(name, bytes);
        shown += &person.types_plainly(&format!("publish {name}")).await;
    }
    assert_snapshot!(shown, @r#"
    exit 1
    --- stdout
    --- stderr
    error: `latin1.json` is not UTF-8 from byte 12 on; save it as UTF-8
    exit 1
    --- stdout
    --- stderr
    error: `comma.json` is not JSON: trailing comma at line 3 column 1; correct it there
    exit 1
    --- stdout
    --- stderr
    error: `half.json` is not JSON: unexpected end of hex escape at line 1 column 16; correct it there
    exit 1
    --- stdout
    --- stderr
    error: `list.json` holds no JSON object; it must look like `{"name": …}`
    "#);
    person.writes("large.json", vec![b' '; 1024 * 1024 + 1]);
    assert_snapshot!(person.types_plainly("publish large.json").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: `large.json` is larger than 1 MiB, which no registry takes; shorten it
    ");
    assert_eq!(person.asked().await, 0);
}

#[tokio::test]
async fn a_broken_token_file_is_said_to_be_broken() {
    let person = Person::new().await;
    person.writes("server.json", DOCUMENT);
    person.writes(".config/mcp-publisher/token.json", "{}");
    assert_snapshot!(person.types("publish").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: `HOME/.config/mcp-publisher/token.json` holds no token; remove it with `cardinal logout`, then sign in again
    ");
}

#[tokio::test]
async fn search_prints_a_table_of_what_was_found() {
    let person = Person { width: Some(80), ..Person::new().await };
    let mut bare = json!({"server": {"name": "io.github.someone/clouds", "version": "0.1.0", "description":
        "Every cloud there is, with its height, its name and the weather that it is going to bring tomorrow"}});
    bare["_meta"] = json!({"io.modelcontextprotocol.registry/official": {"status": "deprecated"}});
    let found =
        json!({"servers": [weather("1.2.0", true), bare], "metadata": {"count": 2, "nextCursor": "x"}});
    Mock::given(method("GET"))
        .and(path(SEARCH))
        .and(query_param("q", "the weather & more"))
        .and(query_param("limit", "2"))
        .respond_with(ok(&found))
        .mount(&person.registry)
        .await;
    assert_snapshot!(person.types("search --limit 2 the weather & more").await, @r"
    exit 0
    --- stdout
    NAME                      VERSION  RUNS         DESCRIPTION
    com.example/weather       1.2.0    npm, remote  Weather: Forecasts [31mfor…
    io.github.someone/clouds  0.1.0                 [deprecated] Every cloud ther…
    --- stderr
    There are more; show them with --limit 100, or add a word
    ");
}

#[tokio::test]
async fn search_in_a_registry_of_another_make_looks_for_a_part_of_the_name() {
    let person = Person::new().await;
    let none = json!({"servers": [], "metadata": {"count": 0}});
    Mock::given(method("GET"))
        .and(path("/v0.1/servers"))
        .and(query_param("search", "nothing"))
        .and(query_param("version", "latest"))
        .respond_with(ok(&none))
        .mount(&person.registry)
        .await;
    assert_snapshot!(person.types("search nothing").await, @r"
    exit 0
    --- stdout
    --- stderr
    No server of http://registry matches `nothing`; try fewer or other words
    ");
    assert_snapshot!(person.types("search nothing --json").await, @r#"
    exit 0
    --- stdout
    {
      "servers": [],
      "metadata": {
        "count": 0
      }
    }
    --- stderr
    No server of http://registry matches `nothing`; try fewer or other words
    "#);
}

#[tokio::test]
async fn show_prints_a_card() {
    let person = Person::new().await;
    person.answers("GET", &format!("{VERSIONS}/latest"), ok(&weather("1.2.0", true))).await;
    let mut old = weather("1.0.0", false);
    old["_meta"]["io.modelcontextprotocol.registry/official"]["status"] = json!("deprecated");
    let all = json!({"servers": [weather("1.2.0", true), old], "metadata": {"count": 2}});
    person.answers("GET", VERSIONS, ok(&all)).await;
    assert_snapshot!(person.types("show com.example/weather").await, @r"
    exit 0
    --- stdout
    com.example/weather 1.2.0
    Weather: Forecasts [31mfor everywhere

    Status      active, latest version
    Published   20 Nov 2026
    Website     https://weather.example.com
    Repository  https://github.com/example/weather (in mcp)

    Who stands behind it
      host-bound (2 of 4): its description comes from a host that may speak for the namespace
      - namespace: The card was found on the host that the namespace names (example.com, 20 Nov 2026, good until 20 Dec 2026)

    Run it
      npm @example/weather 1.2.0
        npx -y @example/weather@1.2.0
        environment KEY (required, secret): Your key

    Connect to it
      streamable-http https://weather.example.com/mcp
        header Authorization (secret)

    Versions
      1.2.0 (latest), 1.0.0 (deprecated)
    --- stderr
    ");
}

#[tokio::test]
async fn show_as_json_is_the_registrys_answer() {
    let person = Person::new().await;
    let answer = json!({"server": {"name": "com.example/weather", "x": 1}, "_meta": {}});
    person.answers("GET", &format!("{VERSIONS}/1.0.0"), ok(&answer)).await;
    assert_snapshot!(person.types("show com.example/weather --version 1.0.0 --json").await, @r#"
    exit 0
    --- stdout
    {
      "server": {
        "name": "com.example/weather",
        "x": 1
      },
      "_meta": {}
    }
    --- stderr
    "#);
}

#[tokio::test]
async fn a_name_that_does_not_exist_brings_up_those_like_it() {
    let person = Person::new().await;
    for at in ["/versions/latest", "/versions"] {
        let at = format!("/v0.1/servers/com.exmple%2Fweather{at}");
        person.answers("GET", &at, problem(404, "Server not found", json!([]))).await;
    }
    let found = json!({"servers": [weather("1.2.0", true)], "metadata": {"count": 1}});
    person.answers("GET", SEARCH, ok(&found)).await;
    assert_snapshot!(person.types("show com.exmple/weather").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: http://registry has no server `com.exmple/weather`; did you mean `com.example/weather`?
    ");
    assert_snapshot!(person.types("show weather").await, @r"
    exit 2
    --- stdout
    --- stderr
    error: `weather` is no server's name: a server name has a namespace, a slash and a short name, as in `com.example/weather`; did you mean `com.example/weather`?
    ");
}

#[tokio::test]
async fn a_version_that_does_not_exist_brings_up_those_that_do() {
    let person = Person::new().await;
    person.answers("GET", &format!("{VERSIONS}/9.9"), problem(404, "Server not found", json!([]))).await;
    let all = json!({"servers": [weather("1.2.0", true), weather("1.0.0", false)], "metadata": {"count": 2}});
    person.answers("GET", VERSIONS, ok(&all)).await;
    assert_snapshot!(person.types("show com.example/weather --version 9.9").await, @r"
    exit 1
    --- stdout
    --- stderr
    error: `com.example/weather` has no version `9.9`; it has 1.2.0, 1.0.0
    ");
}

#[tokio::test]
async fn signing_in_publishing_and_finding_work_together_against_this_registry() {
    let registry = Registry::with(|config| config.anonymous_auth = true).await;
    let url = registry.listen().await;
    let person = Person::new().await;
    let name = "io.modelcontextprotocol.anonymous/weather";
    let mine = remote_document(name, "1.0.0", "https://weather.example.com/mcp");
    person.writes("server.json", mine.to_string());
    person.writes("bad.json", json!({"name": name, "version": 7, "description": "", "color": 1}).to_string());
    person.writes(
        "theirs.json",
        remote_document("com.example/weather", "1.0.0", "https://x.example.com/mcp").to_string(),
    );
    let mut shown = String::new();
    for line in [
        &format!("login none --registry {url}"),
        "publish",
        "publish",
        "publish bad.json",
        "publish theirs.json",
        &format!("show {name}"),
        &format!("show {name} --version 2.0.0"),
    ] {
        shown += &format!("$ cardinal {line}\n{}", person.types_plainly(line).await);
    }
    registry.indexed().await;
    for line in ["search weather", "search nothing-like-this", "show weather"] {
        shown += &format!("$ cardinal {line}\n{}", person.types_plainly(line).await);
    }
    assert_snapshot!(shown.replace(&url, "http://registry"), @r"
    $ cardinal login none --registry http://registry
    exit 0
    --- stdout
    --- stderr
    ✓ Signed in to http://registry
    $ cardinal publish
    exit 0
    --- stdout
    --- stderr
    Publishing io.modelcontextprotocol.anonymous/weather 1.0.0 to http://registry
    ✓ Published io.modelcontextprotocol.anonymous/weather 1.0.0
    $ cardinal publish
    exit 1
    --- stdout
    --- stderr
    Publishing io.modelcontextprotocol.anonymous/weather 1.0.0 to http://registry
    error: http://registry refuses to publish io.modelcontextprotocol.anonymous/weather 1.0.0: Failed to publish server
      invalid version: cannot publish duplicate version
    $ cardinal publish bad.json
    exit 1
    --- stdout
    --- stderr
    Publishing bad.json to http://registry
    error: http://registry refuses to publish bad.json: validation failed
      body: expected required property $schema to be present
      body.description: expected length >= 1
      body.version: expected string
      body.color: unexpected property
    $ cardinal publish theirs.json
    exit 1
    --- stdout
    --- stderr
    Publishing com.example/weather 1.0.0 to http://registry
    error: http://registry refuses to publish com.example/weather 1.0.0: You do not have permission to publish this server. You have permission to publish: io.modelcontextprotocol.anonymous/*. Attempting to publish: com.example/weather
    $ cardinal show io.modelcontextprotocol.anonymous/weather
    exit 0
    --- stdout
    io.modelcontextprotocol.anonymous/weather 1.0.0
    Tells the weather

    Status      active, latest version
    Published   24 Nov 2026

    Connect to it
      streamable-http https://weather.example.com/mcp

    Versions
      1.0.0 (latest)
    --- stderr
    $ cardinal show io.modelcontextprotocol.anonymous/weather --version 2.0.0
    exit 1
    --- stdout
    --- stderr
    error: `io.modelcontextprotocol.anonymous/weather` has no version `2.0.0`; it has 1.0.0
    $ cardinal search weather
    exit 0
    --- stdout
    NAME                                       VERSION  RUNS    DESCRIPTION
    io.modelcontextprotocol.anonymous/weather  1.0.0    remote  Tells the weather
    --- stderr
    $ cardinal search nothing-like-this
    exit 0
    --- stdout
    --- stderr
    No server of http://registry matches `nothing-like-this`; try fewer or other words
    $ cardinal show weather
    exit 2
    --- stdout
    --- stderr
    error: `weather` is no server's name: a server name has a namespace, a slash and a short name, as in `com.example/weather`; did you mean `io.modelcontextprotocol.anonymous/weather`?
    ");
}

#[tokio::test]
async fn this_registry_says_that_it_knows_no_anonymous_publishers() {
    let registry = Registry::start().await;
    let url = registry.listen().await;
    let shown = Person::new().await.types_plainly(&format!("login none --registry {url}")).await;
    assert_snapshot!(shown.replace(&url, "http://registry"), @r"
    exit 1
    --- stdout
    --- stderr
    error: http://registry lets nobody publish without an account; name another registry with --registry, or start your own with MCP_REGISTRY_ENABLE_ANONYMOUS_AUTH=true
    ");
}
