//! The reducer, with its kinds as numbers.

use wasm_bindgen::prelude::*;

use crate::encoding::time::Timestamp;
use crate::lifecycle::{self, Decision, Event, Policy, Retry};

/// By the number that JavaScript gives.
const POLICIES: [Policy; 6] = [
    Policy::TOKEN,
    Policy::METADATA,
    Policy::KEYS,
    Policy::INTROSPECTION,
    Policy::SHARED_TOKEN,
    Policy::BROKERED_TOKEN,
];
const RETRIES: [Retry; 6] = [Retry::Never, Retry::Soon, Retry::Brief, Retry::AtOnce, Retry::Once, Retry::Late];

/// See [`lifecycle::step`]: puts the new state and the decision's numbers into `numbers`, whose places
/// [`SLOTS`](lifecycle::SLOTS) names, and gives the decision's kind. The kinds are numbers:
///
/// - `policy`: 0 a token, 1 metadata, 2 keys, 3 an introspection, 4 a token in a store, 5 a token
///   that one holds for others.
/// - `event`: 0 [`Event::Ask`]; 1 [`Event::Fetched`], with `generation`, `at` and `end`; 2
///   [`Event::Failed`], with `generation`, `retry` and `at` (NaN: the server permits none); 3
///   [`Event::Rejected`] and 5 [`Event::Withdrawn`], with `generation`; 4 [`Event::Renew`].
/// - `retry`: 0 [`Retry::Never`], 1 [`Retry::Soon`], 2 [`Retry::Brief`], 3 [`Retry::AtOnce`], 4
///   [`Retry::Once`], 5 [`Retry::Late`].
/// - What it gives: 0 [`Decision::Use`], 1 [`Decision::UseAndRefresh`], 2 [`Decision::Fetch`], 3
///   [`Decision::Retry`], 4 [`Decision::Wait`], 5 [`Decision::Fail`], 6 [`Decision::Gone`].
#[wasm_bindgen(js_name = step)]
#[allow(clippy::too_many_arguments, reason = "an object costs more than the rest of the call")]
pub fn step(
    numbers: &mut [f64],
    policy: u8,
    event: u8,
    generation: f64,
    retry: u8,
    at: f64,
    end: f64,
    now: f64,
    random: f64,
) -> u8 {
    let generation = generation as u64;
    let event = match event {
        0 => Event::Ask,
        1 => Event::Fetched { generation, sent_at: timestamp(at), end: timestamp(end) },
        2 => {
            let retry = RETRIES.get(usize::from(retry)).copied().unwrap_or(Retry::Never);
            Event::Failed { generation, retry, retry_at: (!at.is_nan()).then(|| timestamp(at)) }
        }
        3 => Event::Rejected { generation },
        4 => Event::Renew,
        _ => Event::Withdrawn { generation },
    };
    let policy = POLICIES.get(usize::from(policy)).unwrap_or(&Policy::TOKEN);
    match lifecycle::step(numbers, event, policy, timestamp(now), random) {
        Some(Decision::Use { .. }) => 0,
        Some(Decision::UseAndRefresh { .. }) => 1,
        Some(Decision::Fetch { .. }) => 2,
        Some(Decision::Retry { .. }) => 3,
        Some(Decision::Wait { .. }) => 4,
        Some(Decision::Fail { .. }) => 5,
        Some(Decision::Gone) | None => 6,
    }
}

fn timestamp(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}
