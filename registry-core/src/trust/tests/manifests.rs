//! Dialect C, one manifest at a time.

use super::*;

fn acme() -> Signer {
    Signer::of("acme.com")
}

#[test]
fn a_publisher_stands_by_the_bytes_that_were_fetched() {
    let acme = acme();
    let entry = acme.endorse(entry(), |_| {});
    let catalog = catalog_of(entry.clone());
    let wanted = plan(&catalog, "/entries/0", &Artifact::of(CARD), now());
    assert_eq!(
        wanted,
        [Needed { what: What::DidDocument, url: url("https://acme.com/.well-known/did.json") }]
    );
    let outcome = verified(entry, &acme.documents());
    assert_eq!((outcome.layer, outcome.digest), (Layer::Signed, None));
    let verified = outcome.manifests[0].verified().expect("verified");
    assert!(verified.is_publishers_word());
    assert_eq!((verified.by.as_str(), verified.domain.as_str()), ("did:web:acme.com", "acme.com"));
    assert_eq!(verified.until, Some(at("2027-01-01T00:00:00Z")));
    assert_eq!(
        verified.how(),
        "its publisher `acme.com` has signed these very bytes; the key is in `https://acme.com/.well-known/did.json`"
    );
}

#[test]
fn the_order_of_members_and_unknown_ones_do_not_matter_but_are_signed() {
    let acme = acme();
    let mut entry = acme
        .endorse(entry(), |manifest| manifest["x"] = json!({ "jws": "kept", "additionalSignatures": [1] }));
    let members = entry["trustManifests"][0].as_object_mut().expect("a manifest");
    let reversed: serde_json::Map<String, Value> = members.clone().into_iter().rev().collect();
    *members = reversed;
    members.insert("additionalSignatures".to_owned(), json!("anything"));
    assert!(verdict(entry.clone(), &acme.documents()).is_ok());
    entry["trustManifests"][0]["x"]["jws"] = "changed".into();
    assert_eq!(verdict(entry, &acme.documents()), Err(Reason::Signature));
}

#[test]
fn third_parties_endorse_and_have_no_authority() {
    let assessor = Signer::of("assessor.example");
    let verified = verdict(assessor.endorse(entry(), |_| {}), &assessor.documents()).expect("verified");
    assert!(!verified.publisher_authority && !verified.is_publishers_word());
    assert_eq!((verified.layer, verified.binding), (Layer::Digest, Binding::Bytes));
    assert!(verified.how().starts_with("`did:web:assessor.example`, a third party, has signed"));
    for identifier in [
        "urn:air:mcp.acme.com:x",
        "urn:air:acme.com.evil.org:x",
        "urn:air:ACME.com:x",
        "urn:ai:acme.com:x",
        "acme.com",
    ] {
        let acme = acme();
        let mut entry = entry();
        entry["identifier"] = identifier.into();
        let verified = verdict(acme.endorse(entry, |_| {}), &acme.documents()).expect("verified");
        assert!(!verified.publisher_authority, "{identifier}");
    }
}

#[test]
fn each_manifest_stands_by_itself() {
    let (acme, assessor) = (acme(), Signer::of("assessor.example"));
    let mut whole = acme.endorse(entry(), |_| {});
    let other = assessor.endorse(entry(), |_| {})["trustManifests"][0].clone();
    whole["trustManifests"]
        .as_array_mut()
        .expect("a list")
        .extend([json!({ "contributor": "did:web:x.example" }), other]);
    let outcome = verified(whole, &acme.documents());
    let held: Vec<bool> = outcome.manifests.iter().map(|manifest| manifest.verified().is_some()).collect();
    assert_eq!(held, [true, false, false]);
    assert_eq!(outcome.manifests[1].verdict, Verdict::NotVerified(Reason::Empty));
    assert!(matches!(&outcome.manifests[2].verdict, Verdict::NotVerified(Reason::NotFetched(needed))
        if needed.url.host_str() == Some("assessor.example")));
    assert_eq!((outcome.layer, outcome.manifests[2].pointer.as_str()), (Layer::Signed, "/trustManifests/2"));
}

