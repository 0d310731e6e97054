//! One server for people: what it is, who vouches for it, how to run it, which versions there are.

use owo_colors::OwoColorize;
use registry_core::evidence::{Evidence, Level};
use registry_core::run_command::run_command;
use registry_core::server_json::{Input, KeyValueInput, Package, Remote};

use crate::listing::{Listing, level_word};
use crate::output::printable;

/// How many versions are named.
const VERSIONS: usize = 12;

/// The card of a version, with the other versions of its server, newest first.
pub(crate) fn card(shown: &Listing, all: &[Listing]) -> String {
    let mut card = Card::default();
    card.head(shown);
    card.facts(shown);
    card.evidence(shown);
    if !shown.server.packages.is_empty() {
        card.title("Run it");
        shown.server.packages.iter().for_each(|package| card.package(package));
    }
    if !shown.server.remotes.is_empty() {
        card.title("Connect to it");
        shown.server.remotes.iter().for_each(|remote| card.remote(remote));
    }
    card.versions(all);
    card.lines.join("\n")
}

#[derive(Default)]
struct Card {
    lines: Vec<String>,
}

impl Card {
    fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    fn title(&mut self, title: &str) {
        self.line(String::new());
        self.line(title.bold().to_string());
    }

    fn fact(&mut self, label: &str, value: &str) {
        let value = printable(value);
        if !value.is_empty() {
            self.line(format!("{} {value}", format!("{label:<11}").dimmed()));
        }
    }

    fn head(&mut self, shown: &Listing) {
        let server = &shown.server;
        self.line(format!("{} {}", printable(&server.name).bold(), printable(&server.version)));
        self.line(printable(&shown.says()));
        self.line(String::new());
    }

    fn facts(&mut self, shown: &Listing) {
        let latest = if shown.is_latest { "latest version" } else { "" };
        let status = [shown.status.as_str(), latest, &shown.status_message];
        let status = status.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        self.fact("Status", &status);
        if let Some(at) = shown.published_at {
            self.fact("Published", &at.0.format("%-d %b %Y").to_string());
        }
        self.fact("Website", &shown.server.website_url);
        if let Some(repository) = &shown.server.repository {
            let folder = match repository.subfolder.as_str() {
                "" => String::new(),
                folder => format!(" (in {folder})"),
            };
            self.fact("Repository", &format!("{}{folder}", repository.url));
        }
    }

    fn evidence(&mut self, shown: &Listing) {
        let Some(level) = shown.level else { return };
        self.title("Who stands behind it");
        self.line(format!(
            "  {} ({} of {}): {}",
            level_word(level),
            level.number(),
            Level::Registry.number(),
            meaning(level)
        ));
        for item in &shown.evidence {
            self.line(format!("  - {}", proof(item)));
        }
    }

    fn package(&mut self, package: &Package) {
        let version = match package.version.as_str() {
            "" => String::new(),
            version => format!(" {version}"),
        };
        let what = format!("{}{version}", package.identifier);
        self.line(format!("  {} {}", printable(&package.registry_type).dimmed(), printable(&what)));
        if let Some(command) = run_command(package) {
            self.line(format!("    {}", command.line.cyan()));
        }
        self.inputs("environment", &package.environment_variables);
    }

    fn remote(&mut self, remote: &Remote) {
        self.line(format!("  {} {}", printable(&remote.kind).dimmed(), printable(&remote.url)));
        self.inputs("header", &remote.headers);
    }

    fn inputs(&mut self, kind: &str, inputs: &[KeyValueInput]) {
        for keyed in inputs.iter().filter(|keyed| !keyed.name.is_empty()) {
            let traits = traits(&keyed.input);
            let says = match printable(&keyed.input.description).as_str() {
                "" => String::new(),
                says => format!(": {says}"),
            };
            self.line(format!("    {kind} {}{traits}{says}", printable(&keyed.name)));
        }
    }

    fn versions(&mut self, all: &[Listing]) {
        if all.is_empty() {
            return;
        }
        self.title("Versions");
        let mut named: Vec<String> = all.iter().take(VERSIONS).map(version).collect();
        if all.len() > VERSIONS {
            named.push(format!("and {} more", all.len() - VERSIONS));
        }
        self.line(format!("  {}", named.join(", ")));
    }
}

fn traits(input: &Input) -> String {
    let traits = [(input.is_required, "required"), (input.is_secret, "secret")];
    let traits: Vec<_> = traits.into_iter().filter(|(holds, _)| *holds).map(|(_, word)| word).collect();
    if traits.is_empty() { String::new() } else { format!(" ({})", traits.join(", ")) }
}

fn version(listing: &Listing) -> String {
    let version = printable(&listing.server.version);
    let latest = if listing.is_latest { "latest" } else { "" };
    let status = if listing.is_offered() { "" } else { listing.status.as_str() };
    match [latest, status].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>() {
        words if words.is_empty() => version,
        words => format!("{version} ({})", printable(&words.join(", "))),
    }
}

fn proof(item: &Evidence) -> String {
    let until = match item.until {
        Some(until) => format!(", good until {}", until.format("%-d %b %Y")),
        None => String::new(),
    };
    let how = printable(item.how.trim_end_matches('.'));
    format!(
        "{}: {how} ({}, {}{until})",
        printable(&item.what),
        printable(&item.by),
        item.at.format("%-d %b %Y")
    )
}

fn meaning(level: Level) -> &'static str {
    match level {
        Level::Claimed => "only the document itself says whose server this is",
        Level::SameSite => "its description was found on the site that the namespace names",
        Level::HostBound => "its description comes from a host that may speak for the namespace",
        Level::EndpointBound => "its description and all its addresses belong to the namespace's domain",
        Level::Registry => "the official registry or a verified signature says the same as its own host",
    }
}
