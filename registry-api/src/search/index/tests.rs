use super::*;
use crate::read_model::catalog::tests::{catalog, described};
use crate::search::find::shown;

/// A catalog of these servers with these descriptions, and its index.
pub(crate) fn indexed(servers: &[(&str, &str)]) -> (Catalog, Indexer, tempfile::TempDir) {
    let mut entries: Vec<_> =
        servers.iter().map(|(name, text)| described(name, "1.0.0", true, text)).collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let catalog = catalog(entries);
    let folder = tempfile::tempdir().expect("a folder");
    let mut indexer = Indexer::open(folder.path()).expect("it opens");
    indexer.rebuild(&catalog);
    (catalog, indexer, folder)
}

/// The names that a text finds, best first.
pub(crate) fn found(indexer: &Indexer, catalog: &Catalog, text: &str) -> Vec<String> {
    let order = indexer.search().find(catalog, &Request { text: text.to_owned(), ..Request::default() });
    order.hits.iter().filter_map(|hit| Some(shown(catalog, hit.id)?.0.name.to_string())).collect()
}

const SAMPLE: [(&str, &str); 2] = [
    ("com.example/mail", "Sends a message to a team channel"),
    ("com.example/weather", "Forecasts for mail carriers"),
];

#[test]
fn damaged_files_are_noticed_at_the_start_and_while_searching() {
    let (catalog, indexer, folder) = indexed(&SAMPLE);
    drop(indexer);
    let files = |ending: &str| {
        let inside =
            std::fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").path());
        inside.filter(|path| path.extension().is_some_and(|e| e == ending)).collect::<Vec<_>>()
    };
    for ending in ["idx", "term", "fast", "pos"] {
        for path in files(ending) {
            let mut bytes = std::fs::read(&path).expect("bytes");
            let end = bytes.len().saturating_sub(180).max(1);
            bytes[..end].fill(0xA5);
            std::fs::write(&path, bytes).expect("written");
        }
        let mut indexer = Indexer::open(folder.path()).expect("it opens");
        assert_eq!(indexer.head(), None, "{ending}: what is damaged is thrown away");
        indexer.rebuild(&catalog);
        assert_eq!(found(&indexer, &catalog, "forecasts"), ["com.example/weather"], "{ending}");
    }
}

#[test]
fn what_cannot_be_read_is_built_anew_once() {
    let (catalog, mut indexer, _folder) = indexed(&SAMPLE);
    let search = indexer.search();
    let panics = || -> tantivy::Result<Vec<u8>> { panic!("a damaged block") };
    assert_eq!(search.read(panics), None);
    let before = indexer.index.load_metas().expect("metas").segments;
    indexer.mend(&catalog);
    let after = indexer.index.load_metas().expect("metas").segments;
    assert_ne!(before.len() + after.len(), 0);
    assert!(before.iter().all(|old| after.iter().all(|new| new.id() != old.id())), "all is new");
    assert_eq!(found(&indexer, &catalog, "forecasts"), ["com.example/weather"]);
    assert_eq!(search.read(panics), None);
    indexer.mend(&catalog);
    let again = indexer.index.load_metas().expect("metas").segments;
    assert_eq!(again.len(), after.len());
    assert!(again.iter().all(|new| after.iter().any(|old| new.id() == old.id())), "not again at once");
}

#[test]
fn an_update_replaces_and_removes() {
    let (catalog_before, mut indexer, _folder) = indexed(&SAMPLE);
    assert_eq!(found(&indexer, &catalog_before, "forecasts"), ["com.example/weather"]);
    let names = ["com.example/mail", "com.example/weather"].map(|n| n.parse().expect("a name"));
    let next = catalog(vec![described("com.example/mail", "2.0.0", true, "Now delivers parcels")]);
    indexer.update(&next, &names);
    assert_eq!(found(&indexer, &next, "parcels"), ["com.example/mail"]);
    assert!(found(&indexer, &next, "forecasts").is_empty() && found(&indexer, &next, "channel").is_empty());
    assert_eq!(indexer.head(), Some(next.head()));
}

#[test]
fn what_is_no_index_is_built_anew() {
    for odd in ["no json", r#"{"segments":[],"schema":[],"opstamp":0}"#] {
        let (catalog, indexer, folder) = indexed(&SAMPLE);
        drop(indexer);
        std::fs::write(folder.path().join("meta.json"), odd).expect("written");
        let mut indexer = Indexer::open(folder.path()).expect("it opens");
        assert_eq!(indexer.head(), None, "{odd}");
        indexer.rebuild(&catalog);
        assert_eq!(found(&indexer, &catalog, "weather").len(), 1);
    }
}

#[test]
fn an_index_stays_as_it_was_when_it_is_opened_again() {
    let (catalog, indexer, folder) = indexed(&SAMPLE);
    drop(indexer);
    let indexer = Indexer::open(folder.path()).expect("it opens");
    assert_eq!(indexer.head(), Some(catalog.head()));
    assert_eq!(found(&indexer, &catalog, "forecast"), ["com.example/weather"]);
}

#[test]
fn a_folder_that_is_deleted_meanwhile_is_made_again() {
    let (catalog, mut indexer, folder) = indexed(&SAMPLE);
    let searches = indexer.search();
    std::fs::remove_dir_all(folder.path()).expect("removed");
    let order = searches.find(&catalog, &Request { text: "mail".to_owned(), ..Request::default() });
    assert_eq!(order.hits.len(), 2, "searches go on");
    indexer.update(&catalog, &["com.example/mail".parse().expect("a name")]);
    assert_eq!(found(&indexer, &catalog, "mail").len(), 2);
    assert_eq!(indexer.in_memory_since, None);
    assert!(folder.path().join("meta.json").is_file(), "and it is on disk again");
}

#[test]
fn a_folder_that_another_process_writes_is_left_to_it() {
    let (catalog, mut first, folder) = indexed(&SAMPLE);
    first.update(&catalog, &[]);
    let mut second = Indexer::open(folder.path()).expect("it opens");
    second.update(&catalog, &["com.example/mail".parse().expect("a name")]);
    assert!(second.in_memory_since.is_some(), "it keeps its own in memory");
    second.in_memory_since = Instant::now().checked_sub(RETRY);
    second.update(&catalog, &[]);
    for indexer in [&first, &second] {
        assert_eq!(found(indexer, &catalog, "weather"), ["com.example/weather"]);
    }
    drop(first);
    second.in_memory_since = Instant::now().checked_sub(RETRY);
    second.update(&catalog, &[]);
    assert_eq!(second.in_memory_since, None, "and takes the folder once it is free");
}

#[test]
fn without_a_folder_the_index_lives_in_memory_until_there_is_one() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("index");
    std::fs::write(&folder, "a file stands in the way").expect("written");
    let (catalog, ..) = indexed(&SAMPLE);
    let mut indexer = Indexer::open(&folder).expect("it opens");
    indexer.rebuild(&catalog);
    assert_eq!(found(&indexer, &catalog, "weather").len(), 1);
    std::fs::remove_file(&folder).expect("removed");
    indexer.in_memory_since = Instant::now().checked_sub(RETRY);
    indexer.update(&catalog, &[]);
    assert_eq!(indexer.in_memory_since, None);
    assert_eq!(found(&indexer, &catalog, "weather").len(), 1);
    assert!(folder.join("meta.json").is_file());
}