#[test]
fn nobody_signs_what_others_contribute() {
    let acme = acme();
    for contributor in ["did:web:other.com", "did:web:Acme.com", "did:web:acme.com."] {
        let entry = acme.endorse(entry(), |manifest| manifest["contributor"] = contributor.into());
        let reason = Reason::Contributor {
            signer: "did:web:acme.com".to_owned(),
            contributor: contributor.to_owned(),
        };
        assert_eq!(verdict(entry, &acme.documents()), Err(reason));
    }
}

#[test]
fn the_profile_is_neither_guessed_nor_replaced() {
    let acme = acme();
    for profile in ["DID-WEB-V1", "did-web-v2", "https://profiles.example/v1"] {
        let entry = acme.endorse(entry(), |manifest| manifest["signature"]["profile"] = profile.into());
        assert_eq!(verdict(entry, &acme.documents()), Err(Reason::Profile(profile.to_owned())));
    }
    let mut relabelled = acme.endorse(entry(), |manifest| manifest["signature"]["profile"] = "x".into());
    relabelled["trustManifests"][0]["signature"]["profile"] = "did-web-v1".into();
    assert_eq!(verdict(relabelled, &acme.documents()), Err(Reason::Signature));
}

#[test]
fn only_whole_domains_sign() {
    let acme = acme();
    for signer in ["did:web:acme.com:users:eve", "did:web:Acme.com", "did:key:z6Mk", "https://acme.com"] {
        let entry = acme.endorse(entry(), |manifest| {
            manifest["contributor"] = signer.into();
            manifest["signature"]["signer"] = signer.into();
        });
        assert_eq!(verdict(entry, &acme.documents()), Err(Reason::Signer(signer.to_owned())));
    }
}

#[test]
fn a_signature_holds_from_when_it_is_issued_until_it_expires() {
    let acme = acme();
    let of = |issued: Value, until: Value| {
        let entry = acme.endorse(entry(), |manifest| {
            manifest["signature"]["issuedAt"] = issued;
            manifest["signature"]["expiresAt"] = until;
        });
        verdict(entry, &acme.documents())
    };
    assert!(
        of(json!("2026-11-25T13:00:00+01:00"), json!("2026-11-25T12:00:01Z")).is_ok(),
        "issued this moment, as an instant"
    );
    assert_eq!(
        of(json!("2026-11-25T12:00:01Z"), json!("2027-01-01T00:00:00Z")),
        Err(Reason::Early(at("2026-11-25T12:00:01Z")))
    );
    assert_eq!(of(json!("2026-11-01T00:00:00Z"), json!("2026-11-25T12:00:00Z")), Err(Reason::Expired(now())));
    assert_eq!(of(json!("2027-01-02T00:00:00Z"), json!("2027-01-01T00:00:00Z")), Err(Reason::Backwards));
    assert_eq!(
        of(json!("yesterday"), json!("2027-01-01T00:00:00Z")),
        Err(Reason::Time("yesterday".to_owned()))
    );
    assert_eq!(
        of(json!("2026-11-01T00:00:00"), json!("2027-01-01T00:00:00Z")),
        Err(Reason::Time("2026-11-01T00:00:00".to_owned()))
    );
    assert_eq!(of(json!("2026-11-01T00:00:00Z"), json!(1_800_000_000)), Err(Reason::Malformed("expiresAt")));
    let forever = acme.endorse(entry(), |manifest| {
        manifest["signature"].as_object_mut().expect("an object").remove("expiresAt");
    });
    assert_eq!(verdict(forever, &acme.documents()).map(|verified| verified.until), Ok(None));
}

#[test]
fn the_time_that_is_checked_is_the_time_that_is_signed() {
    let acme = acme();
    let mut entry =
        acme.endorse(entry(), |manifest| manifest["signature"]["expiresAt"] = "2026-11-02T00:00:00Z".into());
    entry["trustManifests"][0]["signature"]["expiresAt"] = "2027-11-02T00:00:00Z".into();
    assert_eq!(verdict(entry, &acme.documents()), Err(Reason::Signature));
}

