//! The catalog: every version of every server in memory, in (name, version) byte order.
//!
//! A catalog never changes; a change makes the next one, which shares all it did not touch. Readers hold the one they began
//! with, so nothing ever waits for them.

use std::ops::Bound;
use std::sync::{Arc, OnceLock};

use imbl::{HashMap, OrdMap, OrdSet};
use registry_core::card::site::site;
use registry_core::digest::Digest;
use registry_core::name::ServerName;
use registry_core::store::ledger::Head;

use super::entry::{Entry, Needle, fold};
use crate::search::schema::id;

/// A server's versions, in byte order of the version text.
#[derive(Debug)]
pub struct Server {
    /// Its name.
    pub name: ServerName,
    /// Its versions; never empty.
    pub versions: Vec<Arc<Entry>>,
    folded_name: Box<str>,
}

impl Server {
    fn new(name: ServerName, mut versions: Vec<Arc<Entry>>) -> Self {
        versions.sort_by(|a, b| a.version.cmp(&b.version));
        Self { folded_name: fold(name.as_str()).into(), name, versions }
    }

    /// The version with the latest flag.
    pub fn latest(&self) -> Option<&Arc<Entry>> {
        self.versions.iter().find(|v| v.standing.is_latest)
    }

    /// The version that the public sees first: the latest, and where that is deleted, the highest that is not.
    pub fn visible(&self) -> Option<&Arc<Entry>> {
        let not_deleted = |v: &&Arc<Entry>| !v.is_deleted();
        self.latest().filter(not_deleted).or_else(|| self.versions.iter().rev().find(not_deleted))
    }

    /// The version of this text.
    pub fn version(&self, version: &str) -> Option<&Arc<Entry>> {
        self.versions.iter().find(|v| v.version.as_str() == version)
    }

    /// All versions, newest publication first (contract 1.7).
    pub fn newest_first(&self, include_deleted: bool) -> Vec<Arc<Entry>> {
        let mut versions: Vec<_> =
            self.versions.iter().filter(|v| include_deleted || !v.is_deleted()).cloned().collect();
        versions.sort_by_key(|v| std::cmp::Reverse(v.standing.published_at));
        versions
    }

    /// Whether the name contains a text.
    pub fn is_called(&self, text: &Needle<'_>) -> bool {
        text.is_in(&self.folded_name)
    }

    /// The namespace, as it is written.
    pub fn namespace(&self) -> &str {
        self.name.as_str().split('/').next().unwrap_or_default()
    }

    /// The registrable domains to which it belongs, by its name and by where it runs.
    fn sites(&self) -> Vec<Box<str>> {
        let Some(shown) = self.visible() else { return Vec::new() };
        let own = self.name.namespace().host();
        let hosts = std::iter::once(own.as_str()).chain(shown.hosts());
        let mut sites: Vec<Box<str>> = hosts.map(|host| site(host).unwrap_or(host).into()).collect();
        sites.sort_unstable();
        sites.dedup();
        sites
    }

    /// The name, folded.
    pub fn folded_name(&self) -> &str {
        &self.folded_name
    }
}

/// Everything the public may read, at one point of the ledger.
#[derive(Debug, Clone)]
pub struct Catalog {
    servers: OrdMap<ServerName, Arc<Server>>,
    /// Registrable domains, and the names of the servers that belong to them.
    sites: OrdSet<(Box<str>, Box<str>)>,
    /// Servers by the number that the search index knows them by.
    by_id: HashMap<u64, Arc<Server>>,
    /// When anything last changed, in seconds.
    newest: i64,
    versions: usize,
    head: Head,
    overview: OnceLock<Overview>,
    shelves: OnceLock<Vec<ServerName>>,
    names: OnceLock<Names>,
}

/// All names one after the other, folded, so that a part of one is found at the speed of memory.
#[derive(Debug, Clone, Default)]
struct Names {
    /// A line each: no name has a line break.
    text: String,
    /// Where each line begins, and whose it is.
    lines: Vec<(usize, Arc<Server>)>,
}

/// What the first page says of all servers together.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How many namespaces there are.
    pub namespaces: usize,
    /// What changed last and is visible, newest first.
    pub recent: Vec<Arc<Entry>>,
}

/// How many servers one catalog of them is meant to have.
const SHELF: usize = 1_000;

/// How many servers an overview shows.
const RECENT: usize = 12;

impl Default for Catalog {
    fn default() -> Self {
        let head = Head { seq: 0, hash: Digest::ZERO };
        Self {
            servers: OrdMap::new(),
            sites: OrdSet::new(),
            by_id: HashMap::new(),
            newest: 0,
            versions: 0,
            head,
            overview: OnceLock::new(),
            shelves: OnceLock::new(),
            names: OnceLock::new(),
        }
    }
}

