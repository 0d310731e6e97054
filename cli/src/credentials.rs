//! The token file: the place and format of `mcp-publisher` (contract 5.1), so that either program's login serves both.

use std::fmt;
use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::address::RegistryUrl;
use crate::env::Env;
use crate::failure::Failure;

/// The registry of a token file that names none.
const OFFICIAL: &str = "https://registry.modelcontextprotocol.io";

/// Files that older publishers wrote, in the home directory and elsewhere; only ever deleted.
const LEGACY_AT_HOME: [&str; 3] =
    [".mcp_publisher_token", ".mcpregistry_github_token", ".mcpregistry_registry_token"];
const LEGACY_HERE: [&str; 2] = [".mcpregistry_github_token", ".mcpregistry_registry_token"];

/// Who is signed in where.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// How the token was got: `none`, `github`, … .
    pub(crate) method: String,
    /// The registry that issued it, the only one it is sent to.
    pub(crate) registry: RegistryUrl,
    /// The registry's token.
    pub(crate) token: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("registry", &self.registry).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    method: String,
    #[serde(default)]
    registry: String,
    token: String,
}

/// The token file of a user.
#[derive(Debug)]
pub(crate) struct TokenFile {
    path: PathBuf,
    legacy: Vec<PathBuf>,
}

impl TokenFile {
    /// The file of this user, whether it exists or not.
    pub(crate) fn of(env: &Env) -> Result<Self, Failure> {
        let home = env.home.as_ref().ok_or(Failure::NoHome)?;
        let at_home = LEGACY_AT_HOME.iter().map(|name| home.join(name));
        let here = LEGACY_HERE.iter().map(|name| env.directory.join(name));
        Ok(Self {
            path: home.join(".config/mcp-publisher/token.json"),
            legacy: at_home.chain(here).collect(),
        })
    }

    /// Who is signed in, if anybody is.
    pub(crate) fn read(&self) -> Result<Option<Credentials>, Failure> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Failure::read(&self.path, source)),
        };
        let broken = || Failure::TokenFile(self.path.clone());
        let stored: Stored = serde_json::from_slice(&text).map_err(|_| broken())?;
        let registry = if stored.registry.is_empty() { OFFICIAL } else { &stored.registry };
        let registry = registry.parse().map_err(|_| broken())?;
        if stored.token.is_empty() {
            return Err(broken());
        }
        Ok(Some(Credentials { method: stored.method, registry, token: stored.token }))
    }

    /// Replaces the file in one step; only its owner can read it.
    pub(crate) fn write(&self, credentials: &Credentials) -> Result<(), Failure> {
        let stored = Stored {
            method: credentials.method.clone(),
            registry: credentials.registry.to_string(),
            token: credentials.token.clone(),
        };
        let failed = |source| Failure::Write { path: self.path.clone(), source };
        let folder = self.path.parent().unwrap_or(&self.path);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        // A temporary file has mode 0600 from the start.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let text = serde_json::to_string(&stored).map_err(|error| failed(error.into()))?;
        file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        file.persist(&self.path).map_err(|error| failed(error.error))?;
        Ok(())
    }

    /// Deletes the file and what older publishers left; says whether there was anything.
    pub(crate) fn delete(&self) -> Result<bool, Failure> {
        let mut any = false;
        for path in std::iter::once(&self.path).chain(&self.legacy) {
            match fs::remove_file(path) {
                Ok(()) => any = true,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(source) => return Err(Failure::Write { path: path.clone(), source }),
            }
        }
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn home() -> (tempfile::TempDir, TokenFile) {
        let home = tempfile::tempdir().expect("a folder");
        let env = Env { home: Some(home.path().to_owned()), directory: home.path().join("work") };
        let file = TokenFile::of(&env).expect("there is a home");
        (home, file)
    }

    fn signed_in() -> Credentials {
        let registry = "https://r.example/".parse().expect("an address");
        Credentials { method: "none".into(), registry, token: "secret".into() }
    }

    #[test]
    fn writes_what_the_publisher_writes_and_nobody_else_reads_it() {
        let (_home, file) = home();
        file.write(&signed_in()).expect("it is written");
        let text = fs::read_to_string(&file.path).expect("it is there");
        assert_eq!(text, r#"{"method":"none","registry":"https://r.example","token":"secret"}"#);
        let mode =
            |path: &std::path::Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode(&file.path), 0o600);
        assert_eq!(mode(file.path.parent().expect("a folder")), 0o700);
    }

    #[test]
    fn replaces_a_file_that_others_could_read() {
        let (_home, file) = home();
        file.write(&signed_in()).expect("it is written");
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o644)).expect("it is ours");
        file.write(&signed_in()).expect("it is written");
        assert_eq!(fs::metadata(&file.path).expect("it is there").permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_without_a_registry_is_the_official_ones() {
        let (_home, file) = home();
        file.write(&signed_in()).expect("it is written");
        fs::write(&file.path, r#"{"method":"github","registry":"","token":"t"}"#).expect("it is ours");
        let read = file.read().expect("it is a token file").expect("it is there");
        assert_eq!((read.registry.to_string().as_str(), read.method.as_str()), (OFFICIAL, "github"));
    }

    #[test]
    fn a_broken_file_is_said_to_be_broken() {
        let (_home, file) = home();
        assert!(file.read().expect("none is no failure").is_none());
        file.write(&signed_in()).expect("it is written");
        for text in ["", "{}", r#"{"token":""}"#, r#"{"token":"t","registry":"x"}"#] {
            fs::write(&file.path, text).expect("it is ours");
            assert!(matches!(file.read(), Err(Failure::TokenFile(_))), "{text}");
        }
    }

    #[test]
    fn deletes_what_older_publishers_left() {
        let (home, file) = home();
        assert!(!file.delete().expect("nothing to delete"));
        fs::write(home.path().join(".mcp_publisher_token"), "t").expect("it is ours");
        assert!(file.delete().expect("it is deleted"));
        assert!(!home.path().join(".mcp_publisher_token").exists());
    }

    #[test]
    fn no_token_is_in_what_is_logged() {
        assert!(!format!("{:?}", signed_in()).contains("secret"));
    }
}
