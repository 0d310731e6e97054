//! `auth/github-at` (contract 4.2): a GitHub access token speaks for an account and the organisations it owns.

use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::auth_dns::claims;
use crate::harness::registry::{Answer, Registry, document};

const TOKEN: &str = "gho_secret";

/// GitHub's API, and a registry that asks it.
struct Github {
    api: MockServer,
    registry: Registry,
}

impl Github {
    /// Where this account is signed in.
    async fn of(login: &str) -> Self {
        let github = Self::unknown().await;
        let answer = ResponseTemplate::new(200).set_body_json(json!({"login": login, "id": 1}));
        Mock::given(method("GET"))
            .and(path("/user"))
            .and(header("authorization", format!("Bearer {TOKEN}")))
            .and(header("accept", "application/vnd.github.v3+json"))
            .and(header("x-github-api-version", "2022-11-28"))
            .respond_with(answer)
            .mount(&github.api)
            .await;
        github
    }

    /// Where nobody is.
    async fn unknown() -> Self {
        let api = MockServer::start().await;
        let base = api.uri();
        let registry = Registry::with(|config| config.auth.github_api = base).await;
        Self { api, registry }
    }

    /// Answers for one page of memberships.
    async fn memberships(&self, page: usize, answer: ResponseTemplate) {
        Mock::given(method("GET"))
            .and(path("/user/memberships/orgs"))
            .and(query_param("state", "active"))
            .and(query_param("per_page", "100"))
            .and(query_param("page", page.to_string()))
            .and(header("authorization", format!("Bearer {TOKEN}")))
            .respond_with(answer)
            .mount(&self.api)
            .await;
    }

    async fn exchange(&self) -> Answer {
        self.registry.anyone().post("/v0/auth/github-at", &json!({"github_token": TOKEN})).await
    }

    /// The patterns that the token permits.
    async fn permitted(&self) -> Vec<String> {
        let claims = claims(&self.exchange().await.expect_status(200));
        let permissions = claims["permissions"].as_array().expect("a list").clone();
        assert!(permissions.iter().all(|permission| permission["action"] == "publish"));
        permissions.iter().map(|p| p["resource"].as_str().expect("a pattern").to_owned()).collect()
    }

    /// A refusal says that it is one, and no more.
    async fn refuses(&self) {
        let answer = self.exchange().await.expect_status(401);
        assert_eq!(
            answer.json(),
            json!({"title": "Unauthorized", "status": 401, "detail": "Token exchange failed",
                   "code": "token-exchange-failed", "error": "Token exchange failed"})
        );
    }
}

fn membership(login: &str, state: &str, role: &str) -> Value {
    json!({"state": state, "role": role, "organization": {"login": login}})
}

fn page(memberships: &[Value]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(memberships)
}

#[tokio::test]
async fn an_account_publishes_for_itself_and_for_what_it_owns() {
    let github = Github::of("Alice").await;
    let memberships = [
        membership("Acme-Corp", "active", "admin"),
        membership("member-only", "active", "member"),
        membership("invited", "pending", "admin"),
        membership("bad.name", "active", "admin"),
        json!({"state": "active", "role": "admin"}),
    ];
    github.memberships(1, page(&memberships)).await;
    let answer = github.exchange().await.expect_status(200);
    let claims = claims(&answer);
    assert_eq!((&claims["auth_method"], &claims["auth_method_sub"]), (&json!("github-at"), &json!("Alice")));
    assert_eq!(github.permitted().await, ["io.github.Alice/*", "io.github.Acme-Corp/*"]);
    assert_eq!(answer.json().as_object().map(|members| members.len()), Some(2), "there is nothing to say");
    let publisher = github.registry.bearer(answer.json()["registry_token"].as_str().expect("a token"));
    publisher.publish(&document("io.github.alice/weather", "1.0.0")).await.expect_status(200);
    publisher.publish(&document("io.github.Acme-Corp/weather", "1.0.0")).await.expect_status(200);
    publisher.publish(&document("io.github.member-only/weather", "1.0.0")).await.expect_status(403);
    let listed = github.registry.anyone().get("/v0/servers").await;
    assert_eq!(listed.items(), ["io.github.Acme-Corp/weather:1.0.0", "io.github.alice/weather:1.0.0"]);
}

#[tokio::test]
async fn memberships_are_read_page_by_page() {
    let github = Github::of("alice").await;
    let full: Vec<_> = (0..100).map(|n| membership(&format!("org-{n}"), "active", "admin")).collect();
    github.memberships(1, page(&full)).await;
    github.memberships(2, page(&[membership("last", "active", "admin")])).await;
    let permitted = github.permitted().await;
    assert_eq!((permitted.len(), permitted[101].as_str()), (102, "io.github.last/*"));
}

