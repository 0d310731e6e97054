//! Who may publish what: permissions as the registry's tokens carry them (contract 2.1).

use serde::{Deserialize, Serialize};

use crate::name::ServerName;

/// The method of those who signed in with a GitHub access token.
pub const GITHUB_TOKEN: &str = "github-at";
/// The method of GitHub's own workflows.
pub const GITHUB_ACTIONS: &str = "github-oidc";

/// What names of GitHub accounts begin with.
const GITHUB_NAMES: &str = "io.github.";

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Publish new versions and set their status.
    Publish,
    /// Replace documents and set their status.
    Edit,
}

/// One action on the servers a pattern names: `*`, a prefix ending in `*`, or one whole name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// What may be done.
    pub action: Action,
    /// To which servers.
    pub resource: String,
}

impl Permission {
    /// Whether the pattern names this server.
    fn covers(&self, name: &ServerName) -> bool {
        covers(&self.resource, name.as_str())
    }

    /// The same, but the case of the account's name in `io.github.<account>/` does not count.
    fn covers_in_any_case(&self, name: &ServerName) -> bool {
        let folded = |text: &str| match text.strip_prefix(GITHUB_NAMES).and_then(|rest| rest.split_once('/'))
        {
            Some((account, rest)) => format!("{GITHUB_NAMES}{}/{rest}", account.to_ascii_lowercase()),
            None => text.to_owned(),
        };
        covers(&folded(&self.resource), &folded(name.as_str()))
    }
}

fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

/// Somebody whose token was checked, and what it allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// How they signed in: `none`, `github-at`, …
    pub method: String,
    /// Who they are there.
    pub subject: String,
    /// What they may do.
    pub permissions: Vec<Permission>,
}

/// The right to do something to one server; made only by [`Publisher::grant`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// `method:subject`, as the ledger names the actor.
    pub actor: String,
}

impl Publisher {
    /// The grant to act on `name`, if any of `actions` is permitted.
    pub fn grant(&self, actions: &[Action], name: &ServerName) -> Option<Grant> {
        // GitHub does not tell `Alice` from `alice`; names and patterns keep the case in which they were written.
        let any_case = matches!(self.method.as_str(), GITHUB_TOKEN | GITHUB_ACTIONS);
        let covers = |p: &Permission| if any_case { p.covers_in_any_case(name) } else { p.covers(name) };
        let permitted = self.permissions.iter().any(|p| actions.contains(&p.action) && covers(p));
        permitted.then(|| Grant { actor: format!("{}:{}", self.method, self.subject) })
    }

    /// Whether some pattern but `*` lets this publisher publish in a namespace, in whatever case it is written.
    pub fn publishes_in(&self, namespace: &str) -> bool {
        let probe = format!("{namespace}/test").to_ascii_lowercase();
        let patterns = self.publish_patterns();
        !patterns.contains(&"*") && patterns.iter().any(|p| covers(&p.to_ascii_lowercase(), &probe))
    }

    /// The patterns of names this publisher may publish.
    pub fn publish_patterns(&self) -> Vec<&str> {
        let publishes = self.permissions.iter().filter(|p| p.action == Action::Publish);
        publishes.map(|p| p.resource.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(pattern: &str, name: &str) -> bool {
        let permission = Permission { action: Action::Publish, resource: pattern.into() };
        permission.covers(&name.parse().expect("a name"))
    }

    #[test]
    fn patterns_are_everything_a_prefix_or_one_name() {
        assert!(covers("*", "com.example/a1"));
        assert!(covers("com.example/*", "com.example/a1"));
        assert!(!covers("com.example/*", "com.example.api/a1"));
        assert!(covers("com.example.*", "com.example.api/a1"));
        assert!(covers("com.example/a1", "com.example/a1"));
        assert!(!covers("com.*/a1", "com.example/a1"), "a star elsewhere is literal");
    }

    #[test]
    fn publish_does_not_imply_edit() {
        let publisher = Publisher {
            method: "none".into(),
            subject: "anonymous".into(),
            permissions: vec![Permission { action: Action::Publish, resource: "*".into() }],
        };
        let name = "com.example/a1".parse().expect("a name");
        assert!(publisher.grant(&[Action::Edit], &name).is_none());
        assert_eq!(publisher.grant(&[Action::Publish], &name).expect("granted").actor, "none:anonymous");
    }

    fn publisher(method: &str, pattern: &str) -> Publisher {
        let permissions = vec![Permission { action: Action::Publish, resource: pattern.into() }];
        Publisher { method: method.into(), subject: "x".into(), permissions }
    }

    #[test]
    fn the_case_of_a_github_account_does_not_count() {
        let may = |method, pattern, name: &str| {
            publisher(method, pattern).grant(&[Action::Publish], &name.parse().expect("a name")).is_some()
        };
        for method in [GITHUB_TOKEN, GITHUB_ACTIONS] {
            assert!(may(method, "io.github.Alice/*", "io.github.alice/a1"));
            assert!(may(method, "io.github.alice/*", "io.github.ALICE/a1"));
            assert!(!may(method, "io.github.Alice/*", "io.github.alicex/a1"));
            assert!(!may(method, "io.github.Alice/a1", "io.github.alice/A1"), "only the namespace folds");
            assert!(!may(method, "io.github.Alice/*", "IO.GITHUB.alice/a1"), "and of it only the account");
        }
        assert!(!may("dns", "com.Example/*", "com.example/a1"));
    }

    #[test]
    fn who_publishes_in_a_namespace_does_so_in_any_case() {
        assert!(publisher("dns", "com.Example/*").publishes_in("com.example"));
        assert!(publisher("dns", "com.*").publishes_in("com.example"));
        assert!(!publisher("dns", "com.example.api/*").publishes_in("com.example"));
        assert!(!publisher("oidc", "*").publishes_in("com.example"), "an administrator is not stopped");
    }
}
