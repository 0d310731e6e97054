//! Whether a mapped card is listed, under which name, and what its owner can do where it is not.

use super::endpoint::Endpoint;
use super::map::Mapped;
use super::owner::{self, Claim, Provenance};
use super::{name, site};
use crate::evidence::Level;
use crate::name::{Namespace, ServerName};

/// What becomes of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is listed.
    Listed {
        /// Under this name.
        name: ServerName,
        /// The proof for it.
        claim: Claim,
        /// The name it declares, where that is not its host's to give.
        held_name: Option<HeldName>,
    },
    /// It is shown to operators and its owner, and not listed.
    Held {
        /// The name it would have.
        name: ServerName,
        /// What is proved.
        claim: Claim,
        /// Why, and what to do.
        reason: String,
    },
}

/// A claim to a name that waits for somebody who may make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldName {
    /// Which.
    pub name: ServerName,
    /// What is proved.
    pub claim: Claim,
    /// Why it waits, and what to do.
    pub reason: String,
}

/// Decides about a card.
pub fn decide(mapped: &Mapped, from: &Provenance<'_>) -> Verdict {
    let published = mapped.published();
    let claim_to = |name: &ServerName| owner::claim(name, &published, from);
    let declared = mapped.declared_name.clone().map(|name| (claim_to(&name), name));
    let (name, claim, held_name) = match declared {
        Some((claim, name)) if claim.level >= Level::HostBound => (name, claim, None),
        declared => {
            let (name, own_claim) = own(mapped, &published, from);
            let held = declared.map(|(claim, name)| {
                let reason = name_reason(&name.namespace(), from.host());
                HeldName { name, claim, reason }
            });
            (name, own_claim, held)
        }
    };
    if let Some(stray) = mapped.endpoints.iter().find(|e| !from.is_related(e)) {
        return Verdict::Held { name, claim, reason: stray_reason(stray, from.host()) };
    }
    if claim.level < Level::HostBound {
        let reason = format!(
            "documents on `{}` are put there by many people, so none of them speaks for it; serve the card from a domain of your own, \
             or list it in the catalog of the domain its name belongs to",
            from.host()
        );
        return Verdict::Held { name, claim, reason };
    }
    Verdict::Listed { name, claim, held_name }
}

/// The name by the document's host: without `www.` where the domain leads there, else the host as it is.
fn own(mapped: &Mapped, published: &[Endpoint], from: &Provenance<'_>) -> (ServerName, Claim) {
    let short = mapped.own_name.clone();
    let claim = owner::claim(&short, published, from);
    if claim.level >= Level::HostBound {
        return (short, claim);
    }
    match name::within(&name::namespace(from.document, false), short.leaf()) {
        Some(whole) => {
            let claim = owner::claim(&whole, published, from);
            (whole, claim)
        }
        None => (short, claim),
    }
}

fn name_reason(namespace: &Namespace, host: &str) -> String {
    let owner = namespace.host();
    match owner.strip_suffix(".github.io") {
        Some(account) => format!(
            "`{namespace}` belongs to the GitHub account `{account}`, for which `{host}` cannot speak; sign in with GitHub and publish the \
             name, or serve the card from `{owner}`"
        ),
        None => format!(
            "`{namespace}` belongs to `{owner}`, for which `{host}` cannot speak; serve the card from `{owner}`, list it in that \
             host's `/.well-known/ai-catalog.json`, or publish the name with a proof of the domain"
        ),
    }
}

