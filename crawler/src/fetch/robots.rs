//! What a host's robots.txt allows us: RFC 9309, for our own token and `*`.
//!
//! The parser is a library that reads strangers' bytes; it is called in one place, within limits, and a panic there is a
//! file that cannot be understood.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use texting_robots::Robot;
use url::Url;

use crate::discover::agentmap;

/// The name to use in robots.txt.
pub const TOKEN: &str = registry_core::outbound::ROBOTS_TOKEN;

/// How much of a file is taken.
pub(super) const MAX_BYTES: usize = 512 * 1024;

/// Where nearly everything is that is asked for.
const WELL_KNOWN: &str = "/.well-known/";

/// How many rules with an end anchor are taken: each is a regular expression of its own.
const MAX_ANCHORED: usize = 500;

/// What a host allows.
#[derive(Debug)]
pub(crate) enum Robots {
    /// Everything.
    Open,
    /// What the file says, and the sources of entries that it names.
    Rules(Box<Robot>, Vec<Url>),
    /// Nothing, until it can be read: the reason, for its owner.
    Closed(String),
}

impl Robots {
    /// What an answer to a request for robots.txt means (RFC 9309, 2.3.1); without a status there was none, for this reason.
    pub(super) fn of(status: Option<u16>, body: &[u8], reason: Option<&str>, place: &Url) -> Self {
        match status {
            Some(200..=299) => Self::read(body, place),
            // Asking for patience is no permission.
            Some(status @ (429 | 500..)) => Self::Closed(format!(
                "robots.txt answers {status}, which forbids crawling until it is readable; serve it, or answer 404 if there is none"
            )),
            Some(_) => Self::Open,
            None => Self::Closed(format!(
                "robots.txt could not be read: {}",
                reason.unwrap_or("nobody knows why")
            )),
        }
    }

    /// Whether nothing may be asked until the file can be read.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self, Self::Closed(_))
    }

    /// The sources of entries that the file names.
    pub(super) fn agentmaps(&self) -> &[Url] {
        match self {
            Self::Rules(_, agentmaps) => agentmaps,
            Self::Open | Self::Closed(_) => &[],
        }
    }

    /// Reads a file.
    pub(super) fn read(body: &[u8], place: &Url) -> Self {
        if body.iter().filter(|byte| **byte == b'$').count() > MAX_ANCHORED {
            let reason = format!("robots.txt has more than {MAX_ANCHORED} rules with `$`; shorten it");
            return Self::Closed(reason);
        }
        match catch_unwind(|| Robot::new(TOKEN, body)) {
            Ok(Ok(robot)) => Self::Rules(Box::new(robot), agentmap::read(body, place)),
            Ok(Err(_)) | Err(_) => {
                Self::Closed("robots.txt cannot be understood; write it as RFC 9309 has it".to_owned())
            }
        }
    }

    /// Why an address may not be asked; none where it may.
    pub(crate) fn refusal(&self, url: &Url) -> Option<String> {
        match self {
            Self::Open => None,
            Self::Closed(reason) => Some(reason.clone()),
            Self::Rules(robot, _) => {
                let allowed = |url: &Url| {
                    catch_unwind(AssertUnwindSafe(|| robot.allowed(url.as_str()))).unwrap_or(false)
                };
                if allowed(url) {
                    return None;
                }
                // A rule for the whole folder is one cause, and told as one.
                let folder = url.join(WELL_KNOWN).ok();
                let folder = folder.filter(|folder| url.path().starts_with(WELL_KNOWN) && !allowed(folder));
                let what = folder.as_ref().unwrap_or(url).path();
                Some(format!(
                    "robots.txt disallows `{what}`; allow it for `{TOKEN}`, which asks nothing else there"
                ))
            }
        }
    }

    /// The pause it asks for between requests.
    pub(crate) fn delay(&self) -> Duration {
        let Self::Rules(robot, _) = self else { return Duration::ZERO };
        let seconds = f64::from(robot.delay.unwrap_or_default());
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO).min(Duration::from_secs(86_400))
    }
}

