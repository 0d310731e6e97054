//! The key that signs tokens: made once, kept in the data directory, readable by its owner alone.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use registry_api::token::TokenKey;

/// The kept key; a new one where there is none yet.
pub fn load_or_make(data: &Path) -> anyhow::Result<TokenKey> {
    let path = data.join("token.key");
    match std::fs::read_to_string(&path) {
        Ok(text) => text.parse().with_context(|| {
            format!("`{}` holds no key; remove the file, and a new one is made", path.display())
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => make(&path),
        Err(error) => {
            Err(error).with_context(|| format!("the token key `{}` cannot be read", path.display()))
        }
    }
}

fn make(path: &Path) -> anyhow::Result<TokenKey> {
    let text = TokenKey::generate_hex().context("no random key can be made")?;
    let write = || -> std::io::Result<()> {
        // Written aside first: a key that is half there would stop every later start.
        let new = path.with_extension("key.new");
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(new, path)
    };
    write().with_context(|| format!("the token key `{}` cannot be written", path.display()))?;
    Ok(text.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        load_or_make(folder.path()).expect("made");
        let path = folder.path().join("token.key");
        let text = std::fs::read_to_string(&path).expect("there");
        load_or_make(folder.path()).expect("read");
        assert_eq!(std::fs::read_to_string(&path).expect("there"), text);
        assert_eq!(path.metadata().expect("there").permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "nonsense").expect("written");
        assert!(load_or_make(folder.path()).is_err_and(|e| e.to_string().contains("remove the file")));
    }
}
