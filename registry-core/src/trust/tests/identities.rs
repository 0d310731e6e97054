//! Dialects A and B: a manifest signed with a key of a JWK Set.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;

const KEYS: &str = "https://acme.com/.well-known/jwks.json";

fn claim() -> Value {
    let subject = subject_of(&entry());
    json!({ "identity": KEYS, "identityType": "https", "subject": subject, "issuedAt": "2026-11-01T00:00:00Z" })
}

/// The entry with a manifest, signed with ES256 after `change`.
fn endorsed(signer: &Signer, change: impl FnOnce(&mut Value)) -> Value {
    let mut manifest = claim();
    change(&mut manifest);
    let header = json!({ "alg": "ES256", "kid": "k1" });
    manifest["signature"] = signer.jws(&header, &manifest).into();
    let mut entry = entry();
    entry["trustManifest"] = manifest;
    entry
}

fn set(keys: &[Value]) -> Documents {
    let mut documents = Documents::default();
    documents.insert(url(KEYS), Ok(json!({ "keys": keys }).to_string().as_bytes()));
    documents
}

fn named(mut jwk: Value, kid: &str) -> Value {
    jwk["kid"] = kid.into();
    jwk
}

#[test]
fn a_key_of_the_identitys_jwk_set_verifies_and_gives_no_authority() {
    let acme = Signer::of("acme.com");
    let entry = endorsed(&acme, |_| {});
    let wanted = plan(&catalog_of(entry.clone()), "/entries/0", &Artifact::of(CARD), now());
    assert_eq!(wanted, [Needed { what: What::JwkSet, url: url(KEYS) }]);
    let keys = set(&[named(Signer::of("x").jwk(), "k0"), named(acme.jwk(), "k1")]);
    let verified = verdict(entry, &keys).expect("verified");
    assert_eq!(
        (verified.by.as_str(), verified.domain.as_str(), verified.binding),
        (KEYS, "acme.com", Binding::Bytes)
    );
    assert!(!verified.publisher_authority && verified.layer == Layer::Digest);
}

#[test]
fn every_algorithm_of_the_list_is_checked() {
    let rng = SystemRandom::new();
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let p384 = EcdsaKeyPair::generate(&signature::ECDSA_P384_SHA384_FIXED_SIGNING).expect("a key");
    let ed = Ed25519KeyPair::generate().expect("a key");
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let public = rsa.public_key();
    let rsa_jwk = json!({ "kty": "RSA", "n": text(public.modulus().big_endian_without_leading_zero()),
        "e": text(public.exponent().big_endian_without_leading_zero()) });
    let point = p384.public_key().as_ref();
    let p384_jwk = json!({ "kty": "EC", "crv": "P-384", "x": text(&point[1..49]), "y": text(&point[49..]) });
    let ed_jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": text(ed.public_key().as_ref()) });
    let by_rsa = |encoding: &'static dyn signature::RsaEncoding, message: &[u8]| {
        let mut signed = vec![0; rsa.public_modulus_len()];
        rsa.sign(encoding, &SystemRandom::new(), message, &mut signed).expect("a signature");
        signed
    };
    type Sign<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;
    let cases: [(&str, &Value, Sign<'_>); 5] = [
        ("ES384", &p384_jwk, &|message| p384.sign(&rng, message).expect("a signature").as_ref().to_vec()),
        ("EdDSA", &ed_jwk, &|message| ed.sign(message).as_ref().to_vec()),
        ("RS256", &rsa_jwk, &|message| by_rsa(&signature::RSA_PKCS1_SHA256, message)),
        ("PS256", &rsa_jwk, &|message| by_rsa(&signature::RSA_PSS_SHA256, message)),
        ("PS384", &rsa_jwk, &|message| by_rsa(&signature::RSA_PSS_SHA384, message)),
    ];
    for (alg, jwk, sign) in cases {
        let mut manifest = claim();
        let header = text(json!({ "alg": alg, "kid": "k1" }).to_string().as_bytes());
        let payload = text(&digest::canonical(&manifest).expect("canonical"));
        let signed = text(&sign(format!("{header}.{payload}").as_bytes()));
        manifest["signature"] = format!("{header}..{signed}").into();
        let mut whole = entry();
        whole["trustManifest"] = manifest;
        let keys = set(&[named(jwk.clone(), "k1")]);
        assert!(verdict(whole.clone(), &keys).is_ok(), "{alg}");
        whole["trustManifest"]["x"] = 1.into();
        assert_eq!(verdict(whole.clone(), &keys), Err(Reason::Signature), "{alg}");
        let other = set(&[named(Signer::of("x").jwk(), "k1")]);
        assert!(
            matches!(verdict(whole, &other), Err(Reason::Key { .. })),
            "{alg} with a key of another kind"
        );
    }
}

