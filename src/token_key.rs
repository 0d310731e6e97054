//! The keys of tokens: the signing one is made once and kept in the data directory, readable by its owner alone; the public
//! half of its predecessor stays beside it for as long as tokens of it live.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, Utc};
use registry_api::token::{LIFETIME, PublicKey, TokenKey, Tokens};
use serde_json::{Value, json};

/// Signs with the configured key or the kept one, and believes `further` keys and the one that signed before.
pub fn tokens(
    data: &Path,
    configured: Option<&TokenKey>,
    further: impl Iterator<Item = PublicKey>,
    now: DateTime<Utc>,
) -> anyhow::Result<Tokens> {
    let key = match configured {
        Some(key) => key.clone(),
        None => load_or_make(data)?,
    };
    let tokens = further.fold(Tokens::new(&key)?, |tokens, key| tokens.believing(key, None));
    let former = remember(data, key.public()?, now);
    Ok(former.into_iter().fold(tokens, |tokens, (key, until)| tokens.believing(key, Some(until))))
}

/// Notes which key signs from now on; the former ones whose tokens may still live, and until when.
fn remember(data: &Path, current: PublicKey, now: DateTime<Utc>) -> Vec<(PublicKey, DateTime<Utc>)> {
    let path = data.join("token-keys.json");
    let noted: Value =
        std::fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let text = |value: &Value, member: &str| value[member].as_str().map(str::to_owned);
    let key = |value: &Value| text(value, "key")?.parse::<PublicKey>().ok();
    let listed = noted["former"].as_array().into_iter().flatten();
    let listed = listed.filter_map(|former| Some((key(former)?, text(former, "until")?.parse().ok()?)));
    let last = key(&noted).map(|key| (key, now + LIFETIME));
    let former: Vec<_> = listed.chain(last).filter(|(key, until)| *key != current && *until > now).collect();
    let note = json!({
        "key": current.to_string(),
        "former": former.iter().map(|(key, until)| json!({"key": key.to_string(), "until": until})).collect::<Vec<_>>(),
    });
    // A data directory that cannot be written costs a few tokens at the next change of keys, not the start.
    if note != noted
        && let Err(error) = write(&path, &note.to_string())
    {
        tracing::warn!(
            %error,
            "The public keys `{}` cannot be written: when the token key changes, tokens of this one are refused at once",
            path.display()
        );
    }
    former
}

/// The kept key; a new one where there is none yet.
fn load_or_make(data: &Path) -> anyhow::Result<TokenKey> {
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
    write(path, &text).with_context(|| format!("the token key `{}` cannot be written", path.display()))?;
    Ok(text.parse()?)
}

/// Written aside first: a file that is half there would stop every later start.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let new = path.with_added_extension("new");
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_api::token::InvalidToken;
    use registry_core::publisher::Publisher;
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

    fn start(data: &Path, now: &str) -> Tokens {
        tokens(data, None, std::iter::empty(), now.parse().expect("a time")).expect("keys")
    }

    #[test]
    fn a_removed_key_is_believed_for_as_long_as_its_tokens_live() {
        let folder = tempfile::tempdir().expect("a folder");
        let anybody = Publisher { method: "none".into(), subject: "x".into(), permissions: Vec::new() };
        let first = start(folder.path(), "2026-01-01T00:00:00Z");
        let time = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let token = first.issue(&anybody, time("2026-01-01T00:59:59Z")).expect("signed").registry_token;
        std::fs::remove_file(folder.path().join("token.key")).expect("removed");
        for restart in ["2026-01-01T01:00:00Z", "2026-01-01T01:02:00Z"] {
            let now = start(folder.path(), restart);
            assert_eq!(now.check(&token, time("2026-01-01T01:03:00Z")), Ok(anybody.clone()), "{restart}");
            assert_eq!(now.jwks(time(restart)).len(), 2);
            assert_eq!(now.check(&token, time("2026-01-01T01:05:00Z")), Err(InvalidToken::Signature));
        }
        let later = start(folder.path(), "2026-01-01T02:00:00Z");
        assert_eq!(later.jwks(time("2026-01-01T02:00:00Z")).len(), 1);
    }

    #[test]
    fn a_configured_key_takes_over_from_a_kept_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().expect("a time");
        let kept = start(folder.path(), "2026-01-01T00:00:00Z").jwks(now);
        let key: TokenKey = "a1".repeat(32).parse().expect("64 hex digits");
        let further: PublicKey = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".parse().expect("a key");
        let keys = tokens(folder.path(), Some(&key), [further].into_iter(), now).expect("keys").jwks(now);
        let xs: Vec<_> = keys.into_iter().map(|key| key.x).collect();
        assert_eq!(xs, [key.public().expect("a key").to_string(), further.to_string(), kept[0].x.clone()]);
        let again = tokens(folder.path(), Some(&key), std::iter::empty(), now).expect("keys").jwks(now);
        assert_eq!(again.len(), 2);
    }

    #[test]
    fn a_broken_note_of_public_keys_is_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("token-keys.json"), "{").expect("written");
        start(folder.path(), "2026-01-01T00:00:00Z");
        let text = std::fs::read(folder.path().join("token-keys.json")).expect("there");
        assert!(serde_json::from_slice::<Value>(&text).is_ok_and(|note| note["key"].is_string()));
    }
}
