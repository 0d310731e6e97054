//! The environment holds no setting that nobody reads: a misspelt one would be worse than an error.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::{Arg, Command};

const PREFIX: &str = "MCP_REGISTRY_";

/// Settings of the official registry that it does not use either; they may stay where they are.
const OFFICIAL: [&str; 1] = ["MCP_REGISTRY_GITHUB_CLIENT_SECRET"];

/// A setting that is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UnknownSetting {
    /// Close to one that is.
    #[error("`{0}` is no setting; did you mean `{1}`?")]
    Near(String, String),
    /// Close to none.
    #[error("`{0}` is no setting; `cardinal serve --help` lists them all")]
    Far(String),
}

/// Looks for settings that no command has.
pub(super) fn check(
    command: &Command,
    environment: impl Iterator<Item = (OsString, OsString)>,
) -> Result<(), UnknownSetting> {
    let mut known: BTreeSet<String> = OFFICIAL.map(str::to_owned).into();
    collect(command, &mut known);
    for (name, _) in environment {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else { continue };
        if !known.contains(name) {
            return Err(unknown(name, &known));
        }
    }
    Ok(())
}

/// The command, to which an empty setting is none: container files set them all and leave most of them empty.
pub(super) fn without_empty(command: Command, value: &dyn Fn(&OsStr) -> Option<OsString>) -> Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(value).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if is_empty(&arg) { arg.env(Resettable::Reset) } else { arg })
        .mut_subcommands(|command| without_empty(command, value))
}

fn collect(command: &Command, known: &mut BTreeSet<String>) {
    known.extend(command.get_arguments().filter_map(|a| Some(a.get_env()?.to_str()?.to_owned())));
    command.get_subcommands().for_each(|command| collect(command, known));
}

fn unknown(name: &str, known: &BTreeSet<String>) -> UnknownSetting {
    let distance = |other: &&String| strsim::damerau_levenshtein(name, other);
    match known.iter().min_by_key(distance).filter(|other| distance(other) <= 4) {
        Some(near) => UnknownSetting::Near(name.to_owned(), near.clone()),
        None => UnknownSetting::Far(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Arguments;
    use super::*;
    use clap::CommandFactory;

    fn checked(name: &str) -> Result<(), UnknownSetting> {
        check(&Arguments::command(), [(OsString::from(name), OsString::new())].into_iter())
    }

    #[test]
    fn a_misspelt_setting_is_named_with_the_one_that_was_meant() {
        let near = checked("MCP_REGISTRY_DATABSE_URL").expect_err("it is misspelt");
        assert_eq!(
            near.to_string(),
            "`MCP_REGISTRY_DATABSE_URL` is no setting; did you mean `MCP_REGISTRY_DATABASE_URL`?"
        );
        assert!(matches!(checked("MCP_REGISTRY_SOMETHING_ELSE_ALTOGETHER"), Err(UnknownSetting::Far(_))));
    }

    #[test]
    fn an_empty_setting_is_none() {
        let value = |name: &OsStr| (name == "MCP_REGISTRY_PUBLIC_URL").then(OsString::new);
        let command = without_empty(Arguments::command(), &value);
        let serve = command.find_subcommand("serve").expect("a command");
        let reads = |id: &str| {
            let found = serve.get_arguments().find(|arg| arg.get_id() == id);
            found.expect("an argument").get_env().is_some()
        };
        assert!(!reads("public_url") && reads("address"));
    }

    #[test]
    fn settings_of_this_and_of_the_official_registry_pass() {
        for name in
            ["MCP_REGISTRY_SEED_FROM", "MCP_REGISTRY_OIDC_ISSUER", "MCP_REGISTRY_CRAWLER_OWN_HOSTS", "PATH"]
        {
            assert_eq!(checked(name), Ok(()), "{name}");
        }
    }
}