/// Why the robots.txt at `place` keeps an address from being asked; none where it may be.
pub fn robots_refusal(body: &[u8], place: &Url, url: &Url) -> Option<String> {
    Robots::read(body, place).refusal(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "https://acme.com/.well-known/mcp-server-card";

    fn place() -> Url {
        Url::parse("https://acme.com/robots.txt").expect("an address")
    }

    fn refused(robots: &str, url: &str) -> bool {
        Robots::read(robots.as_bytes(), &place()).refusal(&Url::parse(url).expect("an address")).is_some()
    }

    #[test]
    fn our_own_rules_count_before_those_for_all() {
        for (robots, is_refused) in [
            ("", false),
            ("<html><body>not found</body></html>", false),
            ("User-agent: *\nDisallow:", false),
            ("User-agent: *\nDisallow: /", true),
            ("User-agent: *\nDisallow: /.well-known/", true),
            ("User-agent: *\nDisallow: /\nAllow: /.well-known/mcp", false),
            ("User-agent: cardinal\nAllow: /\n\nUser-agent: *\nDisallow: /", false),
            ("User-agent: Cardinal\nDisallow: /\n\nUser-agent: *\nAllow: /", true),
            ("User-agent: SomeBot\nDisallow: /", false),
            ("User-agent: *\nDisallow: /*-card$", true),
        ] {
            assert_eq!(refused(robots, CARD), is_refused, "{robots}");
        }
    }

    #[test]
    fn a_rule_for_the_whole_folder_is_told_as_one() {
        for (robots, path) in [
            ("User-agent: *\nDisallow: /", "`/.well-known/`"),
            ("User-agent: *\nDisallow: /.well-known/", "`/.well-known/`"),
            ("User-agent: *\nDisallow: /.well-known/mcp", "`/.well-known/mcp-server-card`"),
        ] {
            let robots = Robots::read(robots.as_bytes(), &place());
            let reason = robots.refusal(&Url::parse(CARD).expect("an address")).unwrap_or_default();
            assert!(reason.contains(path), "{reason}");
        }
    }

    #[test]
    fn the_status_decides_when_there_is_no_file() {
        for (status, is_refused) in [(404, false), (403, false), (401, false), (429, true), (503, true)] {
            let robots = Robots::of(Some(status), b"User-agent: *\nDisallow: /", None, &place());
            assert_eq!(
                robots.refusal(&Url::parse(CARD).expect("an address")).is_some(),
                is_refused,
                "{status}"
            );
        }
        assert!(Robots::of(None, b"", Some("no such name"), &place()).is_closed());
    }

    #[test]
    fn hostile_files_end_quickly() {
        let anchored = format!("User-agent: *\n{}", "Disallow: /a$\n".repeat(30_000));
        assert!(matches!(Robots::read(anchored.as_bytes(), &place()), Robots::Closed(_)));
        let stars = format!("User-agent: *\nDisallow: /{}\n", "*a".repeat(100_000));
        assert!(!refused(&stars, CARD));
        for bytes in
            [&b"\xFF\xFE\0U\0s"[..], b"User-agent", b"Disallow: \xC3\x28", b"Crawl-delay: -1\nUser-agent: *"]
        {
            Robots::read(bytes, &place()).refusal(&Url::parse(CARD).expect("an address"));
        }
    }

    #[test]
    fn a_crawl_delay_is_a_time() {
        let delay = |text: &str| {
            Robots::read(format!("User-agent: *\nCrawl-delay: {text}").as_bytes(), &place()).delay()
        };
        assert_eq!(delay("10"), Duration::from_secs(10));
        for odd in ["-5", "NaN", "soon", ""] {
            assert_eq!(delay(odd), Duration::ZERO, "{odd}");
        }
        assert_eq!(delay("1e30"), Duration::ZERO);
    }
}
