//! Catalogs, manifests and lists: every entry is a card, an address to ask, or a reason; nothing in them is trusted unseen.
#![no_main]

use crawler::discover::Found;
use libfuzzer_sys::fuzz_target;
use registry_core::trust::{self, Artifact, Catalog, Documents};

fuzz_target!(|body: &[u8]| {
    let found = cardinal_fuzz::read(body);
    let Ok(catalog) = Catalog::read(body) else { return };
    let now = "2026-11-25T12:00:00Z".parse().expect("a time");
    for found in found {
        let pointer = match &found {
            Found::Card(card) => card.pointer.trim_end_matches("/data"),
            Found::Follow(follow) => follow.pointer.as_str(),
            Found::Endpoint { pointer, .. } | Found::Skipped { pointer, .. } => pointer.as_str(),
        };
        let outcome = trust::verify(&catalog, pointer, &Artifact::of(body), &Documents::default(), now);
        assert!(
            outcome.manifests.iter().all(|manifest| manifest.verified().is_none()),
            "verified without a key"
        );
    }
    let snapshot = trust::verify_snapshot(&catalog, "", &Documents::default(), now);
    assert!(snapshot.iter().all(|manifest| manifest.verified().is_none()), "verified without a key");
});