impl Catalog {
    /// The catalog of these entries, which come in name order.
    pub fn of(entries: impl IntoIterator<Item = Entry>, head: Head) -> Self {
        let mut catalog = Self { head, ..Self::default() };
        let mut together: Vec<Arc<Entry>> = Vec::new();
        for entry in entries {
            if together.last().is_some_and(|last| last.name != entry.name) {
                catalog.put(std::mem::take(&mut together));
            }
            together.push(Arc::new(entry));
        }
        catalog.put(together);
        catalog
    }

    /// The next catalog: these names have just these entries now.
    pub fn with(&self, names: &[ServerName], entries: Vec<Entry>, head: Head) -> Self {
        let mut next = self.clone();
        next.head = head;
        (next.overview, next.shelves, next.names) = Default::default();
        for name in names {
            if let Some(gone) = next.servers.remove(name) {
                next.versions -= gone.versions.len();
                next.by_id.remove(&id(name.as_str()));
                for site in gone.sites() {
                    next.sites.remove(&(site, name.as_str().into()));
                }
            }
        }
        let mut by_name = std::collections::BTreeMap::<ServerName, Vec<Arc<Entry>>>::new();
        for entry in entries {
            by_name.entry(entry.name.clone()).or_default().push(Arc::new(entry));
        }
        by_name.into_values().for_each(|entries| next.put(entries));
        next
    }

    fn put(&mut self, entries: Vec<Arc<Entry>>) {
        let Some(first) = entries.first() else { return };
        let name = first.name.clone();
        self.versions += entries.len();
        let changed = entries.iter().map(|entry| entry.standing.updated_at.timestamp()).max();
        self.newest = self.newest.max(changed.unwrap_or_default());
        let server = Arc::new(Server::new(name.clone(), entries));
        self.sites.extend(server.sites().into_iter().map(|site| (site, name.as_str().into())));
        self.by_id.insert(id(name.as_str()), server.clone());
        self.servers.insert(name, server);
    }

    /// Where in the ledger it stands.
    pub fn head(&self) -> Head {
        self.head
    }

    /// One server.
    pub fn server(&self, name: &str) -> Option<&Arc<Server>> {
        self.servers.get(name)
    }

    /// The server of this number ([`id`]).
    pub fn by_id(&self, id: u64) -> Option<&Arc<Server>> {
        self.by_id.get(&id)
    }

    /// When anything last changed, in seconds since 1970.
    pub fn newest(&self) -> i64 {
        self.newest
    }

    /// All servers in name order, from `from` on.
    pub fn servers_from<'a>(&'a self, from: Bound<&'a str>) -> impl Iterator<Item = &'a Arc<Server>> {
        self.servers.range::<_, str>((from, Bound::Unbounded)).map(|(_, server)| server)
    }

    /// All servers in name order.
    pub fn servers(&self) -> impl Iterator<Item = &Arc<Server>> {
        self.servers.values()
    }

    /// The servers that belong to the registrable domain of `host`, in name order, after the name `after`.
    pub fn servers_of_site(&self, host: &str, after: &str) -> impl Iterator<Item = &Arc<Server>> {
        let site: Box<str> = site(host).unwrap_or(host).into();
        let after = (Bound::Excluded((site.clone(), after.into())), Bound::Unbounded);
        let names = self.sites.range(after).take_while(move |(of, _)| *of == site);
        names.filter_map(|(_, name)| self.server(name))
    }

    /// Where to divide the servers with remotes into catalogs: the first name of each; worked out once for each catalog.
    pub fn shelves(&self) -> &[ServerName] {
        self.shelves.get_or_init(|| {
            let listed =
                self.servers().filter(|server| server.visible().is_some_and(|shown| shown.has_remotes()));
            listed.step_by(SHELF).map(|server| server.name.clone()).collect()
        })
    }

    /// All servers together; worked out once for each catalog.
    pub fn overview(&self) -> &Overview {
        self.overview.get_or_init(|| {
            let mut namespaces: Vec<&str> = self.servers().map(|server| server.namespace()).collect();
            // Names come in order, so those of one namespace stand together but for letters below the slash.
            namespaces.sort_unstable();
            namespaces.dedup();
            let mut recent: Vec<_> = self.servers().filter_map(|server| server.visible()).collect();
            let newest_first = |a: &&Arc<Entry>, b: &&Arc<Entry>| {
                b.standing.updated_at.cmp(&a.standing.updated_at).then_with(|| a.name.cmp(&b.name))
            };
            if recent.len() > RECENT {
                recent.select_nth_unstable_by(RECENT, newest_first);
                recent.truncate(RECENT);
            }
            recent.sort_by(newest_first);
            Overview { namespaces: namespaces.len(), recent: recent.into_iter().cloned().collect() }
        })
    }

