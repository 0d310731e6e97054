//! `did:web` identifiers of whole domains, and the keys of their DID documents.

use serde_json::Value;
use url::{Host, Url};

use super::documents::{Needed, What};
use super::verdict::{Reason, shown};

/// A `did:web` of a domain: in lower case, without port, path or address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RootDid {
    domain: String,
    url: Url,
}

impl RootDid {
    /// Reads an identifier; nothing is normalised.
    pub(super) fn parse(did: &str) -> Option<Self> {
        let domain = did.strip_prefix("did:web:")?;
        if domain.len() > 253 || !domain.split('.').all(is_label) {
            return None;
        }
        // What a browser would take for an address is none: `127.1`, `0x7f.1`.
        let Ok(Host::Domain(host)) = Host::parse(domain) else { return None };
        let url = Url::parse(&format!("https://{domain}/.well-known/did.json")).ok()?;
        (host == domain).then(|| Self { domain: domain.to_owned(), url })
    }

    /// The domain.
    pub(super) fn domain(&self) -> &str {
        &self.domain
    }

    /// Its DID document.
    pub(super) fn document(&self) -> Needed {
        Needed { what: What::DidDocument, url: self.url.clone() }
    }

    /// The name of a key of this signer: the identifier, `#` and a fragment, with nothing between.
    pub(super) fn is_key_name(&self, kid: &str) -> bool {
        let own = kid.strip_prefix("did:web:").and_then(|rest| rest.strip_prefix(self.domain.as_str()));
        let fragment = own.and_then(|rest| rest.strip_prefix('#'));
        fragment.is_some_and(|name| !name.is_empty() && !name.contains(['#', '/', '?']))
    }

    fn did(&self) -> String {
        format!("did:web:{}", self.domain)
    }

    /// The JWK of that name that this signer's DID document lets make assertions.
    pub(super) fn jwk<'d>(&self, document: &'d Value, kid: &str) -> Result<&'d Value, Reason> {
        let did = self.did();
        if document.get("id").and_then(Value::as_str) != Some(did.as_str()) {
            let id = document.get("id").and_then(Value::as_str).unwrap_or_default();
            return Err(Reason::DidDocument(shown(id)));
        }
        let unusable = |why| Reason::Key { kid: shown(kid), why };
        let methods = authorized(document, &did, kid);
        let [method] = methods.as_slice() else {
            return Err(unusable("`assertionMethod` of the DID document has to list it, once"));
        };
        if method.get("controller").and_then(Value::as_str) != Some(did.as_str()) {
            return Err(unusable("its `controller` is not the signer"));
        }
        method
            .get("publicKeyJwk")
            .filter(|jwk| jwk.is_object())
            .ok_or_else(|| unusable("it has no `publicKeyJwk`"))
    }
}

