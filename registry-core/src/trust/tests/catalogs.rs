//! Signatures over whole catalogs, and catalogs that cannot be checked.

use super::*;

fn signed(signer: &Signer, change: impl FnOnce(&mut Value)) -> Value {
    let mut catalog = json!({
        "specVersion": "1.0", "host": { "displayName": "Acme", "identifier": "did:web:acme.com" }, "entries": [entry()],
        "signature": signer.signature(),
    });
    change(&mut catalog);
    signer.sign(&mut catalog, &signer.header("ai-catalog+jws"));
    catalog
}

fn snapshot(catalog: &Value, documents: &Documents) -> Result<Verified, Reason> {
    let catalog = Catalog::read(catalog.to_string().as_bytes()).expect("a catalog");
    match verify_snapshot(&catalog, "", documents, now()).remove(0).verdict {
        Verdict::Verified(verified) => Ok(verified),
        Verdict::NotVerified(reason) => Err(reason),
    }
}

#[test]
fn an_operator_stands_by_the_catalog_as_it_is() {
    let acme = Signer::of("acme.com");
    let mut catalog = signed(&acme, |_| {});
    let read = Catalog::read(catalog.to_string().as_bytes()).expect("a catalog");
    assert_eq!(plan_snapshot(&read, "", now()).len(), 1);
    let verified = snapshot(&catalog, &acme.documents()).expect("verified");
    assert!(verified.is_operator && !verified.publisher_authority && !verified.is_publishers_word());
    assert!(
        verified
            .how()
            .starts_with("the catalog's operator `did:web:acme.com` has signed the catalog that lists it")
    );
    catalog["additionalSignatures"] = json!([{}]);
    assert!(snapshot(&catalog, &acme.documents()).is_ok(), "reserved");
    catalog["entries"][0]["extensions"] = json!({});
    assert_eq!(snapshot(&catalog, &acme.documents()), Err(Reason::Signature));
}

#[test]
fn the_operator_is_whom_the_catalog_names() {
    let other = Signer::of("other.com");
    for host in [
        json!({ "displayName": "Acme", "identifier": "did:web:acme.com" }),
        json!({ "displayName": "Acme" }),
        Value::Null,
    ] {
        let verified = snapshot(&signed(&other, |catalog| catalog["host"] = host), &other.documents())
            .expect("verified");
        assert!(!verified.is_operator);
        assert!(verified.how().starts_with("`did:web:other.com`, a third party, has signed the catalog"));
    }
}

#[test]
fn a_signature_of_a_manifest_is_none_of_a_catalog() {
    let acme = Signer::of("acme.com");
    let mut catalog = signed(&acme, |_| {});
    acme.sign(&mut catalog, &acme.header("ai-catalog-trust-manifest+jws"));
    assert!(matches!(snapshot(&catalog, &acme.documents()), Err(Reason::Typ { .. })));
    let mut entry = acme.endorse(entry(), |_| {});
    acme.sign(&mut entry["trustManifests"][0], &acme.header("ai-catalog+jws"));
    assert!(matches!(verdict(entry, &acme.documents()), Err(Reason::Typ { .. })));
}

#[test]
fn a_catalog_inside_another_signs_for_itself() {
    let acme = Signer::of("acme.com");
    let inner = signed(&acme, |catalog| catalog["entries"] = json!([acme.endorse(entry(), |_| {})]));
    let outer = json!({ "specVersion": "1.0", "entries": [{ "identifier": "x", "type": "application/ai-catalog+json", "data": inner }] });
    let catalog = Catalog::read(outer.to_string().as_bytes()).expect("a catalog");
    assert_eq!(verify_snapshot(&catalog, "", &acme.documents(), now()), []);
    assert!(verify_snapshot(&catalog, "/entries/0/data", &acme.documents(), now())[0].verified().is_some());
    let outcome =
        verify(&catalog, "/entries/0/data/entries/0", &Artifact::of(CARD), &acme.documents(), now());
    assert_eq!(outcome.layer, Layer::Signed);
}

#[test]
fn a_catalog_that_can_be_read_in_two_ways_has_no_signatures() {
    let acme = Signer::of("acme.com");
    let text = json!({ "entries": [acme.endorse(entry(), |_| {})] }).to_string();
    assert!(Catalog::read(text.as_bytes()).is_ok());
    let twice = text.replacen(r#""url":"#, r#""url":"https://evil.org/card","url":"#, 1);
    let error = Catalog::read(twice.as_bytes()).expect_err("ambiguous").to_string();
    assert!(error.contains("the member `url` stands twice"), "{error}");
}

#[test]
fn what_is_not_there_has_no_trust() {
    let catalog = catalog_of(entry());
    let nothing = Outcome { layer: Layer::Transport, digest: None, manifests: Vec::new() };
    for pointer in ["/entries/1", "/entries/0/digest", "entries", "/entries/-1"] {
        assert_eq!(
            verify(&catalog, pointer, &Artifact::of(CARD), &Documents::default(), now()),
            nothing,
            "{pointer}"
        );
    }
    let plain = verified(entry(), &Documents::default());
    assert_eq!((plain.layer.number(), plain.manifests.len()), (1, 0), "its digest matches, and that is all");
    let mut odd = entry();
    odd["digest"] = json!({ "sha256": "x" });
    assert_eq!(verified(odd, &Documents::default()).digest, Some(Reason::Malformed("digest")));
}
