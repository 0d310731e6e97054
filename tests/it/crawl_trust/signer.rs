//! Domains that sign what catalogs list.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use registry_core::digest::Digest;
use serde_json::{Value, json};

use crate::crawl::{Web, serve};

pub const DID: &str = "/.well-known/did.json";

/// A domain with a key.
pub struct Signer {
    domain: String,
    pair: EcdsaKeyPair,
}

impl Signer {
    /// Makes a key, and publishes it in the domain's DID document.
    pub fn on(web: &Web, domain: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        let signer = Self { domain: domain.to_owned(), pair };
        serve(&web.hosts, domain, DID, &signer.document());
        signer
    }

    pub fn did(&self) -> String {
        format!("did:web:{}", self.domain)
    }

    pub fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let text = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]), "kid": "key-1" })
    }

    pub fn document(&self) -> Value {
        let did = self.did();
        let kid = format!("{did}#key-1");
        let method =
            json!({ "id": kid, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": self.jwk() });
        json!({ "id": did, "verificationMethod": [method], "assertionMethod": [kid] })
    }

    /// An entry with this signer's manifest about it beside those that it has.
    pub fn endorse(&self, mut entry: Value, until: &str) -> Value {
        let members = ["identifier", "type", "version", "digest", "url"];
        let subject =
            members.into_iter().filter_map(|member| Some((member.to_owned(), entry.get(member)?.clone())));
        let mut manifest = json!({
            "contributor": self.did(), "subject": Value::Object(subject.collect()),
            "attestations": [{ "type": "SOC2-Type2", "uri": "https://acme.com/soc2.pdf" }],
        });
        self.sign(&mut manifest, "ai-catalog-trust-manifest+jws", until);
        match entry["trustManifests"].as_array_mut() {
            Some(manifests) => manifests.push(manifest),
            None => entry["trustManifests"] = json!([manifest]),
        }
        entry
    }

    /// Signs a manifest or a catalog.
    pub fn sign(&self, of: &mut Value, typ: &str, until: &str) {
        of["signature"] = json!({
            "signer": self.did(), "profile": "did-web-v1", "issuedAt": "2026-11-01T00:00:00Z", "expiresAt": until,
        });
        let header = json!({ "alg": "ES256", "kid": format!("{}#key-1", self.did()), "typ": typ });
        of["signature"]["jws"] = self.jws(&header, of).into();
    }

    /// A detached signature over a value of plain texts, whose canonical form has its members in order and no blanks.
    pub fn jws(&self, header: &Value, payload: &Value) -> String {
        let mut payload = payload.clone();
        payload.sort_all_objects();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let header = text(header.to_string().as_bytes());
        let message = format!("{header}.{}", text(payload.to_string().as_bytes()));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
        format!("{header}..{}", text(signature.as_ref()))
    }
}

/// A catalog's entry for a document, with the document's digest.
pub fn entry(identifier: &str, url: &str, document: &Value) -> Value {
    let digest = format!("sha256:{}", Digest::of(document.to_string().as_bytes()));
    json!({
        "identifier": identifier, "type": "application/mcp-server-card+json", "url": url, "version": "1.0.0", "digest": digest,
    })
}
