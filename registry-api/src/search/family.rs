//! Near-identical servers of one namespace, as machines make them by the hundred: after the third they are only counted.

use std::collections::HashMap;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::expand::Sought;
use super::find::Ranked;
use super::profile::{Place, Profile};
use super::score::Score;
use crate::read_model::catalog::Server;
use crate::read_model::entry::Entry;

/// How many of a family are shown.
const SHOWN: usize = 3;
/// With how many of its namespace one is compared.
const MOST: usize = 24;
/// How much of their descriptions two of a family share at least.
const ALIKE: f32 = 0.34;

type Compared<'a> = (Ranked, Score, &'a Arc<Server>, &'a Arc<Entry>);

/// Takes away what follows the third of a family; the third says how many there were.
///
/// Whoever asks for a namespace by its name wants all of it, and gets it.
pub fn fold(hits: &mut Vec<Compared<'_>>, sought: &[Sought]) {
    let sought: FxHashSet<u32> = sought
        .iter()
        .flat_map(|word| &word.variants)
        .flat_map(|variant| variant.hashes.iter().copied())
        .collect();
    let mut families: HashMap<&str, Vec<(usize, Vec<u32>)>> = HashMap::new();
    let mut more: HashMap<usize, u32> = HashMap::new();
    let mut kept = vec![true; hits.len()];
    for at in 0..hits.len() {
        let (_, score, server, entry) = &hits[at];
        if score.is_of_owner || score.exact > 0.0 {
            continue;
        }
        let family = families.entry(server.namespace()).or_default();
        let own = telling(entry.profile(), &sought);
        let alike = family.iter().filter(|(_, other)| are_alike(&own, other)).count();
        if alike >= SHOWN {
            kept[at] = false;
            *more.entry(family[SHOWN - 1].0).or_default() += 1;
        } else if family.len() < MOST {
            family.push((at, own));
        }
    }
    more.into_iter().for_each(|(at, count)| hits[at].0.more = count);
    let mut kept = kept.into_iter();
    hits.retain(|_| kept.next().unwrap_or(true));
}

/// The words of a description beside those that were looked for, in order.
fn telling(profile: &Profile, sought: &FxHashSet<u32>) -> Vec<u32> {
    let description = profile.at(Place::Description).iter();
    let mut stems: Vec<u32> = description.filter(|stem| !sought.contains(stem)).copied().collect();
    stems.sort_unstable();
    stems.dedup();
    stems
}

/// Whether two descriptions share many words, or say nothing.
fn are_alike(one: &[u32], other: &[u32]) -> bool {
    let shared = one.iter().filter(|stem| other.binary_search(stem).is_ok()).count();
    let all = one.len() + other.len() - shared;
    #[expect(clippy::cast_precision_loss, reason = "numbers of words")]
    let alike = all == 0 || shared as f32 / all as f32 >= ALIKE;
    alike
}
