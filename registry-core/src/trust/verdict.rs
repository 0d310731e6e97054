//! What came of checking: the only way in which a manifest is spoken of outside.

use chrono::{DateTime, Utc};
use url::Url;

use super::documents::Needed;

/// What is known of an entry's release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The highest layer that any of it reaches.
    pub layer: Layer,
    /// What is wrong with the entry's `digest`; none where it matches or there is none.
    pub digest: Option<Reason>,
    /// Each manifest by itself, in the order of the entry.
    pub manifests: Vec<Manifest>,
}

/// A manifest, or a signature of a whole catalog, and what came of checking it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// Where it stands in the entry or catalog, as a JSON pointer.
    pub pointer: String,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// Whether a manifest holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does, as far as this says.
    Verified(Verified),
    /// It does not, or nobody can tell; nothing that it says may be shown as trust.
    NotVerified(Reason),
}

/// What a signature that holds proves, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Who signed, as the manifest names them: `did:web:example.com`, or the address of a JWK Set.
    pub by: String,
    /// The domain that gave the key.
    pub domain: String,
    /// What the signature is bound to.
    pub binding: Binding,
    /// How far that goes.
    pub layer: Layer,
    /// Whether the signer is the publisher that the entry's `urn:air:` identifier names; else the signature is a third party's word.
    pub publisher_authority: bool,
    /// For a whole catalog: whether the signer is the operator that it names.
    pub is_operator: bool,
    /// When it was signed, by the signer's own clock.
    pub issued_at: Option<DateTime<Utc>>,
    /// Until when it holds, where the signer says so.
    pub until: Option<DateTime<Utc>>,
    /// The document with the key.
    pub key: Url,
    /// The entry's extensions that the signature covers too.
    pub extensions: Vec<String>,
}

/// What a signature is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The very bytes that were fetched, or the value in the catalog.
    Bytes,
    /// An address; of what lies there today it says nothing.
    Address,
    /// A catalog as it stands; of the documents that it lists it says nothing.
    Snapshot,
    /// The manifest's own words, and no release.
    Nothing,
}

/// How much stands behind a document (discovery 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Layer {
    /// 0: its host served it over HTTPS.
    #[default]
    Transport,
    /// 1: it has the digest that the catalog gives; whoever controls the catalog controls both.
    Digest,
    /// 2: its publisher has signed these bytes.
    Signed,
    /// 3: and its address is made of its content.
    ContentAddressed,
}

impl Layer {
    /// The number people see.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl Verified {
    /// Whether the publisher itself stands by the very bytes that were fetched: what raises the level of a name.
    pub fn is_publishers_word(&self) -> bool {
        self.publisher_authority && self.binding == Binding::Bytes
    }

    /// What was proved, in a sentence.
    pub fn how(&self) -> String {
        let (by, key) = (&self.by, &self.key);
        let what = match self.binding {
            Binding::Bytes => "these very bytes",
            Binding::Address => "this address, whatever lies there",
            Binding::Snapshot => "the catalog that lists it, as it stands",
            Binding::Nothing => "a manifest about it, which is bound to no release",
        };
        let who = match (self.publisher_authority, self.binding) {
            (true, _) => format!("its publisher `{}`", self.domain),
            (false, Binding::Snapshot) if self.is_operator => format!("the catalog's operator `{by}`"),
            (false, _) => format!("`{by}`, a third party,"),
        };
        format!("{who} has signed {what}; the key is in `{key}`")
    }
}

