//! The distribution protocol, read only and anonymous: manifests, blobs, and the token a challenge asks for.

use std::sync::{Mutex, PoisonError};

use reqwest::header;
use url::Url;

use super::super::base::BaseUrl;
use super::super::claim::Claim;
use super::super::lookup::{Ask, Follow, LookupError, Page};
use super::reference::{Reference, is_digest};
use super::registries::{self, Reached};
use crate::digest::Digest;

/// The manifests we can read.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

/// Reads one repository of one registry.
pub(super) struct Pull<'a> {
    claim: Claim<'a>,
    reference: &'a Reference,
    reached: Reached<'a>,
    base: Url,
    token: Mutex<Option<String>>,
}

/// Why something could not be read.
pub(super) enum Trouble {
    /// The registry said no.
    Status(Url, u16),
    /// It did not answer.
    Lookup(Url, Box<LookupError>),
    /// It answered something that cannot be used.
    Unusable(Url, String),
}

impl<'a> Pull<'a> {
    /// None when the registry is not admitted.
    pub(super) fn new(claim: &Claim<'a>, reference: &'a Reference) -> Option<Self> {
        let reached = registries::reached(reference, &claim.settings.oci)?;
        let base = Url::parse(reached.base().as_str()).ok()?;
        Some(Self { claim: *claim, reference, reached, base, token: Mutex::new(None) })
    }

    /// Where the image's own manifest is.
    pub(super) fn manifest_url(&self) -> Url {
        self.url("manifests", &self.reference.version)
    }

    /// The manifest of the image itself.
    pub(super) async fn manifest(&self) -> Result<Page, Trouble> {
        self.read("manifests", &self.reference.version, MANIFESTS).await
    }

    /// A manifest that another one names.
    pub(super) async fn manifest_of(&self, digest: &str) -> Result<Page, Trouble> {
        self.read("manifests", digest, MANIFESTS).await
    }

    /// A blob.
    pub(super) async fn blob(&self, digest: &str) -> Result<Page, Trouble> {
        self.read("blobs", digest, "*/*").await
    }

    /// Where a blob is.
    pub(super) fn blob_url(&self, digest: &str) -> Url {
        self.url("blobs", digest)
    }

    /// Repository and version are of characters that cannot break an address.
    fn url(&self, kind: &str, version: &str) -> Url {
        let mut url = self.base.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/v2/{}/{kind}/{version}", self.reference.repository));
        url
    }

    async fn read(&self, kind: &str, version: &str, accept: &'static str) -> Result<Page, Trouble> {
        let url = self.url(kind, version);
        let mut page = self.ask(&url, accept).await?;
        let challenge = page.answer.header(header::WWW_AUTHENTICATE).map(str::to_owned);
        if let (401, Some(challenge), None) = (page.status(), challenge, self.token()) {
            let token = self.sign_in(&challenge, &url).await?;
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
            page = self.ask(&url, accept).await?;
        }
        if page.status() != 200 {
            return Err(Trouble::Status(url, page.status()));
        }
        if is_digest(version) && version != format!("sha256:{}", Digest::of(&page.answer.body)) {
            return Err(Trouble::Unusable(
                url,
                "what the registry sent does not have that digest".to_owned(),
            ));
        }
        Ok(page)
    }

    fn token(&self) -> Option<String> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self, url: &Url, accept: &'static str) -> Result<Page, Trouble> {
        let token = self.token();
        let ask = Ask { bearer: token.as_deref(), ..self.asking(url.clone(), accept) };
        self.claim.web.ask(ask).await.map_err(|error| Trouble::Lookup(url.clone(), error.into()))
    }

    /// Time is limited for the image as a whole; a request's own limit is out of the way.
    fn asking(&self, url: Url, accept: &'static str) -> Ask<'_> {
        let settings = self.claim.settings;
        let ask = Ask {
            follow: Follow::Anywhere,
            limit: 2 * settings.limits.image,
            ..Ask::get(url, accept, settings)
        };
        match self.named() {
            Some(base) => ask.of(base),
            None => ask,
        }
    }

    fn named(&self) -> Option<&BaseUrl> {
        match &self.reached {
            Reached::Named(base) => Some(base),
            Reached::Public(_) => None,
        }
    }

    /// Gets the anonymous token that a challenge asks for.
    async fn sign_in(&self, challenge: &str, asked: &Url) -> Result<String, Trouble> {
        // A challenge of another kind wants a user.
        let realm = parameter(challenge, "realm").filter(|_| is_bearer(challenge));
        let Some(realm) = realm else { return Err(Trouble::Status(asked.clone(), 401)) };
        let mut realm = Url::parse(&realm)
            .map_err(|_| Trouble::Unusable(asked.clone(), "its sign-in address is none".to_owned()))?;
        {
            let mut query = realm.query_pairs_mut();
            if let Some(service) = parameter(challenge, "service") {
                query.append_pair("service", &service);
            }
            query.append_pair("scope", &format!("repository:{}:pull", self.reference.repository));
        }
        let page = self.claim.web.ask(self.asking(realm.clone(), "application/json")).await;
        let page = page.map_err(|error| Trouble::Lookup(realm.clone(), error.into()))?;
        if page.status() != 200 {
            return Err(Trouble::Status(realm, page.status()));
        }
        let answer = page.json().unwrap_or_default();
        let token = ["token", "access_token"].into_iter().find_map(|member| answer.get(member)?.as_str());
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(token.to_owned()),
            None => Err(Trouble::Unusable(realm, "its sign-in gave no token".to_owned())),
        }
    }
}

fn is_bearer(challenge: &str) -> bool {
    challenge.split_whitespace().next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
}

/// A quoted or bare parameter of a challenge.
fn parameter(challenge: &str, name: &str) -> Option<String> {
    let (_, mut rest) = challenge.trim().split_once(char::is_whitespace)?;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (own, value) = rest.split_once('=')?;
        let (value, after) = match value.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => value.split_once(',').unwrap_or((value, "")),
        };
        if own.trim().eq_ignore_ascii_case(name) {
            return Some(value.trim().to_owned());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_in_every_notation() {
        let challenge =
            r#"Bearer realm="https://a.example/token?x=1,2",service=reg.example, scope="a:b:pull,push""#;
        assert!(is_bearer(challenge) && is_bearer("bearer x") && !is_bearer("Basic realm=\"x\""));
        assert_eq!(parameter(challenge, "realm").as_deref(), Some("https://a.example/token?x=1,2"));
        assert_eq!(parameter(challenge, "Service").as_deref(), Some("reg.example"));
        assert_eq!(parameter(challenge, "scope").as_deref(), Some("a:b:pull,push"));
        for broken in ["", "Bearer", "Bearer realm", "Bearer realm=\"open", "Bearer other=1"] {
            assert_eq!(parameter(broken, "realm"), None, "{broken}");
        }
    }
}
