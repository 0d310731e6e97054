//! Dialects A and B: one `trustManifest`, signed with a key of whoever its `identity` names.
//!
//! Only a JWK Set at an `https` address is looked up; other kinds of identity are not verified. What holds is a word of that
//! address's host and nothing more: the profile that gives a publisher authority came later.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use url::Url;

use super::did_web::{in_time, time};
use super::digest::canonical;
use super::documents::{Documents, Needed, What};
use super::entry::{self, Entry};
use super::jwk::{Algorithm, Key};
use super::jws::Detached;
use super::subject::{self, Dialect};
use super::verdict::{Binding, Layer, Reason, Verified, shown};

/// Checks an entry's `trustManifest`.
pub(super) fn manifest(
    manifest: &Value,
    entry: &Entry<'_>,
    documents: &Documents,
    now: DateTime<Utc>,
) -> Result<Verified, Reason> {
    let signed = Signed::read(manifest, now)?;
    let identifier = entry.text("identifier").unwrap_or_default();
    if signed.identity != identifier && !is_of_publisher(signed.identity, identifier) {
        let (identity, identifier) = (shown(signed.identity), shown(identifier));
        return Err(Reason::Identity { identity, identifier });
    }
    let binding = match signed.members.get("subject") {
        None | Some(Value::Null) => Binding::Nothing,
        Some(subject) => subject::bind(subject, entry, Dialect::Single)?,
    };
    let verified = signed.verify(documents)?;
    Ok(Verified { binding, layer: entry.layer(binding, false), ..verified })
}

/// Checks the `trustManifest` of a catalog's host.
pub(super) fn host(host: &Value, documents: &Documents, now: DateTime<Utc>) -> Result<Verified, Reason> {
    let signed = Signed::read(host.get("trustManifest").unwrap_or(&Value::Null), now)?;
    let identifier = host.get("identifier").and_then(Value::as_str);
    let is_operator = identifier.is_some_and(|own| {
        let domain = domain(signed.identity);
        own == signed.identity
            || domain.is_some() && (self::domain(own) == domain || Some(own) == domain.as_deref())
    });
    Ok(Verified { is_operator, ..signed.verify(documents)? })
}

/// A manifest with a signature, checked as far as that goes without the key.
struct Signed<'a> {
    members: &'a Map<String, Value>,
    identity: &'a str,
    jws: Detached<'a>,
    algorithm: Algorithm,
    kid: String,
    keys: Url,
    issued_at: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

impl<'a> Signed<'a> {
    fn read(manifest: &'a Value, now: DateTime<Utc>) -> Result<Self, Reason> {
        let members = manifest.as_object().ok_or(Reason::Malformed("trustManifest"))?;
        let signature = match members.get("signature") {
            None | Some(Value::Null) => return Err(Reason::Unsigned),
            Some(signature) => signature.as_str().ok_or(Reason::Malformed("signature"))?,
        };
        let identity =
            members.get("identity").and_then(Value::as_str).ok_or(Reason::Malformed("identity"))?;
        let keys = jwk_set(identity).ok_or_else(|| Reason::KeyKind(shown(identity)))?;
        let moment = |member: &'static str| match members.get(member) {
            None | Some(Value::Null) => Ok(None),
            Some(text) => time(text.as_str().ok_or(Reason::Malformed(member))?).map(Some),
        };
        let (issued_at, until) = (moment("issuedAt")?, moment("expiresAt")?);
        in_time(issued_at.unwrap_or(DateTime::UNIX_EPOCH), until, now)?;
        let jws = Detached::parse(signature)?;
        let algorithm = jws.algorithm(&Algorithm::ALL)?;
        let kid = jws.text("kid").filter(|kid| !kid.is_empty()).map(str::to_owned);
        let kid = kid.ok_or_else(|| key("", "the header of the signature names none"))?;
        Ok(Self { members, identity, jws, algorithm, kid, keys, issued_at, until })
    }

    fn verify(&self, documents: &Documents) -> Result<Verified, Reason> {
        let set = documents.get(Needed { what: What::JwkSet, url: self.keys.clone() })?;
        let all = set.get("keys").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let named: Vec<&Value> =
            all.iter().filter(|jwk| jwk.get("kid").is_some_and(|kid| *kid == self.kid)).collect();
        let [jwk] = named.as_slice() else {
            return Err(key(&self.kid, "the JWK Set has to have it, once"));
        };
        let found = Key::of(jwk, self.algorithm).map_err(|why| key(&self.kid, why))?;
        let mut payload = self.members.clone();
        payload.remove("signature");
        self.jws.verify(&canonical(&payload.into())?, &found)?;
        Ok(Verified {
            by: self.identity.to_owned(),
            domain: self.keys.host_str().unwrap_or_default().to_owned(),
            binding: Binding::Nothing,
            layer: Layer::Transport,
            publisher_authority: false,
            is_operator: false,
            issued_at: self.issued_at,
            until: self.until,
            key: self.keys.clone(),
            extensions: Vec::new(),
        })
    }
}

fn key(kid: &str, why: &'static str) -> Reason {
    Reason::Key { kid: shown(kid), why }
}

/// The address of a JWK Set that an identity is; none for any other identity.
fn jwk_set(identity: &str) -> Option<Url> {
    let mut url =
        Url::parse(identity).ok().filter(|url| url.scheme() == "https" && identity.len() <= 2000)?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.port().is_none()
        && url.domain().is_some();
    url.set_fragment(None);
    is_plain.then_some(url)
}

/// The domain that an identity is of.
fn domain(identity: &str) -> Option<String> {
    if let Some(rest) = identity.strip_prefix("did:web:") {
        return rest
            .split([':', '#', '?', '/'])
            .next()
            .map(str::to_ascii_lowercase)
            .filter(|domain| !domain.is_empty());
    }
    let url = Url::parse(identity).ok().filter(|url| matches!(url.scheme(), "https" | "spiffe"))?;
    url.host_str().map(str::to_ascii_lowercase)
}

/// Whether an identity is on the domain of the publisher that an identifier names: that domain, and none above or below it.
fn is_of_publisher(identity: &str, identifier: &str) -> bool {
    let publisher = entry::publisher(identifier).map(str::to_ascii_lowercase);
    publisher.is_some() && domain(identity) == publisher
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_of_the_publisher_on_its_very_domain() {
        for identity in
            ["https://acme.com/jwks.json", "did:web:acme.com", "did:web:acme.com:keys", "spiffe://acme.com/x"]
        {
            assert!(is_of_publisher(identity, "urn:air:acme.com:tides"), "{identity}");
        }
        for identity in [
            "https://keys.acme.com/",
            "did:web:acme.com.evil.org",
            "http://acme.com/",
            "did:key:acme.com",
            "acme.com",
            "",
        ] {
            assert!(!is_of_publisher(identity, "urn:air:acme.com:tides"), "{identity}");
        }
        assert!(!is_of_publisher("https://acme.com/", "urn:example:acme.com:tides"));
    }

    #[test]
    fn only_plain_https_addresses_are_looked_up() {
        assert_eq!(
            jwk_set("https://acme.com/jwks.json#k").map(String::from).as_deref(),
            Some("https://acme.com/jwks.json")
        );
        for other in [
            "did:web:acme.com",
            "http://acme.com/jwks.json",
            "https://user@acme.com/",
            "https://127.0.0.1/",
            "https://acme.com:8443/",
            "https://[::1]/",
            "spiffe://acme.com/x",
            "urn:air:acme.com:x",
            "",
        ] {
            assert_eq!(jwk_set(other), None, "{other}");
        }
    }
}
