//! Versions that are one version (R1, R2).

use std::sync::LazyLock;

use regex::Regex;

use super::Finding;
use super::table::{R1, R2};

/// The range grammar of contract 2.2: comparator, hyphen, alternatives.
static RANGE: LazyLock<Regex> = LazyLock::new(|| {
    const VERSION: &str = r"v?[0-9]+(?:\.[0-9]+){0,3}(?:-[0-9A-Za-z.-]+)?";
    let comparator = format!(r"(?:\^|~|>=|<=|>|<|=)[ \t]*{VERSION}");
    let hyphen = format!(r"{VERSION} -[ \t]*{VERSION}");
    let alternatives = format!(r"{VERSION}(?:[ \t]*\|\|[ \t]*{VERSION})+");
    Regex::new(&format!("^(?:{comparator}|{hyphen}|{alternatives})$")).expect("a pattern")
});

/// Two or three components of which any may be a wildcard; whether one is, is asked apart.
///
/// The official registry takes an `x` in the tail for a wildcard too, as in `1.0.0-next`; a complete version is none here.
static WILDCARD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:v?[0-9]+|[xX*])(?:\.(?:[0-9]+|[xX*])){1,2}(?:-[0-9A-Za-z.-]+)?$").expect("a pattern")
});

pub(super) fn check(version: &str, path: &str, found: &mut Vec<Finding>) {
    if version == "latest" {
        let message = "version string 'latest' is reserved and cannot be used";
        found.push(Finding::new(&R1, path, message));
    } else if is_range(version) {
        let message = format!("version must be a specific version, not a range: \"{version}\"");
        found.push(Finding::new(&R2, path, message));
    }
}

/// Whether a text breaks neither R1 nor R2.
pub fn is_specific(version: &str) -> bool {
    version != "latest" && !is_range(version)
}

fn is_range(version: &str) -> bool {
    let version = version.trim();
    let is_complete = || semver::Version::parse(version.strip_prefix('v').unwrap_or(version)).is_ok();
    RANGE.is_match(version)
        || (version.contains(['x', 'X', '*']) && WILDCARD.is_match(version) && !is_complete())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_by_the_contracts_grammar() {
        for range in [
            "^1.2.3",
            "~1.2",
            ">=1.0.0",
            ">= 1.0.0",
            "=1.0.0",
            "^v1",
            ">=1.2.3-beta.1",
            "1.x",
            "1.2.X",
            "1.2.*",
            "x.1.2",
            "1.2.3 - 2.0.0",
            "1.2 || 1.3",
            "1.2||1.3",
            "1.x-beta",
            " ^1.2.3 ",
            "<2",
            "1.2.3 -2.0.0",
            "v1.x",
            "*.1",
            "1 || 2 || 3-rc.1",
        ] {
            assert!(is_range(range), "{range}");
        }
    }

    #[test]
    fn versions_by_the_contracts_grammar() {
        for version in [
            "1.0.0-next",
            "1.2.3-linux",
            "v2.0.0-experimental.1",
            "1.2.3-alpha.x",
            "*",
            "x",
            "X",
            "1",
            "1.2",
            "1.2.3.4",
            "1.2.3.x",
            "1.2.3-2.0.0",
            "~>1.2",
            ">=1.0.0 <2.0.0",
            "1.2.3 || 2.x",
            "snapshot",
            "Latest",
            "2021.03.15",
            "1.2.3-linux-x64+b",
            "",
            " ",
            "1.2.3  - 2.0.0",
            "1.2.3 -2.0.0-",
            "^",
            "^x",
            "1.2.3.4.5-x",
            "||",
            "1.2 ||",
            "v",
            "^1.2.3.4.5",
            "1.2.3\n||x",
        ] {
            assert!(!is_range(version), "{version}");
        }
    }

    #[test]
    fn only_the_exact_word_is_reserved() {
        assert!(!is_specific("latest") && is_specific("Latest") && is_specific("latest-1"));
    }
}