fn stray_reason(endpoint: &Endpoint, host: &str) -> String {
    let other = site::site(endpoint.host()).unwrap_or(endpoint.host());
    let card = endpoint.url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    format!(
        "the remote `{}` is on `{other}`, which does not confirm what `{host}` says of it; serve the same card at \
         `{card}/server-card`, or list this document in `https://{other}/.well-known/ai-catalog.json`",
        endpoint.url
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::map::{Context, to_server_json};
    use crate::card::owner::Confirmed;
    use crate::card::sniff::sniff;
    use chrono::{DateTime, NaiveDate};
    use serde_json::json;
    use url::Url;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    fn mapped(document: &Url, name: &str, remote: &str) -> Mapped {
        let card = json!({
            "$schema": crate::card::sniff::V1_SCHEMA, "name": name, "version": "1.0.0", "description": "Tells the weather",
            "remotes": [{ "type": "streamable-http", "url": remote }],
        });
        let first_seen = NaiveDate::from_ymd_opt(2026, 1, 2).expect("a day");
        let context = Context { document_url: document, first_seen, display: None };
        to_server_json(&card, sniff(&card), &context).expect("a card")
    }

    fn decide_about(
        document: &str,
        name: &str,
        remote: &str,
        listed_by: &[Url],
        confirmed: &[Confirmed],
    ) -> Verdict {
        let document = url(document);
        let from = Provenance { listed_by, confirmed, ..Provenance::of(&document, DateTime::UNIX_EPOCH) };
        decide(&mapped(&document, name, remote), &from)
    }

    fn summary(verdict: Verdict) -> (String, u8, Option<String>) {
        match verdict {
            Verdict::Listed { name, claim, held_name } => {
                (format!("listed {name}"), claim.level.number(), held_name.map(|h| h.name.to_string()))
            }
            Verdict::Held { name, claim, .. } => (format!("held {name}"), claim.level.number(), None),
        }
    }

    const CARD: &str = "https://acme.com/.well-known/mcp/server-card.json";

    #[test]
    fn an_admissible_name_is_kept() {
        let verdict = decide_about(CARD, "com.Acme/Weather", "https://mcp.acme.com/mcp", &[], &[]);
        assert_eq!(summary(verdict), ("listed com.Acme/Weather".into(), 3, None));
    }

    #[test]
    fn a_foreign_name_is_held_and_the_server_listed_under_its_own() {
        let verdict = decide_about(CARD, "com.bank/login", "https://acme.com/mcp", &[], &[]);
        let Verdict::Listed { held_name: Some(held), .. } = &verdict else { panic!("{verdict:?}") };
        assert!(held.reason.contains("belongs to `bank.com`"), "{}", held.reason);
        assert_eq!(summary(verdict), ("listed com.acme/login".into(), 3, Some("com.bank/login".into())));
        let verdict = decide_about(CARD, "io.github.alice/weather", "https://acme.com/mcp", &[], &[]);
        let Verdict::Listed { held_name: Some(held), .. } = verdict else { panic!("listed") };
        assert!(held.reason.contains("GitHub account `alice`"), "{}", held.reason);
    }

    #[test]
    fn a_remote_on_a_strangers_host_holds_the_document() {
        let remote = "https://host.net/mcp";
        let verdict = decide_about(CARD, "com.acme/weather", remote, &[], &[]);
        let Verdict::Held { reason, .. } = &verdict else { panic!("{verdict:?}") };
        assert!(reason.contains("`https://host.net/mcp/server-card`"), "{reason}");
        assert_eq!(summary(verdict), ("held com.acme/weather".into(), 2, None));

        let confirmed = [Confirmed { key: remote.into(), url: url("https://host.net/mcp/server-card") }];
        let verdict = decide_about(CARD, "com.acme/weather", remote, &[], &confirmed);
        assert_eq!(summary(verdict), ("listed com.acme/weather".into(), 3, None));

        let listed_by = [url("https://www.host.net/.well-known/ai-catalog.json")];
        let verdict = decide_about(CARD, "com.acme/weather", remote, &listed_by, &[]);
        assert_eq!(summary(verdict), ("listed com.acme/weather".into(), 2, None));
    }

    #[test]
    fn an_endpoint_that_is_not_published_proves_nothing() {
        let verdict = decide_about(CARD, "com.acme/weather", "http://mcp.acme.com/mcp", &[], &[]);
        assert_eq!(summary(verdict), ("listed com.acme/weather".into(), 2, None));
    }

    #[test]
    fn a_host_without_www_is_the_domains_to_give() {
        let card = "https://www.acme.com/.well-known/mcp/server-card.json";
        let verdict = decide_about(card, "not a name", "https://www.acme.com/mcp", &[], &[]);
        assert_eq!(summary(verdict).0, "listed com.acme.www/not-a-name");
        let (document, hops) = (url(card), [url(CARD)]);
        let from = Provenance { redirects: &hops, ..Provenance::of(&document, DateTime::UNIX_EPOCH) };
        let verdict = decide(&mapped(&document, "not a name", "https://www.acme.com/mcp"), &from);
        assert_eq!(summary(verdict).0, "listed com.acme/not-a-name");
    }

    #[test]
    fn nobody_speaks_for_a_host_of_strangers_files() {
        let document = "https://raw.githubusercontent.com/alice/repo/main/card.json";
        let remote = "https://acme.com/mcp";
        assert_eq!(
            summary(decide_about(document, "com.acme/weather", remote, &[], &[])).0,
            "held com.githubusercontent.raw/weather"
        );
        let listed_by = [url("https://acme.com/.well-known/ai-catalog.json")];
        let verdict = decide_about(document, "com.acme/weather", remote, &listed_by, &[]);
        assert_eq!(summary(verdict), ("listed com.acme/weather".into(), 3, None));
        let own = decide_about(document, "nameless", "https://raw.githubusercontent.com/mcp", &[], &[]);
        assert!(matches!(own, Verdict::Held { .. }));
    }
}