#[test]
fn the_header_says_what_is_signed_and_with_which_key() {
    let acme = acme();
    let of = |member: &str, value: Value| {
        let mut header = acme.header("ai-catalog-trust-manifest+jws");
        header[member] = value;
        verdict(acme.endorse_with(entry(), |_| {}, &header), &acme.documents())
    };
    assert!(of("cty", json!("anything")).is_ok());
    for typ in [json!("ai-catalog+jws"), json!("JWT"), Value::Null] {
        assert!(matches!(of("typ", typ), Err(Reason::Typ { .. })));
    }
    for alg in ["none", "HS256", "ES384", "RS256", "EdDSA", "es256"] {
        assert_eq!(of("alg", json!(alg)), Err(Reason::Algorithm(alg.to_owned())));
    }
    for (member, value) in [
        ("b64", json!(true)),
        ("crit", json!([])),
        ("jku", json!("https://x")),
        ("jwk", acme.jwk()),
        ("x5u", json!("")),
        ("x5c", json!([])),
    ] {
        assert!(matches!(of(member, value), Err(Reason::Header(found)) if found == member));
    }
    for kid in ["did:web:other.com#key-1", "#key-1", "key-1", "did:web:acme.com", "did:web:acme.com?x#key-1"]
    {
        assert_eq!(of("kid", json!(kid)), Err(Reason::Kid(kid.to_owned())));
    }
}

#[test]
fn the_key_is_one_that_the_signers_document_lets_sign() {
    let acme = acme();
    let signed = acme.endorse(entry(), |_| {});
    let of = |change: &dyn Fn(&mut Value)| {
        let mut document = acme.did_document();
        change(&mut document);
        let mut documents = Documents::default();
        acme.publish(&document, &mut documents);
        verdict(signed.clone(), &documents)
    };
    let key = |change: fn(&mut Value)| {
        of(&move |document| change(&mut document["verificationMethod"][0]["publicKeyJwk"]))
    };
    assert!(of(&|_| {}).is_ok());
    assert!(key(|jwk| jwk["key_ops"] = json!(["verify"])).is_ok());
    assert!(key(|jwk| jwk["kid"] = json!("another name")).is_ok());
    let refused: [Result<Verified, Reason>; 9] = [
        of(&|document| document["assertionMethod"] = json!([])),
        of(&|document| document["verificationMethod"][0]["controller"] = json!("did:web:other.com")),
        key(|jwk| jwk["d"] = json!("secret")),
        key(|jwk| jwk["use"] = json!("enc")),
        key(|jwk| jwk["alg"] = json!("ES384")),
        key(|jwk| jwk["key_ops"] = json!(["sign"])),
        key(|jwk| jwk["crv"] = json!("P-384")),
        key(|jwk| jwk["x"] = json!("AAAA")),
        key(|jwk| jwk["kty"] = json!("OKP")),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(Reason::Key { .. })), "{refused:?}");
    }
    assert_eq!(key(|jwk| jwk["x"] = jwk["y"].clone()), Err(Reason::Signature), "not a point of the curve");
    assert!(matches!(
        of(&|document| document["id"] = json!("did:web:other.com")),
        Err(Reason::DidDocument(_))
    ));
    let mut twice = Documents::default();
    let text = acme.did_document().to_string().replacen('{', r#"{"id":"did:web:acme.com","#, 1);
    twice.insert(url("https://acme.com/.well-known/did.json"), Ok(text.as_bytes()));
    assert!(matches!(verdict(signed.clone(), &twice), Err(Reason::NoKeys { .. })), "a member twice");
    let mut none = Documents::default();
    none.insert(url("https://acme.com/.well-known/did.json"), Err("the answer is 404".to_owned()));
    assert!(matches!(verdict(signed.clone(), &none), Err(Reason::NoKeys { .. })));
    let other = Signer::of("acme.com");
    assert_eq!(verdict(signed, &other.documents()), Err(Reason::Signature), "the key was changed since");
}

