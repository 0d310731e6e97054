//! What a status other than 200 says of a package of an index: npm's or Python's.

use url::Url;

use super::base::BaseUrl;
use super::claim::Claim;
use super::lookup::{Page, is_passing};
use super::refusal::Refusal;

/// The refusal; after a 404 it is asked at `whole` whether the package exists without this version.
pub(super) async fn refuse(
    claim: &Claim<'_>,
    label: &str,
    base: &BaseUrl,
    page: &Page,
    whole: &Url,
) -> Refusal {
    let (id, version, status) = (claim.id(), claim.version(), page.status());
    if is_passing(status) {
        return passing(
            format!("{label} package '{id}' version '{version}' could not be looked up (status: {status})"),
            page,
        );
    }
    let absent = || {
        Refusal::new(format!("{label} package '{id}' not found (status: {status})")).status(&page.url, status)
    };
    if status != 404 {
        return absent().advise("the package must be public; correct its identifier and version");
    }
    let publish = format!("publish version '{version}' of the package first, or correct 'version'");
    match claim.probe(base, whole).await {
        Some(200) => Refusal::new(format!(
            "{label} package '{id}' exists, but version '{version}' was not found (status: 404). It may not be published yet"
        ))
        .status(&page.url, 404)
        .status(whole, 200)
        .advise(publish),
        Some(404) => absent().status(whole, 404).advise("publish the package first, or correct 'identifier'"),
        Some(other) => absent().status(whole, other).advise(publish),
        None => absent().read(whole, "no usable answer").advise(publish),
    }
    .missing()
}

/// A registry that does not answer just now; `what` says so.
fn passing(what: String, page: &Page) -> Refusal {
    let refusal = Refusal::new(format!("{what}. Likely transient, retry later"));
    refusal.status(&page.url, page.status()).missing()
}

/// A status that nothing else is known about.
pub(super) fn unexpected(what: &str, page: &Page) -> Refusal {
    let sentence = format!("{what} returned status {}", page.status());
    if is_passing(page.status()) {
        return passing(sentence, page);
    }
    Refusal::new(sentence).status(&page.url, page.status())
}
