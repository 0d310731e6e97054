//! Addresses of documents and endpoints as documents write them.

use registry_core::card::secret;
use registry_core::card::text::clean;
use serde_json::Value;
use url::Url;

/// The longest address that is read.
const LONGEST: usize = 2048;

/// Where a document that is named lies; relative addresses start at the document that names it.
pub(super) fn of(text: &str, base: &Url) -> Result<Url, String> {
    let text = text.trim();
    let shown = || clean(text, 120);
    if text.is_empty() || text.len() > LONGEST {
        return Err("`url` is empty or longer than 2048 bytes".to_owned());
    }
    let mut url = base.join(text).map_err(|_| format!("`{}` is no address", shown()))?;
    if url.scheme() != "https" {
        return Err(format!("`{}` is not an https address", shown()));
    }
    if url.domain().is_none_or(|host| !host.contains('.')) {
        return Err(format!("`{}` is not on a host of the web; use a domain name", shown()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("`url` carries a user name or password".to_owned());
    }
    if secret::holds_key(url.as_str()) {
        return Err("`url` carries a credential; leave it out, and withdraw it".to_owned());
    }
    url.set_fragment(None);
    Ok(url)
}

/// The same of a member.
pub(super) fn of_member(value: &Value, base: &Url) -> Result<Url, String> {
    of(value.as_str().ok_or("`url` is one address, written as a string")?, base)
}

/// An address that is written out whole, as in a record that belongs to no document.
pub(super) fn absolute(text: &str) -> Result<Url, String> {
    match Url::parse(text.trim()) {
        Ok(url) => of(url.as_str(), &url),
        Err(_) => Err(format!("`{}` is no https address", clean(text, 120))),
    }
}

/// Whether an address looks like a document's and not like an endpoint's.
pub(super) fn is_document(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    last.ends_with(".json") || last.ends_with("server-card") || path.starts_with("/.well-known/")
}

/// One step of a JSON pointer.
pub(super) fn step(member: &str) -> String {
    clean(member, 100).replace('~', "~0").replace('/', "~1")
}
