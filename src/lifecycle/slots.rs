//! State and decision as numbers, for a driver that keeps them outside: where it is written in
//! another language.

use crate::encoding::time::Timestamp;
use crate::lifecycle::state::{Flight, Held};
use crate::lifecycle::{Decision, Event, Policy, State};

macro_rules! slots {
    ($($name:ident,)+) => {
        /// The names of the numbers, each at its place.
        pub const SLOTS: &[&str] = &[$(stringify!($name)),+];

        struct Slots { $($name: f64,)+ }

        impl Slots {
            const NONE: Slots = Slots { $($name: f64::NAN,)+ };

            fn from_array([$($name),+]: [f64; LENGTH]) -> Self {
                Slots { $($name,)+ }
            }

            fn into_array(self) -> [f64; LENGTH] {
                [$(self.$name),+]
            }
        }
    };
}

// The decision comes first: the value's generation, when it is usable, the lease, and when the next
// attempt may start. The others are the state.
slots! {
    generation,
    from,
    until,
    lease,
    lease_until,
    at,
    held_generation,
    held_from,
    refresh_at,
    held_until,
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
    renewed_at,
    rejected_at,
    rejection,
}

/// How many numbers there are. Not a number stands for what is not there, so that a new state is
/// nothing but that.
pub const LENGTH: usize = SLOTS.len();

/// [`State::on`] over numbers: takes the state out of them, puts the new one and the decision's
/// numbers there, and gives the decision. With another length than [`LENGTH`] it does nothing.
pub fn step(numbers: &mut [f64], event: Event, policy: &Policy, now: Timestamp, random: f64) -> Option<Decision> {
    let numbers = <&mut [f64; LENGTH]>::try_from(numbers).ok()?;
    let mut state = read(&Slots::from_array(*numbers));
    let decision = state.on(event, policy, now, random);
    *numbers = written(&state, decision).into_array();
    Some(decision)
}

fn written(state: &State, decision: Decision) -> Slots {
    let mut slots = Slots::NONE;
    write_decision(decision, &mut slots);
    if let Some(held) = state.held {
        slots.held_generation = held.generation as f64;
        slots.held_from = millis(held.from);
        slots.refresh_at = millis(held.refresh_at);
        slots.held_until = millis(held.until);
        slots.stale_until = millis(held.stale_until);
        slots.trusted_until = millis(held.trusted_until);
        slots.held_rejection = held.rejection.map_or(f64::NAN, |millis| millis as f64);
    }
    if let Some(flight) = state.flight {
        slots.flight_generation = flight.generation as f64;
        slots.started_at = millis(flight.started_at);
        slots.deadline = millis(flight.deadline);
        slots.attempt = flight.attempt.into();
        slots.hurried = flight.hurried.into();
    }
    slots.given = state.given as f64;
    slots.taken = state.taken as f64;
    slots.failures = state.failures.into();
    slots.retry_at = state.retry_at.map_or(f64::NAN, millis);
    slots.renewed_at = state.renewed_at.map_or(f64::NAN, millis);
    if let Some((at, window)) = state.rejection {
        slots.rejected_at = millis(at);
        slots.rejection = window as f64;
    }
    slots
}

fn write_decision(decision: Decision, slots: &mut Slots) {
    match decision {
        Decision::Use { generation, from, until } | Decision::UseAndRefresh { generation, from, until, .. } => {
            slots.generation = generation as f64;
            slots.from = millis(from);
            slots.until = millis(until);
        }
        Decision::Retry { at, .. } | Decision::Fail { retry_at: at } => slots.at = millis(at),
        Decision::Wait { until } => slots.until = millis(until),
        Decision::Fetch { .. } | Decision::Gone => {}
    }
    if let Decision::UseAndRefresh { lease, .. } | Decision::Fetch { lease } | Decision::Retry { lease, .. } = decision
    {
        slots.lease = lease.generation as f64;
        slots.lease_until = millis(lease.until);
    }
}

/// Casts saturate, and what is not a number counts as 0.
fn read(slots: &Slots) -> State {
    State {
        held: there(slots.held_generation).map(|generation| Held {
            generation: generation as u64,
            from: time(slots.held_from),
            refresh_at: time(slots.refresh_at),
            until: time(slots.held_until),
            stale_until: time(slots.stale_until),
            rejection: there(slots.held_rejection).map(|millis| millis as u64),
            trusted_until: time(slots.trusted_until),
        }),
        flight: there(slots.flight_generation).map(|generation| Flight {
            generation: generation as u64,
            started_at: time(slots.started_at),
            deadline: time(slots.deadline),
            attempt: slots.attempt as u8,
            hurried: slots.hurried > 0.0,
        }),
        given: slots.given as u64,
        taken: slots.taken as u64,
        failures: slots.failures as u32,
        retry_at: there(slots.retry_at).map(time),
        renewed_at: there(slots.renewed_at).map(time),
        rejection: there(slots.rejected_at).map(|at| (time(at), slots.rejection as u64)),
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