#[test]
fn a_manifest_is_about_one_release() {
    let acme = acme();
    let documents = acme.documents();
    for member in ["identifier", "type", "version", "digest", "url"] {
        let mut entry = acme.endorse(entry(), |_| {});
        entry[member] = format!("{}x", entry[member].as_str().expect("a text")).into();
        assert_eq!(verdict(entry, &documents), Err(Reason::Subject(member)), "the entry was changed");
    }
    for member in ["version", "digest", "url"] {
        let mut entry = acme.endorse(entry(), |_| {});
        entry.as_object_mut().expect("an entry").remove(member);
        assert_eq!(verdict(entry, &documents), Err(Reason::Subject(member)), "taken away");
    }
    for member in ["version", "digest"] {
        let entry = acme.endorse(entry(), |manifest| {
            _ = manifest["subject"].as_object_mut().expect("a subject").remove(member)
        });
        assert_eq!(verdict(entry, &documents), Err(Reason::Subject(member)), "added after signing");
    }
    let entry = acme.endorse(entry(), |manifest| manifest["subject"]["type"] = "text/plain".into());
    assert_eq!(verdict(entry, &documents), Err(Reason::Subject("type")));
}

#[test]
fn a_subject_is_rewritten_only_with_the_key() {
    let acme = acme();
    let mut entry = acme.endorse(entry(), |_| {});
    entry["url"] = "https://evil.org/card".into();
    entry["trustManifests"][0]["subject"]["url"] = "https://evil.org/card".into();
    assert_eq!(verdict(entry, &acme.documents()), Err(Reason::Signature));
}

#[test]
fn other_bytes_than_the_signed_ones_are_not_vouched_for() {
    let acme = acme();
    let catalog = catalog_of(acme.endorse(entry(), |_| {}));
    let of = |artifact: &Artifact<'_>| verify(&catalog, "/entries/0", artifact, &acme.documents(), now());
    let tampered = of(&Artifact::of(b"{}"));
    assert_eq!(tampered.layer, Layer::Transport);
    assert!(matches!(tampered.digest, Some(Reason::DigestDiffers { .. })));
    assert!(matches!(tampered.manifests[0].verdict, Verdict::NotVerified(Reason::DigestDiffers { .. })));
    assert_eq!(plan(&catalog, "/entries/0", &Artifact::of(b"{}"), now()), [], "no key helps");
    let unseen = of(&Artifact::default());
    assert_eq!((unseen.layer, unseen.digest), (Layer::Transport, None));
    assert_eq!(unseen.manifests[0].verdict, Verdict::NotVerified(Reason::NoBytes));
}

#[test]
fn a_bound_address_says_nothing_of_todays_bytes() {
    let acme = acme();
    let mut by_url = entry();
    by_url.as_object_mut().expect("an entry").remove("digest");
    let verified = verdict(acme.endorse(by_url.clone(), |_| {}), &acme.documents()).expect("verified");
    assert_eq!((verified.binding, verified.layer), (Binding::Address, Layer::Transport));
    assert!(verified.publisher_authority && !verified.is_publishers_word());
    let unbound = acme.endorse(by_url.clone(), |manifest| {
        _ = manifest["subject"].as_object_mut().expect("a subject").remove("url")
    });
    assert_eq!(verdict(unbound, &acme.documents()), Err(Reason::Unbound));
    by_url["url"] = "http://acme.com/card".into();
    assert_eq!(
        verdict(acme.endorse(by_url, |_| {}), &acme.documents()),
        Err(Reason::Subject("url")),
        "not https"
    );
}

#[test]
fn weak_digests_bind_nothing() {
    let acme = acme();
    let mut entry = entry();
    entry["digest"] = "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709".into();
    let outcome = verified(acme.endorse(entry, |_| {}), &acme.documents());
    assert!(matches!(outcome.digest, Some(Reason::Digest(_))));
    assert!(matches!(outcome.manifests[0].verdict, Verdict::NotVerified(Reason::Digest(_))));
}

