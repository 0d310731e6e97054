//! Who may publish what: permissions as the registry's tokens carry them (contract 2.1).

use serde::{Deserialize, Serialize};

use crate::name::ServerName;

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
        match self.resource.strip_suffix('*') {
            Some(prefix) => name.as_str().starts_with(prefix),
            None => self.resource == name.as_str(),
        }
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
        let permitted = self.permissions.iter().any(|p| actions.contains(&p.action) && p.covers(name));
        permitted.then(|| Grant { actor: format!("{}:{}", self.method, self.subject) })
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
}
