//! Signed catalogs: whatever is done to one, what is verified is what was signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use registry_core::trust::{self, Artifact, Binding, Catalog, Documents};
use serde_json::Value;
use url::Url;

const DID: &[u8] = include_bytes!("../src/did.json");
const CARD: &[u8] = include_bytes!("../src/card.json");
const SIGNED: &[u8] = include_bytes!("../seeds/trust/signed.json");

fuzz_target!(|body: &[u8]| {
    let Ok(catalog) = Catalog::read(body) else { return };
    let mut documents = Documents::default();
    documents.insert(Url::parse("https://acme.com/.well-known/did.json").expect("an address"), Ok(DID));
    let now = "2026-11-25T12:00:00Z".parse().expect("a time");
    let outcome = trust::verify(&catalog, "/entries/0", &Artifact::of(CARD), &documents, now);
    for manifest in &outcome.manifests {
        let Some(verified) = manifest.verified() else { continue };
        assert_eq!((verified.by.as_str(), verified.binding), ("did:web:acme.com", Binding::Bytes));
        assert!(verified.publisher_authority);
        assert_eq!(
            subject(body, &manifest.pointer),
            subject(SIGNED, "/trustManifests/0"),
            "signed something else"
        );
        assert_eq!(release(body), release(SIGNED), "the entry is another one");
    }
    for manifest in trust::verify_snapshot(&catalog, "", &documents, now) {
        if let Some(verified) = manifest.verified() {
            assert!(verified.is_operator && !verified.publisher_authority);
            let mut whole: Value = serde_json::from_slice(body).expect("it was read");
            let mut signed: Value = serde_json::from_slice(SIGNED).expect("JSON");
            for catalog in [&mut whole, &mut signed] {
                catalog.as_object_mut().expect("a catalog").remove("additionalSignatures");
                catalog["signature"].as_object_mut().expect("a signature").remove("jws");
            }
            assert_eq!(whole, signed, "another catalog");
        }
    }
});

/// Everything that a manifest says, without its signature's bytes.
fn subject(body: &[u8], pointer: &str) -> Value {
    let catalog: Value = serde_json::from_slice(body).expect("it was read");
    let mut manifest = catalog.pointer(&format!("/entries/0{pointer}")).expect("it was verified").clone();
    manifest["signature"].as_object_mut().expect("a signature").remove("jws");
    manifest.as_object_mut().expect("a manifest").remove("additionalSignatures");
    manifest
}

/// What a signature binds of an entry.
fn release(body: &[u8]) -> Vec<Option<Value>> {
    let catalog: Value = serde_json::from_slice(body).expect("it was read");
    ["identifier", "type", "version", "digest", "url"]
        .map(|member| catalog["entries"][0].get(member).cloned())
        .to_vec()
}
