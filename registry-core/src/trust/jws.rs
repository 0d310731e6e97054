//! Detached JWS in compact form (RFC 7515, appendix F): header and signature, the payload being what they stand in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::jwk::{Algorithm, Key};
use super::strict;
use super::verdict::{Reason, shown};

/// The longest signature that is looked at, its header included.
const MAX_LENGTH: usize = 8 * 1024;

/// What a header must not have: keys that the signature brings along, and options that change what is signed.
const FORBIDDEN: [&str; 6] = ["b64", "crit", "jku", "jwk", "x5u", "x5c"];

/// A signature whose payload stands elsewhere.
#[derive(Debug)]
pub(super) struct Detached<'a> {
    protected: &'a str,
    signature: &'a str,
    header: Map<String, Value>,
}

impl<'a> Detached<'a> {
    /// Reads the text of a signature, and refuses a header that asks for more than a key's name and an algorithm.
    pub(super) fn parse(text: &'a str) -> Result<Self, Reason> {
        if text.len() > MAX_LENGTH {
            return Err(Reason::Jws("it is too long"));
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [protected, "", signature] = parts.as_slice() else {
            return Err(Reason::Jws("it needs the form `header..signature`"));
        };
        let header =
            URL_SAFE_NO_PAD.decode(protected).map_err(|_| Reason::Jws("its header is not base64url"))?;
        if URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| bytes.is_empty()) {
            return Err(Reason::Jws("its signature is empty"));
        }
        let Ok(Value::Object(header)) = strict::parse(&header) else {
            return Err(Reason::Jws("its header is not a JSON object, or has a member twice"));
        };
        if let Some(member) = FORBIDDEN.into_iter().find(|member| header.contains_key(*member)) {
            return Err(Reason::Header(member));
        }
        Ok(Self { protected, signature, header })
    }

    /// A member of the header that is a text.
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.header.get(member).and_then(Value::as_str)
    }

    /// The algorithm, if it is one of those that are taken.
    pub(super) fn algorithm(&self, taken: &[Algorithm]) -> Result<Algorithm, Reason> {
        let name = self.text("alg").unwrap_or("none");
        let algorithm = Algorithm::named(name).filter(|algorithm| taken.contains(algorithm));
        algorithm.ok_or_else(|| Reason::Algorithm(shown(name)))
    }

    /// Whether the key made this signature over the payload.
    pub(super) fn verify(&self, payload: &[u8], key: &Key) -> Result<(), Reason> {
        let message = format!("{}.{}", self.protected, URL_SAFE_NO_PAD.encode(payload));
        if key.verifies(message.as_bytes(), self.signature) { Ok(()) } else { Err(Reason::Signature) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(header: &str) -> String {
        format!("{}..AAAA", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn only_the_detached_compact_form_is_read() {
        let whole = with(r#"{"alg":"ES256","kid":"x"}"#);
        let read = Detached::parse(&whole).expect("a signature");
        assert_eq!((read.text("alg"), read.text("kid"), read.text("typ")), (Some("ES256"), Some("x"), None));
        let attached = whole.replace("..", ".e30.");
        let long = format!("{whole}{}", "A".repeat(MAX_LENGTH));
        for other in [
            "",
            "..",
            "a.b",
            &attached,
            &format!("{whole}."),
            &long,
            "****..AAAA",
            &with("[]"),
            &with("{}")[..4],
        ] {
            assert!(Detached::parse(other).is_err(), "{other}");
        }
        assert!(Detached::parse(&with(r#"{"alg":"ES256","alg":"none"}"#)).is_err(), "a member twice");
        assert!(Detached::parse(&whole.replace("AAAA", "")).is_err(), "no signature");
    }

    #[test]
    fn the_header_brings_no_keys_and_no_options() {
        for member in FORBIDDEN {
            let text = with(&format!(r#"{{"alg":"ES256","{member}":null}}"#));
            assert_eq!(Detached::parse(&text).expect_err("refused"), Reason::Header(member));
        }
    }

    #[test]
    fn an_algorithm_is_taken_from_a_fixed_list() {
        for (name, is_taken) in
            [("ES256", true), ("ES384", false), ("none", false), ("HS256", false), ("es256", false)]
        {
            let text = with(&format!(r#"{{"alg":"{name}"}}"#));
            let read = Detached::parse(&text).expect("a signature");
            assert_eq!(read.algorithm(&[Algorithm::Es256]).is_ok(), is_taken, "{name}");
        }
        let bare = with("{}");
        assert!(Detached::parse(&bare).expect("a signature").algorithm(&Algorithm::ALL).is_err());
    }
}