#[test]
fn an_algorithm_is_never_taken_from_the_signature_alone() {
    let acme = Signer::of("acme.com");
    let mut entry = endorsed(&acme, |_| {});
    for alg in ["none", "HS256", "HS512"] {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": "k1" }).to_string());
        entry["trustManifest"]["signature"] = format!("{header}..AAAA").into();
        assert_eq!(verdict(entry.clone(), &set(&[])), Err(Reason::Algorithm(alg.to_owned())));
    }
}

#[test]
fn the_key_is_the_one_that_is_named_and_public() {
    let acme = Signer::of("acme.com");
    let entry = endorsed(&acme, |_| {});
    let mut private = named(acme.jwk(), "k1");
    private["d"] = "secret".into();
    let octets = json!({ "kty": "oct", "k": "AAAA", "kid": "k1" });
    for keys in [
        vec![],
        vec![acme.jwk()],
        vec![named(acme.jwk(), "k2")],
        vec![named(acme.jwk(), "k1"); 2],
        vec![private],
        vec![octets],
    ] {
        assert!(matches!(verdict(entry.clone(), &set(&keys)), Err(Reason::Key { .. })), "{keys:?}");
    }
    let mut nameless = entry;
    let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "ES256" }).to_string());
    nameless["trustManifest"]["signature"] = format!("{header}..AAAA").into();
    assert!(matches!(verdict(nameless, &set(&[acme.jwk()])), Err(Reason::Key { .. })));
}

#[test]
fn the_identity_is_the_entrys_own_or_its_publishers() {
    let acme = Signer::of("acme.com");
    let keys = set(&[named(acme.jwk(), "k1")]);
    let mut entry =
        endorsed(&acme, |manifest| _ = manifest.as_object_mut().expect("a manifest").remove("subject"));
    for (identifier, is_own) in [
        ("urn:air:acme.com:tides", true),
        (KEYS, true),
        ("urn:air:mcp.acme.com:tides", false),
        ("urn:air:evil.org:tides", false),
    ] {
        entry["identifier"] = identifier.into();
        let found = verdict(entry.clone(), &keys);
        if is_own {
            assert_eq!(
                found.map(|verified| (verified.binding, verified.layer)),
                Ok((Binding::Nothing, Layer::Transport))
            );
        } else {
            assert!(matches!(found, Err(Reason::Identity { .. })), "{identifier}");
        }
    }
}

#[test]
fn other_kinds_of_identity_are_not_verified() {
    let acme = Signer::of("acme.com");
    for identity in [
        "did:web:acme.com",
        "spiffe://acme.com/tides",
        "urn:air:acme.com:servers:tides",
        "acme.com",
        "http://acme.com/jwks.json",
    ] {
        let entry = endorsed(&acme, |manifest| manifest["identity"] = identity.into());
        assert_eq!(
            verdict(entry, &set(&[named(acme.jwk(), "k1")])),
            Err(Reason::KeyKind(identity.to_owned()))
        );
    }
}

