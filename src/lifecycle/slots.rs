//! State and decision as numbers, for a driver that keeps them outside: where it is written in
//! another language.

use crate::encoding::time::Timestamp;
use crate::lifecycle::state::{Flight, Held};
use crate::lifecycle::{Decision, Event, Policy, State};

/// How many numbers there are. The first seven are the decision: its kind (0 to 6, in the order of
/// [`Decision`]), the value's generation, `from`, `until`, the lease's generation and end, `at` or
/// `retry_at`. The others are the state. Not a number stands for what is not there, so that a new
/// state is nothing but that.
pub const LENGTH: usize = 26;

/// [`State::on`] over numbers: takes the state out of them, puts the new one and the decision
/// there. With another length than [`LENGTH`] it does nothing.
pub fn step(numbers: &mut [f64], event: Event, policy: &Policy, now: Timestamp, random: f64) {
    let Ok(numbers) = <&mut [f64; LENGTH]>::try_from(numbers) else { return };
    let mut state = read(numbers);
    let decision = state.on(event, policy, now, random);
    let [kind, generation, from, until, lease, lease_until, at] = decided(decision);
    write(&state, numbers);
    let [n0, n1, n2, n3, n4, n5, n6, ..] = numbers;
    (*n0, *n1, *n2, *n3, *n4, *n5, *n6) = (kind, generation, from, until, lease, lease_until, at);
}

const NONE: f64 = f64::NAN;

fn decided(decision: Decision) -> [f64; 7] {
    match decision {
        Decision::Use { generation, from, until } => {
            [0.0, generation as f64, millis(from), millis(until), NONE, NONE, NONE]
        }
        Decision::UseAndRefresh { generation, from, until, lease } => {
            let (lease, lease_until) = (lease.generation as f64, millis(lease.until));
            [1.0, generation as f64, millis(from), millis(until), lease, lease_until, NONE]
        }
        Decision::Fetch { lease } => [2.0, NONE, NONE, NONE, lease.generation as f64, millis(lease.until), NONE],
        Decision::Retry { at, lease } => {
            [3.0, NONE, NONE, NONE, lease.generation as f64, millis(lease.until), millis(at)]
        }
        Decision::Wait { until } => [4.0, NONE, NONE, millis(until), NONE, NONE, NONE],
        Decision::Fail { retry_at } => [5.0, NONE, NONE, NONE, NONE, NONE, millis(retry_at)],
        Decision::Gone => [6.0, NONE, NONE, NONE, NONE, NONE, NONE],
    }
}

fn write(state: &State, numbers: &mut [f64; LENGTH]) {
    *numbers = [NONE; LENGTH];
    let [
        ..,
        held_generation,
        from,
        refresh_at,
        until,
        stale_until,
        trusted_until,
        held_rejection,
        flight_generation,
        started_at,
        deadline,
        attempt,
        hurried,
        given,
        taken,
        failures,
        retry_at,
        last_start,
        rejected_at,
        rejection,
    ] = numbers;
    if let Some(held) = state.held {
        *held_generation = held.generation as f64;
        *from = millis(held.from);
        *refresh_at = millis(held.refresh_at);
        *until = millis(held.until);
        *stale_until = millis(held.stale_until);
        *trusted_until = millis(held.trusted_until);
        *held_rejection = held.rejection.map_or(NONE, |millis| millis as f64);
    }
    if let Some(flight) = state.flight {
        *flight_generation = flight.generation as f64;
        *started_at = millis(flight.started_at);
        *deadline = millis(flight.deadline);
        *attempt = flight.attempt.into();
        *hurried = flight.hurried.into();
    }
    *given = state.given as f64;
    *taken = state.taken as f64;
    *failures = state.failures.into();
    *retry_at = state.retry_at.map_or(NONE, millis);
    *last_start = state.last_start.map_or(NONE, millis);
    if let Some((at, window)) = state.rejection {
        *rejected_at = millis(at);
        *rejection = window as f64;
    }
}

fn read(numbers: &[f64; LENGTH]) -> State {
    let [
        ..,
        held_generation,
        from,
        refresh_at,
        until,
        stale_until,
        trusted_until,
        held_rejection,
        flight_generation,
        started_at,
        deadline,
        attempt,
        hurried,
        given,
        taken,
        failures,
        retry_at,
        last_start,
        rejected_at,
        rejection,
    ] = *numbers;
    // Casts saturate, and what is not a number counts as 0.
    State {
        held: there(held_generation).map(|generation| Held {
            generation: generation as u64,
            from: time(from),
            refresh_at: time(refresh_at),
            until: time(until),
            stale_until: time(stale_until),
            rejection: there(held_rejection).map(|millis| millis as u64),
            trusted_until: time(trusted_until),
        }),
        flight: there(flight_generation).map(|generation| Flight {
            generation: generation as u64,
            started_at: time(started_at),
            deadline: time(deadline),
            attempt: attempt as u8,
            hurried: hurried > 0.0,
        }),
        given: given as u64,
        taken: taken as u64,
        failures: failures as u32,
        retry_at: there(retry_at).map(time),
        last_start: there(last_start).map(time),
        rejection: there(rejected_at).map(|at| (time(at), rejection as u64)),
    }
}

fn there(number: f64) -> Option<f64> {
    (!number.is_nan()).then_some(number)
}

fn time(millis: f64) -> Timestamp {
    Timestamp::from_millis(millis as i64)
}

fn millis(time: Timestamp) -> f64 {
    time.as_millis() as f64
}
