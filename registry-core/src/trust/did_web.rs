//! Dialect C: signatures of the profile `did-web-v1`, over one manifest or over a whole catalog.
//!
//! The signer is a domain; its DID document, as it is today, says with which key it signs. Another profile is never guessed, and
//! never tried instead.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::did::RootDid;
use super::digest::canonical;
use super::documents::Documents;
use super::entry::Entry;
use super::jwk::{Algorithm, Key};
use super::jws::Detached;
use super::subject::{self, Dialect};
use super::verdict::{Binding, Layer, Reason, Verified, shown};

/// The one profile that is known.
const PROFILE: &str = "did-web-v1";

/// How a signature over a manifest calls itself.
const MANIFEST: &str = "ai-catalog-trust-manifest+jws";

/// How one over a catalog does.
const CATALOG: &str = "ai-catalog+jws";

/// Checks one of an entry's `trustManifests`.
pub(super) fn manifest(
    manifest: &Value,
    entry: &Entry<'_>,
    documents: &Documents,
    now: DateTime<Utc>,
) -> Result<Verified, Reason> {
    let members = manifest.as_object().ok_or(Reason::Malformed("trustManifests"))?;
    let contributor = text(members, "contributor").ok_or(Reason::Empty)?;
    if !members.contains_key("signature") {
        return Err(if says_something(members) { Reason::Unsigned } else { Reason::Empty });
    }
    let subject =
        members.get("subject").filter(|subject| subject.is_object()).ok_or(Reason::Malformed("subject"))?;
    let signature = Signature::read(members, MANIFEST, now)?;
    if signature.by != contributor {
        let (signer, contributor) = (shown(signature.by), shown(contributor));
        return Err(Reason::Contributor { signer, contributor });
    }
    let binding = subject::bind(subject, entry, Dialect::Independent)?;
    signature.verify(members, documents)?;
    let publisher_authority = entry.publisher().as_ref() == Some(&signature.signer);
    Ok(Verified {
        binding,
        layer: entry.layer(binding, publisher_authority),
        publisher_authority,
        extensions: subject::extensions(subject, entry),
        ..signature.verified()
    })
}

/// Checks the `signature` of a catalog.
pub(super) fn snapshot(
    catalog: &Value,
    documents: &Documents,
    now: DateTime<Utc>,
) -> Result<Verified, Reason> {
    let members = catalog.as_object().ok_or(Reason::Malformed("signature"))?;
    let signature = Signature::read(members, CATALOG, now)?;
    signature.verify(members, documents)?;
    let operator = catalog.pointer("/host/identifier").and_then(Value::as_str);
    Ok(Verified { is_operator: operator == Some(signature.by), ..signature.verified() })
}

/// Whether an unsigned manifest has any of what makes it one.
fn says_something(members: &Map<String, Value>) -> bool {
    let is_full = |member: &str| match members.get(member) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(items)) => !items.is_empty(),
        _ => false,
    };
    members.get("trustSchema").is_some_and(Value::is_object)
        || ["attestations", "provenance", "extensions"].into_iter().any(is_full)
}

fn text<'v>(members: &'v Map<String, Value>, member: &str) -> Option<&'v str> {
    members.get(member).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// A `signature` object, checked as far as that goes without the key.
struct Signature<'a> {
    by: &'a str,
    signer: RootDid,
    kid: String,
    jws: Detached<'a>,
    issued_at: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
}

impl<'a> Signature<'a> {
    fn read(of: &'a Map<String, Value>, typ: &'static str, now: DateTime<Utc>) -> Result<Self, Reason> {
        let members = of.get("signature").and_then(Value::as_object).ok_or(Reason::Malformed("signature"))?;
        let needed = |member: &'static str| text(members, member).ok_or(Reason::Malformed(member));
        let profile = needed("profile")?;
        if profile != PROFILE {
            return Err(Reason::Profile(shown(profile)));
        }
        let by = needed("signer")?;
        let signer = RootDid::parse(by).ok_or_else(|| Reason::Signer(shown(by)))?;
        let issued_at = time(needed("issuedAt")?)?;
        let until = match members.get("expiresAt") {
            None => None,
            Some(until) => Some(time(until.as_str().ok_or(Reason::Malformed("expiresAt"))?)?),
        };
        in_time(issued_at, until, now)?;
        let jws = Detached::parse(needed("jws")?)?;
        let found = jws.text("typ").unwrap_or_default();
        if found != typ {
            return Err(Reason::Typ { found: shown(found), wanted: typ });
        }
        jws.algorithm(&[Algorithm::Es256])?;
        let kid = jws.text("kid").unwrap_or_default().to_owned();
        if !signer.is_key_name(&kid) {
            return Err(Reason::Kid(shown(&kid)));
        }
        Ok(Self { by, signer, kid, jws, issued_at, until })
    }

    /// Checks the signature itself, with the key that the signer's document gives it today.
    fn verify(&self, of: &Map<String, Value>, documents: &Documents) -> Result<(), Reason> {
        let document = documents.get(self.signer.document())?;
        let jwk = self.signer.jwk(document, &self.kid)?;
        let key = Key::of(jwk, Algorithm::Es256).map_err(|why| Reason::Key { kid: shown(&self.kid), why })?;
        self.jws.verify(&canonical(&payload(of))?, &key)
    }

    fn verified(&self) -> Verified {
        Verified {
            by: self.by.to_owned(),
            domain: self.signer.domain().to_owned(),
            binding: Binding::Snapshot,
            layer: Layer::Transport,
            publisher_authority: false,
            is_operator: false,
            issued_at: Some(self.issued_at),
            until: self.until,
            key: self.signer.document().url,
            extensions: Vec::new(),
        }
    }
}

/// What is signed: everything but the signature's own `jws`, and the member that is reserved for more of them.
fn payload(of: &Map<String, Value>) -> Value {
    let mut members = of.clone();
    members.remove("additionalSignatures");
    if let Some(signature) = members.get_mut("signature").and_then(Value::as_object_mut) {
        signature.remove("jws");
    }
    members.into()
}

/// A time as RFC 3339 writes it.
pub(super) fn time(text: &str) -> Result<DateTime<Utc>, Reason> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| Reason::Time(shown(text)))
}

/// Whether now is between the two.
pub(super) fn in_time(
    issued_at: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), Reason> {
    match until {
        Some(until) if until <= issued_at => Err(Reason::Backwards),
        Some(until) if until <= now => Err(Reason::Expired(until)),
        _ if issued_at > now => Err(Reason::Early(issued_at)),
        _ => Ok(()),
    }
}
