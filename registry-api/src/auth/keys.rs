//! The public keys of an issuer: fetched once an hour, and again when a token names one that is not among them.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use moka::future::Cache;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use super::peer::{self, PeerError};

/// How long keys are kept.
const FRESH: TimeDelta = TimeDelta::minutes(5);
/// How soon keys are fetched again for the sake of an unknown one: whoever makes up names must not reach the issuer each time.
const PATIENCE: TimeDelta = TimeDelta::seconds(10);

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeysError {
    /// The issuer gives none.
    #[error("failed to fetch JWKS: {0}")]
    Peer(PeerError),
    /// The issuer answers with another status.
    #[error("failed to fetch JWKS: status {0}")]
    Status(u16),
    /// It has no such key.
    #[error("no key with id `{0}` is published by the issuer")]
    Unknown(String),
}

#[derive(Clone)]
struct Fetched {
    at: DateTime<Utc>,
    keys: Arc<[Jwk]>,
}

/// The keys at an address.
pub struct Keys {
    url: String,
    client: Client,
    cache: Cache<(), Fetched>,
}

impl Keys {
    /// Keys that are fetched when they are needed.
    pub fn at(url: String, client: Client) -> Self {
        Self { url, client, cache: Cache::new(1) }
    }

    /// The key of this name, to check signatures of this algorithm.
    pub async fn find(
        &self,
        kid: &str,
        algorithm: Algorithm,
        now: DateTime<Utc>,
    ) -> Result<DecodingKey, KeysError> {
        for age in [FRESH, PATIENCE] {
            let keys = self.not_older_than(age, now).await?;
            let named = keys.iter().filter(|key| key.common.key_id.as_deref() == Some(kid));
            let found =
                named.filter(|key| signs(key, algorithm)).find_map(|key| DecodingKey::from_jwk(key).ok());
            if let Some(key) = found {
                return Ok(key);
            }
        }
        Err(KeysError::Unknown(kid.chars().take(100).collect()))
    }

    async fn not_older_than(&self, age: TimeDelta, now: DateTime<Utc>) -> Result<Arc<[Jwk]>, KeysError> {
        if self.cache.get(&()).await.is_some_and(|fetched| now - fetched.at >= age) {
            self.cache.invalidate(&()).await;
        }
        let fetched = self.cache.try_get_with((), self.fetch(now)).await;
        fetched.map(|fetched| fetched.keys).map_err(|error| (*error).clone())
    }

    async fn fetch(&self, now: DateTime<Utc>) -> Result<Fetched, KeysError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Value>,
        }
        let answer = peer::ask(self.client.get(&self.url)).await.map_err(KeysError::Peer)?;
        if answer.status != StatusCode::OK {
            return Err(KeysError::Status(answer.status.as_u16()));
        }
        let set: Set = answer.json().map_err(KeysError::Peer)?;
        // A key of a kind that is not known here must not take the others with it.
        let keys = set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect();
        Ok(Fetched { at: now, keys })
    }
}

/// Whether a key is one for signatures of this algorithm.
fn signs(key: &Jwk, algorithm: Algorithm) -> bool {
    let for_signatures = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let named = key.common.key_algorithm.is_none_or(|own| own.to_string() == format!("{algorithm:?}"));
    let secret = matches!(key.algorithm, AlgorithmParameters::OctetKey(_));
    for_signatures && named && !secret
}