    /// The servers whose name contains a folded text, in name order.
    pub fn called(&self, text: &str) -> impl Iterator<Item = &Arc<Server>> {
        let names = self.names.get_or_init(|| {
            let mut names = Names::default();
            for server in self.servers() {
                names.lines.push((names.text.len(), server.clone()));
                names.text.push_str(&server.folded_name);
                names.text.push('\n');
            }
            names
        });
        let mut last = None;
        // A text of two lines would be found across two names.
        let text = if text.contains('\n') { "\0" } else { text };
        let finder = memchr::memmem::Finder::new(text).into_owned();
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = from + finder.find(names.text.as_bytes().get(from..)?)?;
            from = at + 1;
            Some(at)
        })
        .filter_map(move |at| {
            let line = names.lines.partition_point(|(begin, _)| *begin <= at).checked_sub(1)?;
            (last.replace(line) != Some(line)).then(|| &names.lines[line].1)
        })
    }

    /// How many servers.
    pub fn server_count(&self) -> usize {
        self.servers.len()
    }

    /// How many versions.
    pub fn version_count(&self) -> usize {
        self.versions
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use registry_core::listing::{Listing, Source, Standing, Status};

    pub(crate) fn entry(name: &str, version: &str, is_latest: bool) -> Entry {
        described(name, version, is_latest, "A server")
    }

    pub(crate) fn described(name: &str, version: &str, is_latest: bool, description: &str) -> Entry {
        let document = serde_json::json!({"name": name, "description": description, "version": version});
        let standing =
            Standing { is_latest, ..Standing::published("2026-01-01T00:00:00Z".parse().expect("a time")) };
        Entry::new(Listing {
            name: name.parse().expect("a name"),
            version: version.parse().expect("a version"),
            document: document.to_string().into(),
            standing,
            source: Source::Synced,
            extensions: "".into(),
        })
        .expect("it parses")
    }

    /// A listing of this document, whose name and version are filled in.
    pub(crate) fn listed(
        name: &str,
        document: &serde_json::Value,
        extensions: &serde_json::Value,
    ) -> Listing {
        let mut document = document.clone();
        document["name"] = name.into();
        document["version"] = "1.0.0".into();
        if document.get("description").is_none() {
            document["description"] = "A server".into();
        }
        let extensions = if extensions.as_object().is_none_or(serde_json::Map::is_empty) {
            String::new()
        } else {
            extensions.to_string()
        };
        Listing {
            name: name.parse().expect("a name"),
            version: "1.0.0".parse().expect("a version"),
            document: document.to_string().into(),
            standing: Standing::published("2026-01-01T00:00:00Z".parse().expect("a time")),
            source: Source::Synced,
            extensions: extensions.into(),
        }
    }

    pub(crate) fn catalog(entries: Vec<Entry>) -> Catalog {
        Catalog::of(entries, Head { seq: 1, hash: Digest::ZERO })
    }

    #[test]
    fn a_change_replaces_whole_servers_and_keeps_count() {
        let old = catalog(vec![entry("a.b/c1", "1.0.0", true), entry("a.b/d1", "1.0.0", true)]);
        let name = "a.b/c1".parse().expect("a name");
        let head = Head { seq: 2, hash: Digest::ZERO };
        let new =
            old.with(&[name], vec![entry("a.b/c1", "1.0.0", false), entry("a.b/c1", "2.0.0", true)], head);
        assert_eq!((old.version_count(), new.version_count(), new.server_count()), (2, 3, 2));
        let latest = new.server("a.b/c1").and_then(|s| s.latest().map(|v| v.version.to_string()));
        assert_eq!(latest.as_deref(), Some("2.0.0"));
    }

    #[test]
    fn a_part_of_a_name_finds_each_server_once() {
        let catalog = catalog(vec![entry("a.b/Mail-mail", "1.0.0", true), entry("a.b/other", "1.0.0", true)]);
        let called =
            |text: &str| catalog.called(text).map(|server| server.name.to_string()).collect::<Vec<_>>();
        assert_eq!(called("mail"), ["a.b/Mail-mail"]);
        assert_eq!(called("a.b/").len(), 2);
        assert!(called("mail\na.b").is_empty() && called("nothing").is_empty());
        let next = catalog.with(&["a.b/other".parse().expect("a name")], Vec::new(), catalog.head());
        assert!(next.called("other").next().is_none(), "the next catalog has its own");
    }

    #[test]
    fn a_deleted_latest_version_is_not_visible() {
        let mut gone = entry("a.b/c1", "1.0.0", true);
        gone.standing.status = Status::Deleted;
        let catalog = catalog(vec![gone]);
        let server = catalog.server("a.b/c1").expect("it is there");
        assert!(server.latest().is_some() && server.visible().is_none());
        assert!(server.newest_first(false).is_empty());
    }
}
