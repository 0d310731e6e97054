//! The catalog on disk: compressed lines, the first of which says where in the ledger it stands.
//!
//! Every other line is one version in the form that lists answer and `cardinal import` reads, with `source` beside it.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use registry_core::listing::{Listing, Source, Standing};
use registry_core::store::ledger::Head;
use registry_core::wire::servers::{OFFICIAL, Official};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tracing::{info, warn};

use super::catalog::Catalog;
use super::entry::Entry;

const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
    seq: i64,
    hash: String,
    versions: usize,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    server: &'a RawValue,
    #[serde(rename = "_meta")]
    meta: Map<String, Value>,
    source: Source,
}

fn place(data: &Path) -> PathBuf {
    data.join("catalog.ndjson.zst")
}

/// Writes the catalog beside the old one, then puts it in its place.
pub fn write(data: &Path, catalog: &Catalog) -> std::io::Result<()> {
    let new = data.join("catalog.ndjson.zst.new");
    let mut file = zstd::Encoder::new(BufWriter::new(File::create(&new)?), 3)?;
    let head = catalog.head();
    let header = Header {
        format: FORMAT,
        seq: head.seq,
        hash: head.hash.to_string(),
        versions: catalog.version_count(),
    };
    serde_json::to_writer(&mut file, &header)?;
    for entry in catalog.servers().flat_map(|server| &server.versions) {
        let json = entry.json();
        let body = json.strip_suffix('}').unwrap_or(json);
        write!(file, "\n{body},\"source\":\"{}\"}}", entry.source.as_str())?;
    }
    let mut file = file.finish()?;
    file.flush()?;
    file.get_ref().sync_all()?;
    std::fs::rename(&new, place(data))
}

/// The saved catalog; `None` where there is none, or one that cannot be trusted.
pub fn read(data: &Path) -> Option<Catalog> {
    let path = place(data);
    if !path.exists() {
        return None;
    }
    match try_read(&path) {
        Ok(catalog) => {
            info!(
                versions = catalog.version_count(),
                ledger.seq = catalog.head().seq,
                "Starting from the snapshot"
            );
            Some(catalog)
        }
        Err(problem) => {
            warn!(%problem, "The snapshot cannot be read; everything is read from the database");
            None
        }
    }
}

fn try_read(path: &Path) -> Result<Catalog, Box<dyn std::error::Error + Send + Sync>> {
    let mut lines = BufReader::new(zstd::Decoder::new(File::open(path)?)?).lines();
    let header: Header = serde_json::from_str(&lines.next().ok_or("it is empty")??)?;
    if header.format != FORMAT {
        return Err(format!("it has format {}, this program reads {FORMAT}", header.format).into());
    }
    let mut entries = Vec::with_capacity(header.versions);
    for line in lines {
        entries.push(Entry::new(listing(&line?)?)?);
    }
    if entries.len() != header.versions {
        return Err(format!("it ends after {} of {} versions", entries.len(), header.versions).into());
    }
    Ok(Catalog::of(entries, Head { seq: header.seq, hash: header.hash.parse()? }))
}

fn listing(line: &str) -> Result<Listing, Box<dyn std::error::Error + Send + Sync>> {
    #[derive(Deserialize)]
    struct Identity {
        name: String,
        version: String,
    }
    let Line { server, mut meta, source } = serde_json::from_str(line)?;
    let Identity { name, version } = serde_json::from_str(server.get())?;
    let official: Official =
        serde_json::from_value(meta.shift_remove(OFFICIAL).ok_or("a line has no times")?)?;
    Ok(Listing {
        name: name.parse()?,
        version: version.parse()?,
        document: server.get().into(),
        standing: Standing {
            status: official.status,
            status_changed_at: official.status_changed_at.0,
            status_message: official.status_message,
            published_at: official.published_at.0,
            updated_at: official.updated_at.0,
            is_latest: official.is_latest,
        },
        source,
        extensions: if meta.is_empty() { "".into() } else { serde_json::to_string(&meta)?.into() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_model::catalog::tests::{catalog, entry};

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let old = catalog(vec![entry("a.b/c1", "1.0.0", true), entry("a.b/d1", "2.0.0", true)]);
        write(folder.path(), &old).expect("written");
        let new = read(folder.path()).expect("read");
        assert_eq!((new.head(), new.version_count()), (old.head(), 2));
        let json = |catalog: &Catalog| {
            catalog.servers().map(|s| s.versions[0].json().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(json(&new), json(&old));
    }

    #[test]
    fn a_cut_file_is_not_trusted() {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &catalog(vec![entry("a.b/c1", "1.0.0", true)])).expect("written");
        let bytes = std::fs::read(place(folder.path())).expect("there");
        std::fs::write(place(folder.path()), &bytes[..bytes.len() - 3]).expect("cut");
        assert!(read(folder.path()).is_none());
        assert!(read(&folder.path().join("nowhere")).is_none());
    }
}
