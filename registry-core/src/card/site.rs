//! Whose ground a host stands on: registrable domains by the Public Suffix List, its private section included.

/// Hosts that serve the files of many people under one name: nobody there speaks for the host.
const SHARED_FILE_HOSTS: [&str; 14] = [
    "bitbucket.org",
    "cdn.jsdelivr.net",
    "codeberg.org",
    "docs.google.com",
    "drive.google.com",
    "gist.github.com",
    "gist.githubusercontent.com",
    "github.com",
    "gitlab.com",
    "huggingface.co",
    "pastebin.com",
    "raw.githubusercontent.com",
    "storage.googleapis.com",
    "unpkg.com",
];

/// The registrable domain of a host: `example.com` of `api.example.com`, `acme.github.io` of itself; none of a suffix.
pub fn site(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// The same; of a suffix itself.
pub fn of(host: &str) -> &str {
    site(host).unwrap_or(host)
}

/// Whether two hosts belong to one registrable domain.
pub fn same_site(a: &str, b: &str) -> bool {
    a == b || site(a).is_some_and(|site_of_a| site(b) == Some(site_of_a))
}

/// Whether `host` is `domain` or lies below it.
pub fn is_within(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

/// Whether documents on this host speak for it: not a public suffix, and not a place where strangers put files.
pub fn speaks_for_itself(host: &str) -> bool {
    site(host).is_some() && !SHARED_FILE_HOSTS.contains(&host)
}

/// The host without a leading `www.`, where something registrable remains.
pub fn without_www(host: &str) -> &str {
    host.strip_prefix("www.").filter(|rest| site(rest).is_some()).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_of_a_shared_suffix_are_separate_sites() {
        assert!(same_site("mcp.example.com", "www.example.com"));
        assert!(!same_site("alice.github.io", "bob.github.io"));
        assert!(!same_site("alice.vercel.app", "vercel.app"));
        assert_eq!(site("github.io"), None);
        assert_eq!(site("co.uk"), None);
        assert_eq!(site("shop.acme.co.uk"), Some("acme.co.uk"));
        assert_eq!(site("weather.corp.test"), Some("corp.test"), "an unlisted suffix is one label");
    }

    #[test]
    fn a_domain_holds_its_subdomains_and_no_look_alikes() {
        assert!(is_within("example.com", "example.com"));
        assert!(is_within("a.example.com", "example.com"));
        assert!(!is_within("notexample.com", "example.com"));
        assert!(!is_within("example.com", "a.example.com"));
    }

    #[test]
    fn nobody_speaks_for_a_suffix_or_for_a_shared_file_host() {
        assert!(speaks_for_itself("acme.github.io"));
        assert!(!speaks_for_itself("github.io"));
        assert!(!speaks_for_itself("raw.githubusercontent.com"));
    }

    #[test]
    fn www_goes_only_where_a_domain_remains() {
        assert_eq!(without_www("www.example.com"), "example.com");
        assert_eq!(without_www("www.github.io"), "www.github.io");
        assert_eq!(without_www("wwwexample.com"), "wwwexample.com");
    }
}
