//! How long to wait between two look-ups of a package that is not there yet.

use std::time::Duration;

use super::settings::Limits;

/// The pauses: each twice the one before, up to the longest.
pub(super) fn pauses(limits: &Limits) -> impl Iterator<Item = Duration> + Send + use<> {
    let longest = limits.longest_wait;
    std::iter::successors(Some(limits.first_wait.min(longest)), move |pause| Some((*pause * 2).min(longest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_one_second_to_fifteen() {
        let seconds: Vec<_> = pauses(&Limits::default()).map(|pause| pause.as_secs()).take(7).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 15, 15, 15]);
    }
}
