use super::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const AT: &str = "2026-11-24T12:00:00Z";

fn ed25519(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key")
}

fn p384() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key")
}

/// `02` or `03`, then x.
fn compressed(pair: &EcdsaKeyPair) -> Vec<u8> {
    let point = pair.public_key().as_ref();
    [&[2 + (point[96] & 1)], &point[1..49]].concat()
}

fn text(algorithm: &str, key: &[u8]) -> String {
    format!("v=MCPv1; k={algorithm}; p={}", STANDARD.encode(key))
}

fn ed_record(seed: u8) -> String {
    text("ed25519", ed25519(seed).public_key().as_ref())
}

fn keys(texts: &[&str]) -> Result<Vec<ProofKey>, String> {
    Records::of(texts.iter().copied()).keys("HTTP response").map_err(|error| error.to_string())
}

fn proof(signature: &[u8]) -> Proof {
    let signed = SignedTime {
        domain: "example.com".into(),
        timestamp: AT.into(),
        signed_timestamp: hex::encode(signature),
    };
    Proof::of(signed, AT.parse().expect("a time")).expect("well formed")
}

fn verdict(signature: &[u8], texts: &[&str]) -> Result<(), String> {
    proof(signature).verify(&keys(texts).expect("keys")).map_err(|error| error.to_string())
}

#[test]
fn a_signature_of_either_kind_proves_the_domain() {
    let signature = ed25519(1).sign(AT.as_bytes());
    assert_eq!(verdict(signature.as_ref(), &[&ed_record(1)]), Ok(()));
    // Some of them have a short r or s: the fixed form keeps its width.
    for _ in 0..20 {
        let pair = p384();
        let signature = pair.sign(&SystemRandom::new(), AT.as_bytes()).expect("signed");
        assert_eq!(verdict(signature.as_ref(), &[&text("ecdsap384", &compressed(&pair))]), Ok(()));
    }
}

#[test]
fn one_of_several_keys_is_enough() {
    let signature = ed25519(2).sign(AT.as_bytes());
    let p384 = text("ecdsap384", &compressed(&p384()));
    assert_eq!(verdict(signature.as_ref(), &["junk", &ed_record(1), &p384, &ed_record(2)]), Ok(()));
}

#[test]
fn another_key_is_named_by_its_fingerprint() {
    let signature = ed25519(9).sign(AT.as_bytes());
    let short = |seed: u8| STANDARD.encode(ed25519(seed).public_key().as_ref())[..8].to_owned();
    assert_eq!(
        verdict(signature.as_ref(), &[&ed_record(1)]),
        Err(format!(
            "signature verification failed (tried published key ed25519:{}); if this is not the key you are signing with, the published record may be stale",
            short(1)
        ))
    );
    assert_eq!(
        verdict(signature.as_ref(), &[&ed_record(1), &ed_record(2)]),
        Err(format!(
            "signature verification failed against all 2 published keys (tried: ed25519:{}, ed25519:{}); if you recently rotated keys, remove any stale records from the apex domain",
            short(1),
            short(2)
        ))
    );
}

#[test]
fn a_signature_of_the_wrong_size_is_told_so() {
    assert_eq!(verdict(&[1; 63], &[&ed_record(1)]), Err("invalid signature size for Ed25519".into()));
    let p384 = text("ecdsap384", &compressed(&p384()));
    assert_eq!(verdict(&[1; 97], &[&p384]), Err("invalid signature size for ECDSA P-384".into()));
    let signature = ed25519(9).sign(AT.as_bytes());
    assert_eq!(
        verdict(signature.as_ref(), &[&ed_record(1), &p384]),
        Err("invalid signature size for ECDSA P-384".into()),
        "one of form outweighs the mismatches"
    );
}

#[test]
fn a_record_may_stand_anywhere_in_a_text() {
    let record = ed_record(1);
    for text in [
        record.clone(),
        record.replace("; ", ";"),
        format!("spf stuff v=MCPv1; nothing {record} and more"),
        format!("{record}; t=later"),
    ] {
        assert_eq!(keys(&[&text]).map(|keys| keys.len()), Ok(1), "{text}");
    }
    for text in
        ["", "v=MCPv1", "v=MCPv1; p=AAAA; k=ed25519", "v=MCPv2; k=ed25519; p=AAAA", "v=MCPv1; k=; p=AAAA"]
    {
        assert_eq!(
            keys(&[text]).err().as_deref(),
            Some("no MCP public key found in HTTP response"),
            "{text}"
        );
    }
}

#[test]
fn a_broken_record_is_told_when_it_is_the_only_one() {
    let bad_point = [&[2][..], &[0xff; 48]].concat();
    let told = |record: &str| keys(&[record]).err().unwrap_or_default();
    assert_eq!(told("v=MCPv1; k=ed25519; p=AAA"), "failed to decode public key: illegal base64 data");
    assert_eq!(told("v=MCPv1; k=ed25519; p=AAAA"), "invalid Ed25519 public key size");
    assert_eq!(told("v=MCPv1; k=ecdsap384; p=AAAA"), "invalid ECDSA P-384 public key size");
    assert_eq!(
        told(&text("ecdsap384", &[4; 49])),
        "invalid ECDSA P-384 public key format (must be compressed, with a leading 0x02 or 0x03 byte)"
    );
    assert_eq!(told(&text("ecdsap384", &bad_point)), "failed to decompress ECDSA P-384 public key");
    assert_eq!(told("v=MCPv1; k=rsa; p=AAAA"), "unsupported public key algorithm: rsa");
    let both = ["v=MCPv1; k=rsa; p=AAAA", "v=MCPv1; k=ed25519; p=AAAA"];
    assert_eq!(keys(&both).err().as_deref(), Some("no valid MCP public key found"));
    assert_eq!(keys(&[both[0], &ed_record(1)]).map(|keys| keys.len()), Ok(1));
}

#[test]
fn the_request_is_checked_before_the_domain_is_asked() {
    let told = |domain: &str, timestamp: &str, signature: &str| {
        let signed = SignedTime {
            domain: domain.into(),
            timestamp: timestamp.into(),
            signed_timestamp: signature.into(),
        };
        Proof::of(signed, AT.parse().expect("a time")).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(told("localhost", "x", "x"), Err("invalid domain format".into()));
    assert_eq!(
        told("example.com", "yesterday", "x"),
        Err("invalid timestamp format: `yesterday` is no RFC 3339 time, as in 2026-01-31T12:00:00Z".into())
    );
    let window = Err("timestamp outside valid window (±15 seconds)".to_owned());
    assert_eq!(told("example.com", "2026-11-24T12:00:16Z", "x"), window);
    assert_eq!(told("example.com", "2026-11-24T11:59:44Z", "x"), window);
    let hex = |reason: &str| Err(format!("invalid signature format, must be hex: {reason}"));
    assert_eq!(told("example.com", "2026-11-24T12:00:15Z", "zz"), hex("invalid byte: 'z'"));
    assert_eq!(told("example.com", "2026-11-24T13:59:45+02:00", "abc"), hex("odd length hex string"));
    assert_eq!(told("example.com", AT, "abcd"), Ok(()));
}
