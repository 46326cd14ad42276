//! How long before its end a value is refreshed.

use core::f64::consts::LN_2;

use crate::lifecycle::Policy;

impl Policy {
    /// The lead of one holder of a value, in milliseconds. `random`, from 0 to 1, tells holders
    /// apart; 0 gives the shortest.
    pub(super) fn lead(&self, lifetime: u64, random: f64) -> u64 {
        let least = self.ahead.of(lifetime);
        let Some(mean) = self.ahead_mean else { return spread(least, random) };
        let more = mean.of(lifetime) as f64 * exponential(random);
        // The cast saturates.
        least.saturating_add(more as u64).min(lifetime / 2)
    }
}

/// The time, or up to half as much again.
pub(super) fn spread(millis: u64, random: f64) -> u64 {
    // The cast saturates, and a `random` that is no number counts as 0.
    millis.saturating_add((millis as f64 * random.clamp(0.0, 1.0) / 2.0) as u64)
}

/// A number of nearly the exponential distribution, `-ln(1 - random)`: by straight lines between
/// the powers of two, since `core` has no logarithm. It is at most 0.06 too large.
fn exponential(random: f64) -> f64 {
    // 1 has no logarithm, so its neighbour stands for it. What is no number counts as 0: its bits
    // are larger than those of 1.
    let rest = 1.0 - random.clamp(0.0, 1.0 - f64::EPSILON / 2.0);
    // The bits of a number are its exponent, and behind that its fraction less 1: such lines.
    let steps = 1.0_f64.to_bits().saturating_sub(rest.to_bits());
    steps as f64 * (LN_2 / (1_u64 << 52) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_nearly_that_of_std() {
        for step in 0..1_000_000 {
            let random = f64::from(step) / 1e6;
            let (own, std) = (exponential(random), -(1.0 - random).ln());
            assert!((-1e-9..0.06).contains(&(own - std)), "{random}: {own} {std}");
        }
        for random in [1.0, 2.0, 1.0 - f64::EPSILON, 1.0 - f64::EPSILON / 2.0] {
            let rest: f64 = (1.0 - random.min(1.0)).max(f64::EPSILON / 2.0);
            assert!((-1e-9..0.06).contains(&(exponential(random) + rest.ln())), "{random}");
        }
        for random in [f64::NAN, -1.0, f64::NEG_INFINITY] {
            assert_eq!(exponential(random), 0.0);
        }
    }

    #[test]
    fn the_lead_of_a_shared_token_is_exponential_and_at_most_half_of_its_life() {
        let hour = 3_600_000;
        let lead = |lifetime, random| Policy::SHARED_TOKEN.lead(lifetime, random);
        assert_eq!(lead(12 * hour, 0.0), 300_000);
        let median = lead(12 * hour, 0.5);
        assert!((383_100..383_300).contains(&median), "{median}");
        assert_eq!(lead(hour, 1.0), hour / 2);
        assert_eq!(lead(0, 1.0), 0);
        assert_eq!(lead(hour, 0.0), 300_000);
        assert_eq!(lead(600_000, 0.0), 54_000);
        let draws = 100_000;
        let sum: u64 = (0..draws).map(|i| lead(12 * hour, (i as f64 + 0.5) / draws as f64)).sum();
        let mean = sum / draws;
        assert!((424_700..424_900).contains(&mean), "{mean}");
    }

    #[test]
    fn a_broker_refreshes_before_any_of_those_that_ask_it() {
        for lifetime in [10_000, 60_000, 600_000, 3_600_000, 43_200_000] {
            assert!(Policy::BROKERED_TOKEN.lead(lifetime, 0.0) > Policy::TOKEN.lead(lifetime, 1.0));
        }
    }
}
