//! The reducer over numbers does what it does over its own types, whatever has happened before.

use edge_credentials::Timestamp;
use edge_credentials::lifecycle::{Decision, Event, LENGTH, Lease, Policy, Retry, State, step};
use proptest::prelude::*;

fn decision(numbers: &[f64]) -> Decision {
    let time = |place: usize| Timestamp::from_millis(numbers[place] as i64);
    let (generation, from, until, at) = (numbers[1] as u64, time(2), time(3), time(6));
    let lease = Lease { generation: numbers[4] as u64, until: time(5) };
    match numbers[0] as u8 {
        0 => Decision::Use { generation, from, until },
        1 => Decision::UseAndRefresh { generation, from, until, lease },
        2 => Decision::Fetch { lease },
        3 => Decision::Retry { at, lease },
        4 => Decision::Wait { until },
        5 => Decision::Fail { retry_at: at },
        _ => Decision::Gone,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

    #[test]
    fn numbers_lose_nothing(
        policy in prop::sample::select(vec![Policy::TOKEN, Policy::METADATA]),
        steps in prop::collection::vec((0..11u8, 0..3u64, 0..40_000u64, -20_000i64..40_000, 0.0f64..1.0), 1..80),
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
                9 => Event::Withdrawn { generation },
                _ => Event::Renew,
            };
            let direct = state.on(event, &policy, now, random);
            step(&mut numbers, event, &policy, now, random);
            prop_assert_eq!(decision(&numbers), direct);
            if let Decision::Fetch { lease } | Decision::UseAndRefresh { lease, .. } = direct {
                newest = lease.generation;
            }
            now = if change < 0 { now.minus(change.unsigned_abs()) } else { now.plus(change.unsigned_abs()) };
        }
    }
}

/// The driver counts on places that only its own file names.
#[test]
fn the_package_knows_the_places() {
    let driver = include_str!("../../../pkg/src/cache/refreshing-cache.ts");
    assert!(driver.contains(&format!("const LENGTH = {LENGTH};")));
    assert!(driver.contains("const [KIND, FROM, UNTIL, LEASE, LEASE_UNTIL, AT] = [0, 2, 3, 4, 5, 6];"));
    assert!(driver.contains("const [HELD, RETRY_AT] = [7, 22];"));
    let (mut numbers, now) = ([f64::NAN; LENGTH], Timestamp::from_millis(1_700_000_000_000));
    let mut on = |event| {
        step(&mut numbers, event, &Policy::TOKEN, now, 0.0);
        numbers
    };
    assert!(on(Event::Ask)[7].is_nan());
    let end = now.plus(3_600_000);
    assert_eq!(on(Event::Fetched { generation: 1, sent_at: now, end })[7], 1.0);
    on(Event::Renew);
    let failed = on(Event::Failed { generation: 2, retry: Retry::Never, retry_at: Some(now.plus(7_000)) });
    assert_eq!((failed[7], failed[22]), (1.0, now.plus(7_000).as_millis() as f64));
}

#[test]
fn numbers_of_another_length_are_left_alone() {
    for length in [0, LENGTH - 1, LENGTH + 1] {
        let mut numbers = vec![7.0; length];
        step(&mut numbers, Event::Ask, &Policy::TOKEN, Timestamp::from_millis(0), 0.0);
        assert_eq!(numbers, vec![7.0; length]);
    }
}
