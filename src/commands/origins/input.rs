//! Lists of domains, as people have them: a domain or address a line, or a ranking as CSV. Pure, but for [`read`].

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use anyhow::Context;
use registry_core::card::origin::Origin;
use url::Url;

use crate::arguments::origins::AddArguments;

/// The longest line that is read as a domain.
const LONGEST: usize = 4096;

/// What a list says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    /// The domains, each once.
    pub(super) origins: BTreeSet<Origin>,
    /// Lines that name none, by their number, and why.
    pub(super) bad: Vec<(usize, String)>,
}

/// The domains of the command line and of its file.
pub(super) fn read(arguments: &AddArguments) -> anyhow::Result<List> {
    let mut list = List::default();
    for (at, origin) in arguments.domains.iter().enumerate() {
        match origin.check_domain() {
            Ok(()) => _ = list.origins.insert(origin.clone()),
            Err(error) => list.bad.push((at + 1, error.to_string())),
        }
    }
    if let Some(file) = &arguments.file {
        list.add_lines(&bytes(file)?);
    }
    Ok(list)
}

fn bytes(file: &Path) -> anyhow::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes).context("stdin cannot be read")?;
        return Ok(bytes);
    }
    std::fs::read(file).with_context(|| {
        format!("`{}` cannot be read; name a file of domains, or `-` for stdin", file.display())
    })
}

impl List {
    /// Reads line by line; what is wrong with one says nothing about the others.
    pub(super) fn add_lines(&mut self, bytes: &[u8]) {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let text = String::from_utf8_lossy(&line[..line.len().min(LONGEST)]);
            let text = text.split('#').next().unwrap_or_default().trim();
            if text.is_empty() {
                continue;
            }
            match origin(text) {
                Ok(origin) => _ = self.origins.insert(origin),
                // Many lists begin with the names of their columns.
                Err(_) if at == 0 && is_heading(text) => {}
                Err(why) => self.bad.push((at + 1, why)),
            }
        }
    }
}

/// The domain a line names.
fn origin(line: &str) -> Result<Origin, String> {
    let field = field(line);
    let parsed = match Url::parse(&field) {
        // What stands behind the host in an address is of no interest here.
        Ok(url) if field.contains("://") && matches!(url.scheme(), "http" | "https") => Origin::of(&url),
        _ => field.parse(),
    };
    let origin = parsed.map_err(|error| error.to_string())?;
    origin.check_domain().map_err(|error| error.to_string())?;
    Ok(origin)
}

/// The field with the domain: the first, or the second where the first is a rank.
fn field(line: &str) -> String {
    let mut fields = line.split([',', ';', '\t']).map(|field| field.trim().trim_matches('"').trim());
    let first = fields.next().unwrap_or_default();
    let is_rank = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    let field = if is_rank { fields.next().unwrap_or(first) } else { first };
    field.to_owned()
}

fn is_heading(line: &str) -> bool {
    let words = ["domain", "domains", "host", "hostname", "origin", "url", "rank", "name", "site"];
    let mut fields =
        line.split([',', ';', '\t']).map(|field| field.trim().trim_matches('"').to_ascii_lowercase());
    fields.any(|field| words.contains(&field.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> (Vec<String>, Vec<usize>) {
        let mut list = List::default();
        list.add_lines(text.as_bytes());
        (
            list.origins.iter().map(ToString::to_string).collect(),
            list.bad.iter().map(|(line, _)| *line).collect(),
        )
    }

    #[test]
    fn domains_addresses_and_rankings_are_read() {
        let text = "# a list\nexample.com\r\n\n https://b.example/path?x#y \n1,c.example\n\"7\";\"d.example\"\nEXAMPLE.com # again\n\
                    e.example,99\n2\tbücher.example\n";
        let expected =
            ["b.example", "c.example", "d.example", "e.example", "example.com", "xn--bcher-kva.example"];
        assert_eq!(list(text), (expected.map(str::to_owned).to_vec(), vec![]));
    }

    #[test]
    fn bad_lines_are_told_by_number_and_nothing_else_is_lost() {
        let text = "\u{feff}rank,domain\n1,a.example\n10.0.0.1\nlocalhost\nco.uk\n*.b.example\nftp://c.example\nd.example\n\u{fffd}\n7\n";
        assert_eq!(list(text), (vec!["a.example".into(), "d.example".into()], vec![3, 4, 5, 6, 7, 9, 10]));
        assert_eq!(list("rank,domain\nrank,domain\n"), (vec![], vec![2]), "a heading is the first line");
    }

    #[test]
    fn a_line_without_end_is_one_bad_line() {
        assert_eq!(list(&"a".repeat(1 << 20)), (vec![], vec![1]));
    }
}
