//! What is searched for: made of the entries themselves, many and each another one, so that nothing remembered answers.

use std::io::BufRead;
use std::path::Path;

use serde_json::Value;

pub(crate) const SEARCH: &str = "/v0.1/x/org.cardinal-registry/search";
const SUGGEST: &str = "/v0.1/x/org.cardinal-registry/suggest";

/// How many queries of each kind there are.
const EACH: usize = 1_000;

/// Paths to ask for, by kind.
pub(crate) struct Queries {
    kinds: Vec<(&'static str, Vec<String>)>,
    mixed: Vec<String>,
}

/// What a query is made of.
struct Source {
    name: String,
    words: Vec<String>,
}

impl Queries {
    /// Made of every so many entry of a file.
    pub(crate) fn of(entries: &Path) -> Self {
        let kinds = kinds(&sources(entries, 0));
        // Others than those that are asked one by one: what was asked before is remembered.
        let others = kinds_of_searches(&sources(entries, 29));
        let mixed = (0..EACH)
            .flat_map(|n| others.iter().filter_map(move |(_, paths)| paths.get(n).cloned()))
            .collect();
        Self { kinds, mixed }
    }

    /// The kinds, in the order in which they are measured.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (&'static str, &[String])> {
        self.kinds.iter().map(|(kind, paths)| (*kind, paths.as_slice()))
    }

    /// Those that search without facets, all kinds by turns.
    pub(crate) fn mixed(&self) -> &[String] {
        &self.mixed
    }
}

type Kind = (&'static str, Vec<String>);

/// Searches by words, of each kind.
fn kinds_of_searches(sources: &[Source]) -> Vec<Kind> {
    let of = |make: &dyn Fn(usize, &Source) -> String| -> Vec<String> {
        sources.iter().enumerate().map(|(n, source)| search(&make(n, source))).collect()
    };
    vec![
        ("exact", of(&|_, source| source.name.clone())),
        ("partial", of(&|_, source| source.name.rsplit('/').next().unwrap_or_default().to_owned())),
        (
            "vendor",
            of(&|n, source| format!("{} {}", source.word(0), if n % 2 == 0 { "mcp" } else { "server" })),
        ),
        ("intent", of(&|_, source| source.words.iter().take(4).cloned().collect::<Vec<_>>().join(" "))),
        ("typo", of(&|n, source| misspelled(&source.words, n))),
        ("prefix", of(&|n, source| source.word(n % 3).chars().take(2 + n % 4).collect())),
        ("acronym", of(&|n, _| format!("{} {n}", ["k8s", "pr", "db", "aws", "crm", "ocr", "tts"][n % 7]))),
        (
            "multilingual",
            of(&|n, source| {
                format!("{} {}", ["données", "погода", "今日新闻", "クラウド"][n % 4], source.word(1))
            }),
        ),
    ]
}

/// Those, and everything else that is asked one by one.
fn kinds(sources: &[Source]) -> Vec<Kind> {
    let mut kinds = kinds_of_searches(sources);
    let of = |make: &dyn Fn(usize, &Source) -> String| -> Vec<String> {
        sources.iter().enumerate().map(|(n, source)| make(n, source)).collect()
    };
    let begun = |n: usize, source: &Source| source.word(n % 2).chars().take(1 + n % 6).collect::<String>();
    kinds.push(("facets", of(&|_, source| format!("{}&facets=1", search(&source.word(1))))));
    kinds.push(("all with facets", of(&|n, _| format!("{SEARCH}?facets=1&has={}", has(n)))));
    kinds.push(("suggest", of(&|n, source| format!("{SUGGEST}?q={}", encoded(&begun(n, source))))));
    kinds.push(("hostile", hostile()));
    kinds
}

/// Another set of things to have for each of 64 numbers, so that few searches without words are the same.
fn has(n: usize) -> String {
    let all = ["package", "remote", "repository", "website", "icon", "title"];
    let chosen = all.iter().enumerate().filter(|(at, _)| n >> at & 1 == 1).map(|(_, what)| *what);
    chosen.collect::<Vec<_>>().join(",")
}

fn search(text: &str) -> String {
    format!("{SEARCH}?q={}", encoded(text))
}

impl Source {
    fn word(&self, n: usize) -> String {
        self.words.get(n).cloned().unwrap_or_else(|| "weather".to_owned())
    }
}

/// Every so many entry of a file, after the first few.
fn sources(entries: &Path, skipped: usize) -> Vec<Source> {
    let file = std::io::BufReader::new(std::fs::File::open(entries).expect("it was written"));
    let lines: Vec<String> =
        file.lines().skip(skipped).step_by(53).take(20 * EACH).map(|line| line.expect("text")).collect();
    let step = (lines.len() / EACH).max(1);
    let source = |line: &String| {
        let entry: Value = serde_json::from_str(line).expect("an entry");
        let text = |member: &str| entry["server"][member].as_str().unwrap_or_default().to_owned();
        let words = text("description");
        let words = words.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3);
        Source { name: text("name"), words: words.map(str::to_lowercase).collect() }
    };
    lines.iter().step_by(step).take(EACH).map(source).collect()
}

/// The longest word with two letters swapped, and sometimes one left out.
fn misspelled(words: &[String], n: usize) -> String {
    let longest = words.iter().max_by_key(|word| word.len());
    let mut letters: Vec<char> = longest.map_or("weather", String::as_str).chars().collect();
    let middle = letters.len() / 2;
    letters.swap(middle, middle - 1);
    if n % 2 == 1 && letters.len() > 7 {
        letters.remove(letters.len() - 2);
    }
    letters.into_iter().collect()
}

/// Queries as nobody means them.
fn hostile() -> Vec<String> {
    let texts = [
        "a".repeat(10_000),
        (0..500).map(|n| format!("w{n} ")).collect(),
        "weather ".repeat(500),
        "\"a ".repeat(300),
        "\"".repeat(900),
        "(a|b)*.*[a-z]+?{1,}\\\\".repeat(20),
        "\u{202e}rehtaew שלום مرحبا".to_owned(),
        "🦀🔥".repeat(100),
        "the of and to a in".to_owned(),
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
        "kubernetse postgrse terrafrom elasticsaerch databsae dashbaord moniotring automtaion".to_owned(),
        "e".to_owned(),
        "-x -y -z namespace:a host:b".repeat(20),
        "\0".to_owned(),
    ];
    (0..10)
        .flat_map(|n| texts.iter().map(move |text| format!("{SEARCH}?limit={}&q={}", n + 1, encoded(text))))
        .collect()
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
