//! State and decision as numbers, for a driver that keeps them outside: where it is written in another language.

use crate::freshness::state::{Flight, Held};
use crate::freshness::{Decision, Event, Policy, State};
use crate::time::Timestamp;

/// How many numbers there are. The first seven are the decision: its kind (0 to 6, in the order of [`Decision`]), the value's
/// generation, `from`, `until`, the lease's generation and end, `at` or `retry_at`. The others are the state. Not a number stands
/// for what is not there, so that a new state is nothing but that.
pub const LENGTH: usize = 26;

/// [`State::on`] over numbers: takes the state out of them, puts the new one and the decision there. With another length than
/// [`LENGTH`] it does nothing.
pub fn step(numbers: &mut [f64], event: Event, policy: &Policy, now: Timestamp, random: f64) {
    let Ok(numbers) = <&mut [f64; LENGTH]>::try_from(numbers) else { return };
    let mut state = read(numbers);
    let decision = state.on(event, policy, now, random);
    let [kind, generation, from, until, lease, lease_until, at] = decided(decision);
    *numbers = write(&state);
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

fn write(state: &State) -> [f64; LENGTH] {
    let held = state.held.map(|held| {
        let rejection = held.rejection.map_or(NONE, |millis| millis as f64);
        let times = [held.from, held.refresh_at, held.until, held.stale_until, held.trusted_until].map(millis);
        (held.generation as f64, times, rejection)
    });
    let (held_generation, [from, refresh_at, until, stale_until, trusted_until], held_rejection) =
        held.unwrap_or((NONE, [NONE; 5], NONE));
    let flight = state.flight.map(|flight| {
        let hurried = if flight.hurried { 1.0 } else { 0.0 };
        [
            flight.generation as f64,
            millis(flight.started_at),
            millis(flight.deadline),
            f64::from(flight.attempt),
            hurried,
        ]
    });
    let [flight_generation, started_at, deadline, attempt, hurried] = flight.unwrap_or([NONE; 5]);
    let (rejected_at, rejection) = state.rejection.map_or((NONE, NONE), |(at, window)| (millis(at), window as f64));
    let [retry_at, last_start] = [state.retry_at, state.last_start].map(|time| time.map_or(NONE, millis));
    let counts = [state.given as f64, state.taken as f64, f64::from(state.failures)];
    let [given, taken, failures] = counts;
    [
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
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
    ]
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