/// One part of a domain: letters, digits, and hyphens between them.
fn is_label(label: &str) -> bool {
    let is_plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
    (1..=63).contains(&label.len())
        && label.bytes().all(is_plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// The verification methods of this name that may make assertions. That a key is listed among the methods alone gives it no right.
fn authorized<'d>(document: &'d Value, did: &str, kid: &str) -> Vec<&'d Value> {
    let is_it = |id: &str| id == kid || (id.starts_with('#') && kid.strip_prefix(did) == Some(id));
    let named = |method: &&'d Value| method.get("id").and_then(Value::as_str).is_some_and(is_it);
    let list =
        |member: &str| document.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let assertions = list("assertionMethod");
    let mut methods: Vec<&Value> = assertions.iter().filter(named).collect();
    if assertions.iter().filter_map(Value::as_str).any(is_it) {
        methods.extend(list("verificationMethod").iter().filter(named));
    }
    methods
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_whole_domains_in_lower_case_sign() {
        for (did, url) in [
            ("did:web:acme.com", "https://acme.com/.well-known/did.json"),
            ("did:web:xn--bcher-kva.example", "https://xn--bcher-kva.example/.well-known/did.json"),
        ] {
            assert_eq!(RootDid::parse(did).map(|did| did.document().url.to_string()).as_deref(), Some(url));
        }
        for other in [
            "did:web:",
            "did:web:Acme.com",
            "did:web:acme.com.",
            "did:web:acme.com:users:eve",
            "did:web:acme.com%3A8443",
            "did:web:acme.com/x",
            "did:web:127.0.0.1",
            "did:web:127.1",
            "did:web:0x7f.1",
            "did:web:[::1]",
            "did:web:-a.com",
            "did:web:a-.com",
            "did:web:a..com",
            "did:web:bücher.example",
            "did:web:xn--a.com",
            "did:key:z6Mk",
            "DID:web:acme.com",
            "did:web:acme.com#key",
            "did:web:acme.com?x",
            "https://acme.com",
            "did:web:user@acme.com",
        ] {
            assert_eq!(RootDid::parse(other), None, "{other}");
        }
        assert_eq!(RootDid::parse(&format!("did:web:{}.com", "a".repeat(64))), None);
    }

    #[test]
    fn a_key_is_named_below_its_signer() {
        let did = RootDid::parse("did:web:acme.com").expect("an identifier");
        assert!(did.is_key_name("did:web:acme.com#key-1"));
        for other in [
            "did:web:acme.com#",
            "did:web:acme.com",
            "did:web:acme.com:x#key",
            "did:web:acme.com/p#key",
            "did:web:acme.com?q#key",
            "did:web:acme.community#key",
            "did:web:other.com#key",
            "#key",
            "did:web:acme.com#a#b",
            "DID:WEB:acme.com#key",
        ] {
            assert!(!did.is_key_name(other), "{other}");
        }
    }

    #[test]
    fn a_key_signs_only_where_the_document_lets_it_make_assertions() {
        let did = RootDid::parse("did:web:acme.com").expect("an identifier");
        let kid = "did:web:acme.com#k";
        let method =
            |id: &str| json!({ "id": id, "controller": "did:web:acme.com", "publicKeyJwk": { "kty": "EC" } });
        let document = |assertion: Value, methods: Value| json!({ "id": "did:web:acme.com", "assertionMethod": assertion, "verificationMethod": methods });
        for whole in [
            document(json!([kid]), json!([method(kid)])),
            document(json!(["#k"]), json!([method("#k")])),
            document(json!(["#k", kid]), json!([method(kid), method("#other")])),
            document(json!([method(kid)]), json!([])),
            document(json!([method("#k")]), Value::Null),
        ] {
            assert_eq!(did.jwk(&whole, kid), Ok(&json!({ "kty": "EC" })), "{whole}");
        }
        for refused in [
            document(json!([]), json!([method(kid)])),
            document(json!(["#other"]), json!([method(kid)])),
            document(json!([kid]), json!([])),
            document(json!([kid]), json!([method(kid), method("#k")])),
            document(json!([kid, method(kid)]), json!([method(kid)])),
            document(json!({ "0": kid }), json!([method(kid)])),
            json!({ "id": "did:web:acme.com", "authentication": [kid], "verificationMethod": [method(kid)] }),
        ] {
            assert!(matches!(did.jwk(&refused, kid), Err(Reason::Key { .. })), "{refused}");
        }
        let mut foreign = document(json!([kid]), json!([method(kid)]));
        foreign["verificationMethod"][0]["controller"] = "did:web:other.com".into();
        assert!(matches!(did.jwk(&foreign, kid), Err(Reason::Key { why, .. }) if why.contains("controller")));
        foreign["verificationMethod"][0] =
            json!({ "id": kid, "controller": "did:web:acme.com", "publicKeyMultibase": "z6Mk" });
        assert!(
            matches!(did.jwk(&foreign, kid), Err(Reason::Key { why, .. }) if why.contains("publicKeyJwk"))
        );
        foreign["id"] = "did:web:other.com".into();
        assert_eq!(did.jwk(&foreign, kid), Err(Reason::DidDocument("did:web:other.com".to_owned())));
    }
}
