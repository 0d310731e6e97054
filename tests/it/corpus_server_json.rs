//! Every real `server.json`, validated and published: taken, or refused with rules that have a number; never a failure.

use std::collections::{BTreeMap, HashSet};

use axum::body::Body;
use axum::http::{Request, header};
use registry_core::server_json::rules::RULES;
use serde_json::Value;

use crate::harness::program::shared;
use crate::harness::registry::{Answer, Registry};

/// How often each status came.
type Statuses = BTreeMap<u16, usize>;

async fn send(registry: &Registry, path: &str, token: &str, bytes: &[u8]) -> Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(bytes.to_vec()));
    registry.send(request.expect("a request")).await
}

/// The numbers of the rules that an answer names, one for each thing that it finds wrong.
fn rules(answer: &Answer) -> Vec<String> {
    let body = answer.json();
    if !answer.status.is_success() {
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(body["status"], answer.status.as_u16());
        assert!(body["detail"].is_string() && body["code"].is_string(), "{}", answer.body);
    }
    let list = |member: &str| body[member].as_array().cloned().unwrap_or_default();
    let wrong = [list("errors"), list("issues")].concat();
    wrong.iter().map(|each| rule(each, &answer.body)).collect()
}

fn rule(each: &Value, body: &str) -> String {
    let message = each["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "{body}");
    each["rule"].as_str().unwrap_or_else(|| panic!("no rule in {each} of {body}")).to_owned()
}

#[tokio::test]
async fn every_real_document_is_taken_or_refused_by_rules() {
    let Some(shared) = shared() else { return };
    let registry = Registry::start().await;
    let token = registry.token("everything", &["*"]);
    let known: HashSet<_> = RULES.iter().map(|rule| rule.id).collect();
    let (mut validated, mut published, mut files) = (Statuses::new(), Statuses::new(), 0);
    let mut paths: Vec<_> = std::fs::read_dir(shared.join("corpus/server-json/files"))
        .expect("the corpus is there")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        files += 1;
        let bytes = std::fs::read(&path).expect("a file");
        for (route, statuses) in [("validate", &mut validated), ("publish", &mut published)] {
            let answer = send(&registry, &format!("/v0.1/{route}"), &token, &bytes).await;
            *statuses.entry(answer.status.as_u16()).or_default() += 1;
            let broken = rules(&answer);
            assert!(
                broken.iter().all(|id| known.contains(id.as_str())),
                "{}: {}",
                path.display(),
                answer.body
            );
            assert!(answer.status.is_success() || !broken.is_empty(), "{}: {}", path.display(), answer.body);
        }
    }
    assert_eq!(files, 313);
    assert_eq!(validated, Statuses::from([(200, 152), (422, 161)]));
    assert_eq!(published, Statuses::from([(200, 150), (400, 1), (422, 162)]));
}
