//! Ownership of packages, proved against local doubles of every package registry.

mod cargo;
mod mcpb;
mod npm;
mod nuget;
mod oci;
mod pypi;
mod together;

use std::sync::OnceLock;
use std::time::Duration;

use crate::harness::host::{Document, Hosts};
use registry_core::package::{Limits, Prover, Settings, Unproved};
use registry_core::server_json::ServerJson;
use serde_json::{Value, json};
use wiremock::{MockServer, Request};

/// The server that all packages are said to be of.
const NAME: &str = "com.acme/tides";

/// A registry of packages that the operator named, at a plain address, and everybody else's hosts.
struct Doubles {
    registry: MockServer,
    hosts: Hosts,
    prover: OnceLock<Prover>,
}

impl Doubles {
    async fn start() -> Self {
        Self { registry: MockServer::start().await, hosts: Hosts::start().await, prover: OnceLock::new() }
    }

    /// Every base is the registry; every other address is one of the hosts.
    fn settings(&self) -> Settings {
        let base = || self.registry.uri().parse().expect("an address");
        Settings {
            npm: base(),
            pypi: base(),
            nuget: format!("{}/v3/index.json", self.registry.uri()).parse().expect("an address"),
            cargo: base(),
            policy: self.hosts.policy(),
            ..Settings::default()
        }
    }

    /// Limits that a test can wait for.
    fn impatient(&self) -> Settings {
        let limits = Limits {
            request: Duration::from_millis(300),
            probe: Duration::from_millis(200),
            image: Duration::from_millis(500),
            ..Limits::default()
        };
        Settings { limits, ..self.settings() }
    }

    /// Pauses that a test can wait for.
    fn eager(&self) -> Settings {
        let (first_wait, longest_wait) = (Duration::from_millis(5), Duration::from_millis(20));
        Settings { limits: Limits { first_wait, longest_wait, ..Limits::default() }, ..self.settings() }
    }

    /// Looks up one package.
    async fn prove(&self, package: Value) -> Result<(), Unproved> {
        let prover =
            self.prover.get_or_init(|| Prover::new(self.settings()).expect("the settings are usable"));
        prove_by(prover.clone(), package).await
    }

    /// The whole sentence of a refusal, BASE standing for the registry's address.
    async fn refusal(&self, package: Value) -> String {
        self.said(&self.prove(package).await.expect_err("this is refused"))
    }

    async fn refusal_with(&self, settings: Settings, package: Value) -> String {
        self.said(&prove(settings, package).await.expect_err("this is refused"))
    }

    fn said(&self, unproved: &Unproved) -> String {
        unproved.to_string().replace(&self.registry.uri(), "BASE")
    }

    /// What the registry was asked so far, as in `GET /path?query`.
    async fn asked(&self) -> Vec<String> {
        self.requests().await.iter().map(line).collect()
    }

    async fn requests(&self) -> Vec<Request> {
        self.registry.received_requests().await.expect("requests are recorded")
    }
}

fn line(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {}{query}", request.method, request.url.path())
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    request.headers.get(name)?.to_str().ok()
}

fn document(packages: &Value) -> ServerJson {
    let document = json!({ "name": NAME, "version": "1.0.0", "description": "tides", "packages": packages });
    serde_json::from_value(document).expect("a document")
}

async fn prove(settings: Settings, package: Value) -> Result<(), Unproved> {
    prove_by(Prover::new(settings).expect("the settings are usable"), package).await
}

async fn prove_by(prover: Prover, package: Value) -> Result<(), Unproved> {
    // As a handler does: the look-up may move between threads.
    tokio::spawn(async move { prover.prove(&document(&json!([package]))).await }).await.expect("it ends")
}