#[tokio::test]
async fn memberships_without_end_are_refused() {
    let github = Github::of("alice").await;
    let full: Vec<_> = (0..100).map(|_| membership("acme", "active", "member")).collect();
    Mock::given(path("/user/memberships/orgs")).respond_with(page(&full)).mount(&github.api).await;
    github.refuses().await;
    let asked = github.api.received_requests().await.unwrap_or_default();
    assert_eq!(asked.len(), 101, "the account and a hundred pages");
}

#[tokio::test]
async fn a_token_without_read_org_gets_its_own_namespace_and_is_told_so() {
    let github = Github::of("alice").await;
    let forbidden = json!({"message": "You need at least read:org scope"});
    github.memberships(1, ResponseTemplate::new(403).set_body_json(forbidden)).await;
    let answer = github.exchange().await.expect_status(200).json();
    let notice = answer["_meta"]["org.cardinal-registry/notice"].as_str().expect("a notice");
    assert!(notice.contains("`io.github.alice/*` only") && notice.contains("`read:org` scope"), "{notice}");
    assert_eq!(github.permitted().await, ["io.github.alice/*"]);
}

#[tokio::test]
async fn a_403_that_is_about_now_or_about_sso_fails_the_exchange() {
    for (name, value) in
        [("x-ratelimit-remaining", "0"), ("retry-after", "60"), ("x-github-sso", "required; url=https://x")]
    {
        let github = Github::of("alice").await;
        let answer = ResponseTemplate::new(403).insert_header(name, value);
        github.memberships(1, answer).await;
        github.refuses().await;
    }
    let github = Github::of("alice").await;
    github.memberships(1, ResponseTemplate::new(403).insert_header("x-ratelimit-remaining", "4999")).await;
    assert_eq!(github.permitted().await, ["io.github.alice/*"]);
}

#[tokio::test]
async fn a_login_that_is_none_gives_a_token_without_permissions() {
    for login in ["alice_corp", "a/*", "*"] {
        let github = Github::of(login).await;
        github.memberships(1, page(&[membership("acme", "active", "admin")])).await;
        assert_eq!(github.permitted().await, Vec::<String>::new(), "{login}");
        let answer = github.exchange().await.json();
        let notice = answer["_meta"]["org.cardinal-registry/notice"].as_str().expect("a notice");
        assert!(notice.starts_with(&format!("`{login}` has other characters")), "{notice}");
    }
}

#[tokio::test]
async fn the_reason_of_a_refusal_stays_here() {
    let secret = "github says more than it should";
    for answer in [
        ResponseTemplate::new(401).set_body_string(secret),
        ResponseTemplate::new(500).set_body_string(secret),
        ResponseTemplate::new(200).set_body_string(secret),
        ResponseTemplate::new(200).set_body_json(json!({"login": 7})),
        ResponseTemplate::new(200).set_body_bytes(vec![b' '; (1 << 20) + 1]),
    ] {
        let github = Github::unknown().await;
        Mock::given(path("/user")).respond_with(answer).mount(&github.api).await;
        github.refuses().await;
    }
    for status in [401, 404, 500] {
        let github = Github::of("alice").await;
        github.memberships(1, ResponseTemplate::new(status).set_body_string(secret)).await;
        github.refuses().await;
    }
    let away = Registry::with(|config| config.auth.github_api = "http://127.0.0.1:9".into()).await;
    away.anyone().post("/v0/auth/github-at", &json!({"github_token": TOKEN})).await.expect_status(401);
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_unsent() {
    let github = Github::of("alice").await;
    let body = json!({"github_token": "a\r\nX-Evil: 1"});
    github.registry.anyone().post("/v0/auth/github-at", &body).await.expect_status(401);
    assert!(github.api.received_requests().await.unwrap_or_default().is_empty());
}

#[tokio::test]
async fn the_body_is_a_closed_object_with_the_token() {
    let github = Github::unknown().await;
    let send = |body: Value| async move {
        let answer =
            github.registry.anyone().post("/v0.1/auth/github-at", &body).await.expect_status(422).json();
        (answer["errors"][0]["location"].clone(), answer["errors"][0]["message"].clone())
    };
    let missing = (json!("body"), json!("expected required property github_token to be present"));
    assert_eq!(send(json!({})).await, missing);
}
