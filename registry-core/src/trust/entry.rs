//! An entry of a catalog, as far as signatures are bound to it.

use serde_json::Value;

use super::artifact::Artifact;
use super::did::RootDid;
use super::verdict::{Binding, Layer, Reason};

/// An entry and the document that it is about.
pub(super) struct Entry<'a> {
    pub(super) value: &'a Value,
    pub(super) artifact: &'a Artifact<'a>,
}

impl<'a> Entry<'a> {
    /// A member that is a text.
    pub(super) fn text(&self, member: &str) -> Option<&'a str> {
        self.value.get(member).and_then(Value::as_str)
    }

    /// What is wrong with the entry's own digest, and whether it has one that matches.
    pub(super) fn digest(&self) -> (Layer, Option<Reason>) {
        let checked = match self.value.get("digest") {
            None | Some(Value::Null) => return (Layer::Transport, None),
            Some(Value::String(digest)) => self.artifact.check(digest),
            Some(_) => Err(Reason::Malformed("digest")),
        };
        match checked {
            Ok(()) => (Layer::Digest, None),
            // That says something of this visit, and nothing of the catalog.
            Err(Reason::NoBytes) => (Layer::Transport, None),
            Err(reason) => (Layer::Transport, Some(reason)),
        }
    }

    /// How far a signature goes that is bound in this way.
    pub(super) fn layer(&self, binding: Binding, is_publishers: bool) -> Layer {
        match binding {
            Binding::Bytes if is_publishers && self.is_content_addressed() => Layer::ContentAddressed,
            Binding::Bytes if is_publishers => Layer::Signed,
            Binding::Bytes => Layer::Digest,
            Binding::Address | Binding::Snapshot | Binding::Nothing => Layer::Transport,
        }
    }

    /// Whether the address is one of an OCI registry that is made of the content's digest, and the content has it.
    fn is_content_addressed(&self) -> bool {
        let digest = self.text("url").and_then(oci_digest);
        digest.is_some_and(|digest| self.artifact.check(digest).is_ok())
    }

    /// The domain that the identifier says has published it, where it may sign (`urn:air:example.com:…`).
    pub(super) fn publisher(&self) -> Option<RootDid> {
        RootDid::parse(&format!("did:web:{}", publisher(self.text("identifier")?)?))
    }
}

/// The publisher in an identifier of the form `urn:air:{publisher}:{name}`.
pub(super) fn publisher(identifier: &str) -> Option<&str> {
    let (publisher, rest) = identifier.strip_prefix("urn:air:")?.split_once(':')?;
    let is_plain = |text: &str, more: &[u8]| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b))
    };
    let is_standard = is_plain(publisher, b".-") && rest.split(':').all(|part| is_plain(part, b"._-"));
    is_standard.then_some(publisher)
}

/// The digest in the address of a blob or manifest of an OCI registry.
fn oci_digest(url: &str) -> Option<&str> {
    let (_, path) = url.strip_prefix("https://")?.split_once("/v2/")?;
    let (kind, digest) = path.rsplit_once('/')?;
    (kind.ends_with("/blobs") || kind.ends_with("/manifests")).then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_publisher_is_read_from_standard_identifiers_only() {
        assert_eq!(publisher("urn:air:acme.com:servers:tides"), Some("acme.com"));
        for other in [
            "urn:air:acme.com",
            "urn:air::tides",
            "urn:air:acme.com:",
            "urn:air:acme.com::tides",
            "urn:ai:acme.com:tides",
            "URN:air:acme.com:tides",
            "urn:air:ac me.com:tides",
            "urn:air:acme.com:ti/des",
            "acme.com",
            "",
        ] {
            assert_eq!(publisher(other), None, "{other}");
        }
    }

    #[test]
    fn an_address_of_content_ends_in_its_digest() {
        assert_eq!(oci_digest("https://reg.example/v2/acme/tides/blobs/sha256:ab"), Some("sha256:ab"));
        assert_eq!(oci_digest("https://reg.example/v2/tides/manifests/sha256:ab"), Some("sha256:ab"));
        for other in [
            "https://reg.example/blobs/sha256:ab",
            "http://reg.example/v2/x/blobs/sha256:ab",
            "https://reg.example/v2/x",
        ] {
            assert_eq!(oci_digest(other), None, "{other}");
        }
    }
}