#[test]
fn inline_data_is_bound_by_its_canonical_form() {
    let acme = acme();
    let data = json!({ "version": "1.0.0", "name": "com.acme/tides" });
    let digest = sha256(br#"{"name":"com.acme/tides","version":"1.0.0"}"#);
    let entry = json!({ "identifier": "urn:air:acme.com:servers:tides", "type": TYPE, "data": data, "digest": digest });
    let signed = acme.endorse(entry, |_| {});
    assert!(verdict(signed.clone(), &acme.documents()).expect("verified").is_publishers_word());
    let mut changed = signed;
    changed["data"]["name"] = "com.acme/other".into();
    assert!(matches!(verdict(changed, &acme.documents()), Err(Reason::DigestDiffers { .. })));
}

#[test]
fn extensions_of_the_entry_are_covered_where_their_digest_is_signed() {
    let acme = acme();
    let mut entry = entry();
    entry["extensions"] = json!({ "com.acme/a": { "b": 1, "a": 2 }, "com.acme/b": 1, "com.acme/c": 1 });
    let signed = acme.endorse(entry, |manifest| {
        manifest["subject"]["extensionDigests"] = json!({
            "com.acme/a": sha256(br#"{"a":2,"b":1}"#), "com.acme/b": sha256(b"2"), "com.acme/gone": sha256(b"1"),
        });
    });
    assert_eq!(verdict(signed, &acme.documents()).expect("verified").extensions, ["com.acme/a"]);
}

#[test]
fn an_address_made_of_its_content_is_the_highest_layer() {
    let acme = acme();
    let mut entry = entry();
    entry["url"] = format!("https://registry.acme.com/v2/tides/blobs/{}", sha256(CARD)).into();
    assert_eq!(
        verified(entry.clone(), &Documents::default()).layer,
        Layer::Digest,
        "unsigned, whoever controls the catalog chose it"
    );
    assert_eq!(verified(acme.endorse(entry, |_| {}), &acme.documents()).layer.number(), 3);
}

#[test]
fn what_is_not_signed_or_not_whole_is_never_trust() {
    let acme = acme();
    let of = |manifest: Value| {
        let mut entry = entry();
        entry["trustManifests"] = json!([manifest]);
        verdict(entry, &acme.documents())
    };
    let unsigned = json!({ "contributor": "did:web:acme.com", "attestations": [{ "type": "SOC2", "uri": "https://x.example" }] });
    assert_eq!(of(unsigned), Err(Reason::Unsigned));
    let empty = json!({ "contributor": "did:web:acme.com", "attestations": [], "extensions": {} });
    assert_eq!(of(empty), Err(Reason::Empty));
    assert_eq!(of(json!({ "provenance": [{}] })), Err(Reason::Empty));
    assert_eq!(of(json!("did:web:acme.com")), Err(Reason::Malformed("trustManifests")));
    let whole = acme.endorse(entry(), |_| {})["trustManifests"][0].clone();
    for (member, reason) in
        [("signer", "signer"), ("profile", "profile"), ("issuedAt", "issuedAt"), ("jws", "jws")]
    {
        let mut part = whole.clone();
        part["signature"].as_object_mut().expect("a signature").remove(member);
        assert_eq!(of(part), Err(Reason::Malformed(reason)));
    }
    let mut part = whole.clone();
    part.as_object_mut().expect("a manifest").remove("subject");
    assert_eq!(of(part), Err(Reason::Malformed("subject")));
    let mut part = whole;
    part["signature"] = "eyJhbGciOiJFUzI1NiJ9..AAAA".into();
    assert_eq!(of(part), Err(Reason::Malformed("signature")), "an older dialect's form");
}

#[test]
fn numbers_that_readers_disagree_about_cannot_be_signed() {
    let acme = acme();
    let mut entry = acme.endorse(entry(), |manifest| manifest["x"] = json!(9_007_199_254_740_992_u64));
    assert!(verdict(entry.clone(), &acme.documents()).is_ok());
    entry["trustManifests"][0]["x"] = json!(9_007_199_254_740_993_u64);
    assert!(matches!(verdict(entry, &acme.documents()), Err(Reason::Canonical(_))), "the same double");
}

#[test]
fn nobody_drowns_an_entry_in_manifests() {
    let acme = acme();
    let mut entry = acme.endorse(entry(), |_| {});
    let one = entry["trustManifests"][0].clone();
    entry["trustManifests"] = vec![one; 1000].into();
    let outcome = verified(entry, &acme.documents());
    assert_eq!(outcome.manifests.len(), 17);
    assert_eq!(outcome.manifests[16].verdict, Verdict::NotVerified(Reason::TooMany(16)));
}
