//! The reducer, with its kinds and slots by name.

use wasm_bindgen::prelude::*;

use crate::encoding::time::Timestamp;
use crate::lifecycle::{self, Decision, Event, Policy, Retry};

/// What a value is.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum PolicyKind {
    /// See [`Policy::TOKEN`].
    Token,
    /// See [`Policy::METADATA`].
    Metadata,
    /// See [`Policy::KEYS`].
    Keys,
    /// See [`Policy::INTROSPECTION`].
    Introspection,
}

/// What happens; see [`Event`]. The arguments of [`step`] that each takes stand behind it.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum EventKind {
    /// Nothing.
    Ask,
    /// `generation`, `at`: when the request was sent, `end`.
    Fetched,
    /// `generation`, `retry`, `at`: when the server permits another, or not a number.
    Failed,
    /// `generation`.
    Rejected,
    /// Nothing.
    Renew,
    /// `generation`.
    Withdrawn,
}

/// Whether a failed attempt is repeated; see [`Retry`].
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum RetryKind {
    /// See [`Retry::Never`].
    Never,
    /// See [`Retry::Soon`].
    Soon,
    /// See [`Retry::Brief`].
    Brief,
    /// See [`Retry::AtOnce`].
    AtOnce,
    /// See [`Retry::Once`].
    Once,
}

/// What [`step`] decided; see [`Decision`].
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum DecisionKind {
    /// Use the value.
    Use,
    /// Use it, and fetch another.
    UseAndRefresh,
    /// Fetch.
    Fetch,
    /// Fetch again in the same flight.
    Retry,
    /// Wait for somebody else's flight.
    Wait,
    /// Fail.
    Fail,
    /// There is no value.
    Gone,
}

/// See [`lifecycle::step`]: puts the new state and the decision's numbers into `numbers`, whose places
/// [`SLOTS`](lifecycle::SLOTS) names, and gives the decision's kind.
#[wasm_bindgen(js_name = step)]
#[allow(clippy::too_many_arguments, reason = "an object costs more than the rest of the call")]
pub fn step(
    numbers: &mut [f64],
    policy: PolicyKind,
    event: EventKind,
    generation: f64,
    retry: RetryKind,
    at: f64,
    end: f64,
    now: f64,
    random: f64,
) -> DecisionKind {
    let generation = generation as u64;
    let event = match event {
        EventKind::Ask => Event::Ask,
        EventKind::Fetched => Event::Fetched { generation, sent_at: timestamp(at), end: timestamp(end) },
        EventKind::Failed => {
            let retry_at = (!at.is_nan()).then(|| timestamp(at));
            Event::Failed { generation, retry: retry_of(retry), retry_at }
        }
        EventKind::Rejected => Event::Rejected { generation },
        EventKind::Renew => Event::Renew,
        EventKind::Withdrawn => Event::Withdrawn { generation },
    };
    let policy = match policy {
        PolicyKind::Token => Policy::TOKEN,
        PolicyKind::Metadata => Policy::METADATA,
        PolicyKind::Keys => Policy::KEYS,
        PolicyKind::Introspection => Policy::INTROSPECTION,
    };
    match lifecycle::step(numbers, event, &policy, timestamp(now), random) {
        Some(Decision::Use { .. }) => DecisionKind::Use,
        Some(Decision::UseAndRefresh { .. }) => DecisionKind::UseAndRefresh,
        Some(Decision::Fetch { .. }) => DecisionKind::Fetch,
        Some(Decision::Retry { .. }) => DecisionKind::Retry,
        Some(Decision::Wait { .. }) => DecisionKind::Wait,
        Some(Decision::Fail { .. }) => DecisionKind::Fail,
        Some(Decision::Gone) | None => DecisionKind::Gone,
    }
}

fn retry_of(kind: RetryKind) -> Retry {
    match kind {
        RetryKind::Never => Retry::Never,
        RetryKind::Soon => Retry::Soon,
        RetryKind::Brief => Retry::Brief,
        RetryKind::AtOnce => Retry::AtOnce,
        RetryKind::Once => Retry::Once,
    }
}

fn timestamp(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}