/// Why a manifest, a signature or a digest does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Anybody could have written it.
    #[error("it is not signed, so it only repeats what the catalog says; sign it")]
    Unsigned,
    /// It says nothing.
    #[error(
        "a trust manifest needs `contributor` and a `signature`, `trustSchema`, `attestations`, `provenance` or `extensions`"
    )]
    Empty,
    /// A member is missing or of another kind.
    #[error("`{0}` is missing or has another form than it should")]
    Malformed(&'static str),
    /// Another procedure than those that are known here.
    #[error("`{0}` is not a signature profile that is known here; `did-web-v1` is")]
    Profile(String),
    /// The signer is not one that the profile knows.
    #[error("`{0}` is not `did:web:` with a domain in lower case and nothing else")]
    Signer(String),
    /// Somebody signed another one's words.
    #[error("the signer `{signer}` is not the contributor `{contributor}`")]
    Contributor {
        /// Who signed.
        signer: String,
        /// Whose words they are.
        contributor: String,
    },
    /// A time that is none.
    #[error("`{0}` is not a time as in `2026-11-25T00:00:00Z`")]
    Time(String),
    /// It ends before it begins.
    #[error("it expires before it is issued; sign it anew")]
    Backwards,
    /// Its time has not come.
    #[error("it is issued in the future, at {0}; set the clock of the signer right")]
    Early(DateTime<Utc>),
    /// Its time is over.
    #[error("it expired at {0}; sign it anew")]
    Expired(DateTime<Utc>),
    /// The signature is not in the form that it should have.
    #[error("the signature is no detached JWS in compact form: {0}")]
    Jws(&'static str),
    /// The signature's header asks for something that is not done.
    #[error("the header of the signature has `{0}`, which is not allowed there")]
    Header(&'static str),
    /// Signed as something else.
    #[error("the header of the signature says `typ` `{found}`, and not `{wanted}`")]
    Typ {
        /// What it says.
        found: String,
        /// What it should say.
        wanted: &'static str,
    },
    /// An algorithm that is not taken.
    #[error("`{0}` is no algorithm for these signatures")]
    Algorithm(String),
    /// The key is named in a way that is not taken.
    #[error("the `kid` `{0}` is not the signer followed by `#` and a name")]
    Kid(String),
    /// It is about another release.
    #[error("`subject.{0}` is not what the entry says; sign the manifest for this entry anew")]
    Subject(&'static str),
    /// It is about no release in particular.
    #[error("`subject` needs `digest` or `url`, or the signature is bound to nothing")]
    Unbound,
    /// A digest that proves nothing.
    #[error("the digest `{0}` cannot be used; write `sha256:` (or `sha384:`, `sha512:`) and lower-case hex")]
    Digest(String),
    /// Other bytes than were meant.
    #[error(
        "the digest is `{wanted}`, and the document has `{found}`; one of the two was changed without the other"
    )]
    DigestDiffers {
        /// What the catalog says.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// Nobody has the bytes.
    #[error("the document itself was not fetched, so its digest cannot be compared")]
    NoBytes,
    /// What is signed has no one form.
    #[error("what is signed has no canonical form: {0}")]
    Canonical(String),
    /// The manifest is somebody else's.
    #[error(
        "`identity` is `{identity}`, which is neither the identifier `{identifier}` nor on its publisher's domain"
    )]
    Identity {
        /// Whose it says it is.
        identity: String,
        /// What it stands beside.
        identifier: String,
    },
    /// A key that is kept in a way that is not followed.
    #[error("the key of `{0}` cannot be looked up here; a JWK Set at an `https` address can")]
    KeyKind(String),
    /// The document with the key was not fetched.
    #[error("`{}` was not fetched", .0.url)]
    NotFetched(Needed),
    /// The document with the key could not be had.
    #[error("`{url}`, which should have the key, cannot be used: {why}")]
    NoKeys {
        /// Where.
        url: Url,
        /// Why.
        why: String,
    },
    /// The document with the keys is another one's.
    #[error("the DID document is of `{0}`, not of the signer")]
    DidDocument(String),
    /// The key is not there, or not for this.
    #[error("the key `{kid}` is not usable: {why}")]
    Key {
        /// Which.
        kid: String,
        /// Why.
        why: &'static str,
    },
    /// It was changed after it was signed, or signed with another key.
    #[error("the signature does not fit: what is signed was changed, or another key signed it")]
    Signature,
    /// The catalog cannot be read in one way only.
    #[error(transparent)]
    Ambiguous(#[from] super::Ambiguous),
    /// There are too many.
    #[error("an entry's first {0} manifests are looked at, and no more")]
    TooMany(usize),
}

/// A text from a manifest, fit to be shown in a reason.
pub(super) fn shown(text: &str) -> String {
    crate::card::text::clean(text, 200)
}
