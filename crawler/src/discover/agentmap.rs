//! `Agentmap:` lines of robots.txt: where a site keeps its ARD entries.

use registry_core::card::origin::Origin;
use url::Url;

use super::{Discovery, Expects, place};

/// How many lines of one file are followed.
const MOST: usize = 20;

/// How much of the file is read.
const MAX_BYTES: usize = 512 * 1024;

/// What such a line names; the line itself stands in a file that is fetched before all others.
pub(super) struct Agentmap;

impl Discovery for Agentmap {
    fn id(&self) -> &'static str {
        "agentmap"
    }

    fn precedence(&self) -> u8 {
        2
    }

    fn accept(&self) -> &'static str {
        Expects::Catalog.accept()
    }

    fn max_bytes(&self) -> usize {
        Expects::Catalog.max_bytes()
    }

    fn locations(&self, _origin: &Origin) -> Vec<Url> {
        Vec::new()
    }
}

/// The addresses that a robots.txt names, each once; what is no https address is left out.
pub fn read(robots: &[u8], url: &Url) -> Vec<Url> {
    let robots = robots.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(robots);
    let mut maps: Vec<Url> = Vec::new();
    for line in robots[..robots.len().min(MAX_BYTES)].split(|byte| matches!(byte, b'\n' | b'\r')) {
        if let Some(map) = address(line).and_then(|address| place::of(address, url).ok())
            && !maps.contains(&map)
        {
            maps.push(map);
        }
        if maps.len() == MOST {
            break;
        }
    }
    maps
}

/// The address on a line, if it is such a line.
fn address(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let (name, value) = line.split_once(':')?;
    if !name.trim().eq_ignore_ascii_case("agentmap") {
        return None;
    }
    // A comment begins at a number sign, whether or not a fragment was meant.
    value.split('#').next()?.split_whitespace().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn maps(robots: &[u8]) -> Vec<String> {
        let url = Url::parse("https://acme.com/robots.txt").expect("an address");
        read(robots, &url).into_iter().map(String::from).collect()
    }

    #[test]
    fn lines_are_read_wherever_they_stand() {
        let robots = b"User-agent: *\nDisallow: /x\r\nAGENTMAP :https://acme.com/ard.json # ours\n\
            agentmap: /more.json\nagentmap: /more.json\nSitemap: https://acme.com/sitemap.xml\n#Agentmap: /no.json\n";
        assert_eq!(maps(robots), ["https://acme.com/ard.json", "https://acme.com/more.json"]);
    }

    #[test]
    fn hostile_lines_are_left_out_and_limited() {
        let bad =
            b"Agentmap: http://acme.com/a\nAgentmap: https://127.0.0.1/b\nAgentmap:\nAgentmap: \xff\xfe\n\
            Agentmap: https://u:p@acme.com/c\nAgentmap: javascript:alert(1)\nAgentmap: https://localhost/d";
        assert_eq!(maps(bad), [""; 0]);
        let many: String = (0..1000).map(|n| format!("Agentmap: /{n}.json\n")).collect();
        assert_eq!(maps(many.as_bytes()).len(), MOST);
        assert_eq!(maps(b"<!doctype html><p>agentmap: x</p>"), [""; 0]);
    }
}
