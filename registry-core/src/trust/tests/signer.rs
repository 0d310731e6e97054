//! Somebody who signs.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

/// A domain with an ES256 key.
pub(super) struct Signer {
    pub(super) did: String,
    pair: EcdsaKeyPair,
}

impl Signer {
    pub(super) fn of(domain: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self { did: format!("did:web:{domain}"), pair }
    }

    pub(super) fn kid(&self) -> String {
        format!("{}#key-1", self.did)
    }

    pub(super) fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let text = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..]) })
    }

    pub(super) fn did_document(&self) -> Value {
        let method = json!({ "id": self.kid(), "type": "JsonWebKey2020", "controller": self.did, "publicKeyJwk": self.jwk() });
        json!({ "id": self.did, "verificationMethod": [method], "assertionMethod": [self.kid()] })
    }

    /// The DID document, fetched.
    pub(super) fn documents(&self) -> Documents {
        let mut documents = Documents::default();
        self.publish(&self.did_document(), &mut documents);
        documents
    }

    pub(super) fn publish(&self, document: &Value, documents: &mut Documents) {
        let domain = self.did.trim_start_matches("did:web:");
        let place = url(&format!("https://{domain}/.well-known/did.json"));
        documents.insert(place, Ok(document.to_string().as_bytes()));
    }

    /// A detached signature over a value.
    pub(super) fn jws(&self, header: &Value, payload: &Value) -> String {
        let payload = digest::canonical(payload).expect("canonical");
        let header = URL_SAFE_NO_PAD.encode(header.to_string());
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(payload));
        let signature = self.pair.sign(&SystemRandom::new(), message.as_bytes()).expect("a signature");
        format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    pub(super) fn header(&self, typ: &str) -> Value {
        json!({ "alg": "ES256", "kid": self.kid(), "typ": typ })
    }

    pub(super) fn signature(&self) -> Value {
        json!({
            "signer": self.did, "profile": "did-web-v1", "issuedAt": "2026-11-01T00:00:00Z", "expiresAt": "2027-01-01T00:00:00Z",
        })
    }

    /// A manifest about an entry that is not signed yet.
    pub(super) fn claim(&self, entry: &Value) -> Value {
        json!({ "contributor": self.did, "subject": subject_of(entry), "signature": self.signature() })
    }

    /// Signs a manifest or a catalog as it stands.
    pub(super) fn sign(&self, of: &mut Value, header: &Value) {
        let mut payload = of.clone();
        let members = payload.as_object_mut().expect("an object");
        members.remove("additionalSignatures");
        of["signature"]["jws"] = self.jws(header, &payload).into();
    }

    /// The entry with a manifest of this signer, signed after `change`.
    pub(super) fn endorse(&self, entry: Value, change: impl FnOnce(&mut Value)) -> Value {
        self.endorse_with(entry, change, &self.header("ai-catalog-trust-manifest+jws"))
    }

    pub(super) fn endorse_with(
        &self,
        mut entry: Value,
        change: impl FnOnce(&mut Value),
        header: &Value,
    ) -> Value {
        let mut manifest = self.claim(&entry);
        change(&mut manifest);
        self.sign(&mut manifest, header);
        entry["trustManifests"] = json!([manifest]);
        entry
    }
}
