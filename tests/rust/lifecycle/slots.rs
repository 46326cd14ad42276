//! The reducer over numbers does what it does over its own types, whatever has happened before.

use edge_credentials::Timestamp;
use edge_credentials::lifecycle::{Decision, Event, LENGTH, Lease, Policy, Retry, SLOTS, State, step};
use proptest::prelude::*;

fn slot(numbers: &[f64], name: &str) -> f64 {
    numbers[SLOTS.iter().position(|slot| *slot == name).unwrap()]
}

/// The numbers of a decision, as they are kept: its generation, `from`, `until`, lease, and `at`.
fn numbers_of(numbers: &[f64]) -> Vec<String> {
    let names = ["generation", "from", "until", "lease", "lease_until", "at"];
    names.map(|name| slot(numbers, name).to_string()).to_vec()
}

/// The same, as they stand in the decision.
fn numbers_in(decision: Decision) -> Vec<String> {
    let millis = |time: Timestamp| time.as_millis().to_string();
    let of_lease = |lease: Lease| [lease.generation.to_string(), millis(lease.until)];
    let none = || "NaN".to_owned();
    let (value, lease, at) = match decision {
        Decision::Use { generation, from, until } => (Some((generation, from, until)), None, None),
        Decision::UseAndRefresh { generation, from, until, lease } => {
            (Some((generation, from, until)), Some(lease), None)
        }
        Decision::Fetch { lease } => (None, Some(lease), None),
        Decision::Retry { at, lease } => (None, Some(lease), Some(at)),
        Decision::Fail { retry_at } => (None, None, Some(retry_at)),
        Decision::Wait { .. } | Decision::Gone => (None, None, None),
    };
    let waits_until = match decision {
        Decision::Wait { until } => millis(until),
        _ => none(),
    };
    let value = value.map_or([none(), none(), waits_until], |(generation, from, until)| {
        [generation.to_string(), millis(from), millis(until)]
    });
    let lease = lease.map_or([none(), none()], of_lease);
    [value.to_vec(), lease.to_vec(), vec![at.map_or_else(none, millis)]].concat()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn numbers_lose_nothing(
        policy in prop::sample::select(vec![Policy::TOKEN, Policy::METADATA]),
        steps in prop::collection::vec((0..12u8, 0..3u64, 0..40_000u64, -20_000i64..40_000, 0.0f64..1.0), 1..80),
    ) {
        let (mut state, mut numbers) = (State::default(), [f64::NAN; LENGTH]);
        let (mut now, mut newest) = (Timestamp::from_millis(1_700_000_000_000), 1u64);
        for (kind, back, millis, change, random) in steps {
            let generation = newest.saturating_sub(back);
            let event = match kind {
                0 | 1 => Event::Ask,
                2 => Event::Fetched { generation, sent_at: now, end: now.plus(millis) },
                3 => Event::Failed { generation, retry: Retry::Soon, retry_at: None },
                4 => Event::Failed { generation, retry: Retry::Brief, retry_at: None },
                5 => Event::Failed { generation, retry: Retry::AtOnce, retry_at: None },
                6 => Event::Failed { generation, retry: Retry::Never, retry_at: Some(now.plus(millis)) },
                7 => Event::Rejected { generation },
                8 => Event::Failed { generation, retry: Retry::Once, retry_at: None },
                9 => Event::Failed { generation, retry: Retry::Late, retry_at: None },
                10 => Event::Withdrawn { generation },
                _ => Event::Renew,
            };
            let direct = state.on(event, &policy, now, random);
            prop_assert_eq!(step(&mut numbers, event, &policy, now, random), Some(direct));
            prop_assert_eq!(numbers_of(&numbers), numbers_in(direct));
            if let Decision::Fetch { lease } | Decision::UseAndRefresh { lease, .. } = direct {
                newest = lease.generation;
            }
            now = if change < 0 { now.minus(change.unsigned_abs()) } else { now.plus(change.unsigned_abs()) };
        }
    }
}

/// The driver reads these two out of the state, by their names.
#[test]
fn the_value_that_is_kept_and_the_end_of_a_pause_have_their_slots() {
    let (mut numbers, now) = ([f64::NAN; LENGTH], Timestamp::from_millis(1_700_000_000_000));
    let mut on = |event| {
        step(&mut numbers, event, &Policy::TOKEN, now, 0.0);
        (slot(&numbers, "held_generation"), slot(&numbers, "retry_at"))
    };
    assert!(on(Event::Ask).0.is_nan());
    let end = now.plus(3_600_000);
    assert_eq!(on(Event::Fetched { generation: 1, sent_at: now, end }).0, 1.0);
    on(Event::Renew);
    let failed = on(Event::Failed { generation: 2, retry: Retry::Never, retry_at: Some(now.plus(7_000)) });
    assert_eq!(failed, (1.0, now.plus(7_000).as_millis() as f64));
}

/// What an attempt at once is for does not help twice, also where the flight is read from numbers.
#[test]
fn an_attempt_at_once_is_remembered() {
    let (mut numbers, now) = ([f64::NAN; LENGTH], Timestamp::from_millis(1_700_000_000_000));
    let mut on = |event| step(&mut numbers, event, &Policy::TOKEN, now, 0.0);
    let failed = Event::Failed { generation: 1, retry: Retry::AtOnce, retry_at: None };
    assert!(matches!(on(Event::Ask), Some(Decision::Fetch { .. })));
    assert!(matches!(on(failed), Some(Decision::Retry { at, .. }) if at == now));
    assert!(matches!(on(failed), Some(Decision::Fail { .. })));
}

#[test]
fn numbers_of_another_length_are_left_alone() {
    for length in [0, LENGTH - 1, LENGTH + 1] {
        let mut numbers = vec![7.0; length];
        step(&mut numbers, Event::Ask, &Policy::TOKEN, Timestamp::from_millis(0), 0.0);
        assert_eq!(numbers, vec![7.0; length]);
    }
}
