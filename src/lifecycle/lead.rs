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

/// A number of the exponential distribution with the mean 1: `-ln(1 - random)`. `core` has no
/// logarithm.
fn exponential(random: f64) -> f64 {
    // The smallest step of `Math.random`, since 0 has no logarithm; and what is no number counts as
    // 0.
    let rest = (1.0 - random.clamp(0.0, 1.0)).clamp(f64::EPSILON / 2.0, 1.0);
    if rest.is_nan() {
        return 0.0;
    }
    // `rest` is `fraction * 2^-halvings`, the fraction from 1 to 2.
    let bits = rest.to_bits();
    let halvings = 1023_u64.saturating_sub(bits >> 52) as f64;
    let fraction = f64::from_bits((bits & ((1 << 52) - 1)) | 1.0_f64.to_bits());
    // ln(fraction) = 2 artanh((fraction - 1) / (fraction + 1)), which is at most 1/3.
    let ratio = (fraction - 1.0) / (fraction + 1.0);
    let square = ratio * ratio;
    let series = [9.0, 7.0, 5.0, 3.0, 1.0].iter().fold(0.0, |sum, odd| sum * square + 1.0 / odd);
    halvings * LN_2 - 2.0 * ratio * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_std() {
        for step in 0..1_000_000 {
            let random = f64::from(step) / 1e6;
            let (own, std) = (exponential(random), -(1.0 - random).ln());
            assert!((own - std).abs() < 2e-6, "{random}: {own} {std}");
        }
        for random in [1.0, 2.0, 1.0 - f64::EPSILON, 1.0 - f64::EPSILON / 2.0] {
            let rest: f64 = (1.0 - random.min(1.0)).max(f64::EPSILON / 2.0);
            assert!((exponential(random) + rest.ln()).abs() < 2e-6, "{random}");
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
        assert!((419_900..420_100).contains(&mean), "{mean}");
    }

    #[test]
    fn a_broker_refreshes_before_any_of_those_that_ask_it() {
        for lifetime in [10_000, 60_000, 600_000, 3_600_000, 43_200_000] {
            assert!(Policy::BROKERED_TOKEN.lead(lifetime, 0.0) > Policy::TOKEN.lead(lifetime, 1.0));
        }
    }
}
