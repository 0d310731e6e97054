//! Documents that are fresh: they are what they were, and are not asked for.

use chrono::{DateTime, Utc};
use registry_core::outbound::Fetched;
use registry_core::store::documents::Known;
use url::Url;

use super::task::Task;
use super::{Document, Reach, Visit};
use crate::frontier;

impl Visit<'_> {
    /// The answer that a fresh document would give, were it asked; none where it is to be asked.
    ///
    /// Somebody who asks for an origin gets everything asked. So does a home page: half of what it says is in its head.
    pub(super) fn as_before(&self, task: &Task, known: Option<&Known>) -> Option<Box<Fetched>> {
        let is_asked = self.means.reach == Reach::Everywhere || task.is_home();
        if is_asked || self.means.fetcher.is_own(task.host()) {
            return None;
        }
        fresh(&task.url, known?, self.means.clock.now()).map(Box::new)
    }

    /// Until when the documents that were asked for need not be asked for again.
    pub(crate) fn note_freshness(&mut self) {
        let now = self.means.clock.now();
        let fetcher = &self.means.fetcher;
        let asked = self.seen.documents.iter().filter(|document| !document.is_as_before);
        let strangers = asked.filter(|document| !fetcher.is_own(document.url.host_str().unwrap_or_default()));
        let until = |document: &Document| now + frontier::fresh(document.cache_control.as_deref());
        self.seen.fresh =
            strangers.map(|document| (document.url.as_str().to_owned(), until(document))).collect();
    }
}

fn fresh(url: &Url, known: &Known, now: DateTime<Utc>) -> Option<Fetched> {
    let until = known.fresh_until.filter(|until| *until > now)?;
    if known.moved_to.is_some() && known.instead().is_none() {
        // Each time it says so counts, and nobody would have heard it.
        return None;
    }
    let final_url = Url::parse(&known.final_url).ok()?;
    let mut chain = vec![url.clone(), final_url.clone()];
    chain.dedup();
    Some(Fetched {
        status: 304,
        moved_permanently: known.moved_to.is_some(),
        chain,
        final_url,
        etag: known.etag.clone(),
        last_modified: known.last_modified.clone(),
        content_type: None,
        // The rest of its time, so that the origin's next visit is not late.
        cache_control: Some(format!("max-age={}", (until - now).num_seconds())),
        retry_after: None,
        www_authenticate: None,
        location: None,
        link: Vec::new(),
        body: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use registry_core::digest::Digest;

    use super::*;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn known(fresh_for: Option<TimeDelta>, moved_sightings: i32) -> Known {
        let moved_to = (moved_sightings > 0).then(|| "https://new.acme.com/card".to_owned());
        Known {
            id: 1,
            final_url: moved_to.clone().unwrap_or_else(|| "https://acme.com/card".to_owned()),
            format: "server-card".to_owned(),
            is_listed: true,
            etag: Some("\"1\"".to_owned()),
            last_modified: None,
            sha256: Digest::of(b"{}"),
            first_seen_at: NOW,
            moved_to,
            moved_sightings,
            fresh_until: fresh_for.map(|wait| NOW + wait),
        }
    }

    #[test]
    fn a_document_is_what_it_was_until_its_time_is_over() {
        let url = Url::parse("https://acme.com/card").expect("an address");
        let of = |wait, sightings| fresh(&url, &known(wait, sightings), NOW);
        let as_before = of(Some(TimeDelta::hours(2)), 0).expect("it is fresh");
        assert_eq!((as_before.status, as_before.chain.len()), (304, 1));
        assert_eq!(as_before.cache_control.as_deref(), Some("max-age=7200"));
        assert_eq!(of(None, 0), None);
        assert_eq!(of(Some(TimeDelta::zero()), 0), None);
        assert_eq!(of(Some(TimeDelta::hours(2)), 2), None, "it has yet to say so a third time");
        let moved = of(Some(TimeDelta::hours(2)), 3).expect("it has said so often enough");
        assert!(moved.moved_permanently && moved.chain.len() == 2);
    }
}
