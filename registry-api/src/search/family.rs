//! Near-identical servers of one namespace, as machines make them by the hundred: after the third they are only counted.

use std::collections::HashMap;
use std::sync::Arc;

use super::expand::Sought;
use super::find::Ranked;
use super::profile::{Place, Profile};
use super::score::Score;
use crate::read_model::catalog::Server;
use crate::read_model::entry::Entry;

/// How many of a family are shown.
const SHOWN: usize = 3;
/// How much of their descriptions two of a family share at least.
const ALIKE: f32 = 0.34;

type Compared<'a> = (Ranked, Score, &'a Arc<Server>, &'a Arc<Entry>);

/// Takes away what follows the third of a family; the third says how many there were.
///
/// Whoever asks for a namespace by its name wants all of it, and gets it.
pub fn fold(hits: &mut Vec<Compared<'_>>, sought: &[Sought]) {
    let mut families: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut more: HashMap<usize, u32> = HashMap::new();
    let mut kept = vec![true; hits.len()];
    for at in 0..hits.len() {
        let (_, score, server, entry) = &hits[at];
        if score.is_of_owner || score.exact > 0.0 {
            continue;
        }
        let family = families.entry(server.namespace()).or_default();
        let alike = family
            .iter()
            .filter(|other| are_alike(entry.profile(), hits[**other].3.profile(), sought))
            .count();
        if alike >= SHOWN {
            kept[at] = false;
            *more.entry(family[SHOWN - 1]).or_default() += 1;
        } else {
            family.push(at);
        }
    }
    more.into_iter().for_each(|(at, count)| hits[at].0.more = count);
    let mut kept = kept.into_iter();
    hits.retain(|_| kept.next().unwrap_or(true));
}

/// Whether two descriptions share many words beside those that were looked for, or say nothing.
fn are_alike(one: &Profile, other: &Profile, sought: &[Sought]) -> bool {
    let is_sought = |stem: &u32| {
        sought.iter().any(|word| word.variants.iter().any(|variant| variant.hashes.contains(stem)))
    };
    let of = |profile: &Profile| -> Vec<u32> {
        let mut stems: Vec<u32> =
            profile.at(Place::Description).iter().filter(|stem| !is_sought(stem)).copied().collect();
        stems.sort_unstable();
        stems.dedup();
        stems
    };
    let (one, other) = (of(one), of(other));
    let shared = one.iter().filter(|stem| other.binary_search(stem).is_ok()).count();
    let all = one.len() + other.len() - shared;
    #[expect(clippy::cast_precision_loss, reason = "numbers of words")]
    let alike = all == 0 || shared as f32 / all as f32 >= ALIKE;
    alike
}