#[test]
fn a_subject_binds_here_too() {
    let acme = Signer::of("acme.com");
    let keys = set(&[named(acme.jwk(), "k1")]);
    for member in ["identifier", "type", "version", "digest", "url"] {
        let entry = endorsed(&acme, |manifest| manifest["subject"][member] = "other".into());
        assert_eq!(verdict(entry, &keys), Err(Reason::Subject(member)));
    }
    let mut older = endorsed(&acme, |_| {});
    let members = older.as_object_mut().expect("an entry");
    let kind = members.remove("type").expect("a type");
    members.insert("mediaType".to_owned(), kind);
    members.remove("digest");
    assert_eq!(
        verdict(older.clone(), &keys).map(|verified| verified.binding),
        Ok(Binding::Bytes),
        "the entry need not repeat it"
    );
    let tampered = verify(&catalog_of(older), "/entries/0", &Artifact::of(b"{}"), &keys, now());
    assert!(matches!(tampered.manifests[0].verdict, Verdict::NotVerified(Reason::DigestDiffers { .. })));
}

#[test]
fn times_hold_where_they_are_given() {
    let acme = Signer::of("acme.com");
    let keys = set(&[named(acme.jwk(), "k1")]);
    let of = |member: &str, value: &str| {
        verdict(endorsed(&acme, |manifest| manifest[member] = value.into()), &keys)
    };
    assert!(matches!(of("issuedAt", "2026-12-01T00:00:00Z"), Err(Reason::Early(_))));
    assert!(matches!(of("expiresAt", "2026-11-02T00:00:00Z"), Err(Reason::Expired(_))));
    assert!(matches!(of("expiresAt", "soon"), Err(Reason::Time(_))));
    assert!(of("expiresAt", "2026-12-01T00:00:00Z").is_ok());
}

#[test]
fn what_is_unsigned_or_of_no_known_form_is_advisory() {
    let of = |manifest: Value| {
        let mut entry = entry();
        entry["trustManifest"] = manifest;
        verdict(entry, &Documents::default())
    };
    assert_eq!(of(claim()), Err(Reason::Unsigned));
    let odd = json!({ "identity": { "domain": "acme.com" } });
    assert_eq!(of(odd), Err(Reason::Unsigned), "as seen in the wild");
    let odd = json!({ "identity": { "domain": "acme.com" }, "signature": "e30..AAAA" });
    assert_eq!(of(odd), Err(Reason::Malformed("identity")));
    assert_eq!(of(json!("https://acme.com")), Err(Reason::Malformed("trustManifest")));
    assert_eq!(
        of(json!({ "identity": KEYS, "signature": { "jws": "x" } })),
        Err(Reason::Malformed("signature"))
    );
}

#[test]
fn a_host_signs_for_itself() {
    let acme = Signer::of("acme.com");
    let of = |identifier: Value| {
        let mut manifest = json!({ "identity": KEYS, "identityType": "https", "privacyPolicyUrl": "https://acme.com/privacy/" });
        manifest["signature"] = acme.jws(&json!({ "alg": "ES256", "kid": "k1" }), &manifest).into();
        let host = json!({ "displayName": "Acme", "identifier": identifier, "trustManifest": manifest });
        let catalog =
            Catalog::read(json!({ "host": host, "entries": [] }).to_string().as_bytes()).expect("a catalog");
        assert_eq!(plan_snapshot(&catalog, "", now()).len(), 1);
        let manifests = verify_snapshot(&catalog, "", &set(&[named(acme.jwk(), "k1")]), now());
        manifests[0].verified().map(|verified| (verified.is_operator, verified.binding))
    };
    for own in [json!(KEYS), json!("acme.com"), json!("did:web:acme.com"), json!("https://acme.com")] {
        assert_eq!(of(own.clone()), Some((true, Binding::Nothing)), "{own}");
    }
    for other in [json!("did:web:other.com"), json!("evil.org"), Value::Null] {
        assert_eq!(of(other.clone()), Some((false, Binding::Nothing)), "{other}");
    }
}
