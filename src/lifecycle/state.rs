//! The reducer itself.

use crate::encoding::time::Timestamp;
use crate::lifecycle::lead::spread;
use crate::lifecycle::{Decision, Event, Lease, Policy, Retry};

/// How long one attempt may take until its lease dies, in ms: the 10 s of an attempt and one for
/// the way.
const LEASE: u64 = 11_000;
/// The pauses before the second and the third attempt, in ms.
const PAUSES: [u64; 2] = [300, 1_000];
/// The pause before another attempt at what is about to be there, and how long after its start a
/// flight makes such attempts, in ms.
const BRIEF: (u64, u64) = (500, 3_000);
/// How long the attempts of one flight may take together, pauses included, in ms.
const FLIGHT: u64 = 20_000;
/// The first pause after a failed flight, and the longest that doubling leads to, in ms.
const BACK_OFF: (u64, u64) = (1_000, 60_000);
/// The longest pause that a server can ask for, in ms.
const LONGEST_PAUSE: u64 = 300_000;
/// How far clocks of one moment may differ, in ms: a value counts from so long before its request
/// was sent.
const SKEW: u64 = 5_000;
/// How long a value is used on after the clock has stepped back behind its beginning, in ms.
const AFTER_STEP: u64 = 60_000;
/// How long a rejection of a value that replaced a rejected one does not count, and the longest
/// that doubling leads to, in ms.
const REJECTION: (u64, u64) = (60_000, 600_000);
/// The longest time from a failure to the next attempt of the same flight.
const LONGEST_RETRY: u64 = 1_500;

/// All that is remembered of one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct State {
    pub(super) held: Option<Held>,
    pub(super) flight: Option<Flight>,
    /// Generations given out, and the newest whose value was taken.
    pub(super) given: u64,
    pub(super) taken: u64,
    pub(super) failures: u32,
    pub(super) retry_at: Option<Timestamp>,
    /// When the last flight began, if [`Event::Renew`] caused it.
    pub(super) renewed_at: Option<Timestamp>,
    /// When a value was rejected that has not been replaced yet, and for how long a rejection of
    /// its successor does not count.
    pub(super) rejection: Option<(Timestamp, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Held {
    pub(super) generation: u64,
    pub(super) from: Timestamp,
    pub(super) refresh_at: Timestamp,
    pub(super) until: Timestamp,
    pub(super) stale_until: Timestamp,
    /// For how long a rejection of this value does not count, if it was fetched because of one, and
    /// when that ends.
    pub(super) rejection: Option<u64>,
    pub(super) trusted_until: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub(super) generation: u64,
    pub(super) started_at: Timestamp,
    pub(super) deadline: Timestamp,
    pub(super) attempt: u8,
    /// Whether an attempt has been repeated at once.
    pub(super) hurried: bool,
}

impl State {
    /// Takes an event in and decides. `random`, from 0 to 1, spreads times so that many instances
    /// do not move in step.
    pub fn on(&mut self, event: Event, policy: &Policy, now: Timestamp, random: f64) -> Decision {
        self.forget_what_time_has_ended(now);
        match event {
            Event::Ask => self.ask(now),
            Event::Fetched { generation, .. } if generation <= self.taken => self.ask(now),
            Event::Fetched { generation, sent_at, end } => self.take(generation, sent_at, end, policy, random),
            Event::Failed { generation, retry, retry_at } => match self.flight {
                Some(flight) if flight.generation == generation => self.fail(flight, retry, retry_at, now, random),
                // Dead, but nobody has begun another since.
                None if generation == self.given && generation > self.taken => self.back_off(retry_at, now),
                _ => self.ask(now),
            },
            Event::Withdrawn { generation } => self.withdraw(generation, now),
            Event::Rejected { generation } => self.reject(generation, now),
            Event::Renew => self.renew(policy, now),
        }
    }

    /// A time further ahead than it can have been set is from before the clock stepped back, and
    /// counts as past.
    fn forget_what_time_has_ended(&mut self, now: Timestamp) {
        self.flight = self.flight.filter(|flight| is_ahead(flight.deadline, now, LEASE.saturating_add(LONGEST_RETRY)));
        self.retry_at = self.retry_at.filter(|at| is_ahead(*at, now, LONGEST_PAUSE));
        self.renewed_at = self.renewed_at.filter(|start| *start <= now);
        if let Some(held) = self.held.as_mut().filter(|held| now < held.from) {
            held.from = now.minus(SKEW);
            held.refresh_at = now;
            held.until = held.until.min(now.plus(AFTER_STEP));
            held.stale_until = held.stale_until.min(now.plus(AFTER_STEP));
        }
    }

    fn ask(&mut self, now: Timestamp) -> Decision {
        let Some((held, usable_until)) = self.usable(now) else {
            return match (self.flight, self.retry_at) {
                (Some(flight), _) => Decision::Wait { until: flight.deadline },
                (None, Some(retry_at)) => Decision::Fail { retry_at },
                (None, None) => Decision::Fetch { lease: self.start(now) },
            };
        };
        let (generation, from) = (held.generation, held.from);
        let until = match (self.flight, self.retry_at) {
            _ if now < held.refresh_at => held.refresh_at,
            (Some(flight), _) => flight.deadline,
            (None, Some(retry_at)) => retry_at,
            (None, None) => {
                let lease = self.start(now);
                return Decision::UseAndRefresh { generation, from, until: lease.until.min(usable_until), lease };
            }
        };
        Decision::Use { generation, from, until: until.min(usable_until) }
    }

    /// The value and until when it may be used: its end, or later while its source fails.
    fn usable(&self, now: Timestamp) -> Option<(Held, Timestamp)> {
        let held = self.held?;
        let until = if now < held.until || self.failures == 0 { held.until } else { held.stale_until };
        (now < until).then_some((held, until))
    }

    fn start(&mut self, now: Timestamp) -> Lease {
        self.given = self.given.saturating_add(1);
        self.renewed_at = None;
        let (generation, deadline) = (self.given, now.plus(LEASE));
        self.flight = Some(Flight { generation, started_at: now, deadline, attempt: 1, hurried: false });
        Lease { generation, until: deadline }
    }

    fn take(&mut self, generation: u64, sent_at: Timestamp, end: Timestamp, policy: &Policy, random: f64) -> Decision {
        let lifetime = end.millis_since(sent_at);
        let until = end.minus(policy.margin.of(lifetime));
        // What was asked for before the rejection was not fetched because of it.
        let rejection = self.rejection.filter(|(at, _)| sent_at >= *at).map(|(_, window)| window);
        let held = Held {
            generation,
            from: sent_at.minus(SKEW),
            refresh_at: end.minus(policy.lead(lifetime, random)).min(until),
            until,
            stale_until: end.plus(policy.stale_for),
            rejection,
            trusted_until: sent_at.plus(rejection.unwrap_or(0)),
        };
        self.held = Some(held);
        self.flight = self.flight.filter(|flight| flight.generation > generation);
        (self.taken, self.failures, self.retry_at, self.rejection) = (generation, 0, None, None);
        // For those who waited, even if it arrived spent.
        Decision::Use { generation, from: held.from, until: held.refresh_at }
    }

    fn fail(
        &mut self,
        flight: Flight,
        retry: Retry,
        retry_at: Option<Timestamp>,
        now: Timestamp,
        random: f64,
    ) -> Decision {
        let last_start = flight.started_at.plus(if retry == Retry::Brief { BRIEF.1 } else { FLIGHT });
        let pause = match retry {
            Retry::Never => None,
            Retry::Soon => PAUSES.get(usize::from(flight.attempt).saturating_sub(1)).copied(),
            Retry::Brief => Some(BRIEF.0),
            Retry::Once => PAUSES.first().copied().filter(|_| flight.attempt == 1),
            Retry::Late => PAUSES.last().copied(),
            Retry::AtOnce => (!flight.hurried).then_some(0),
        };
        if let Some(at) = pause.map(|pause| now.plus(spread(pause, random)))
            && at < last_start
        {
            let deadline = at.plus(LEASE).min(flight.started_at.plus(FLIGHT));
            let hurried = flight.hurried || retry == Retry::AtOnce;
            self.flight = Some(Flight { deadline, attempt: flight.attempt.saturating_add(1), hurried, ..flight });
            return Decision::Retry { at, lease: Lease { generation: flight.generation, until: deadline } };
        }
        self.back_off(retry_at, now)
    }

    fn back_off(&mut self, retry_at: Option<Timestamp>, now: Timestamp) -> Decision {
        let (first, longest) = BACK_OFF;
        let own = first.saturating_mul(1u64.checked_shl(self.failures).unwrap_or(u64::MAX)).min(longest);
        let asked = retry_at.map_or(0, |at| at.millis_since(now));
        let retry_at = now.plus(own.max(asked).min(LONGEST_PAUSE));
        (self.flight, self.failures, self.retry_at) = (None, self.failures.saturating_add(1), Some(retry_at));
        self.ask(now)
    }

    fn withdraw(&mut self, generation: u64, now: Timestamp) -> Decision {
        if self.flight.is_some_and(|flight| flight.generation == generation) {
            // It asked nobody, so that no cooldown counts from it.
            (self.flight, self.renewed_at) = (None, None);
        }
        self.look(now)
    }

    fn reject(&mut self, generation: u64, now: Timestamp) -> Decision {
        if let Some(held) = self.held.filter(|held| held.generation == generation) {
            let (first, longest) = REJECTION;
            let is_trusted = is_ahead(held.trusted_until, now, longest);
            if !is_trusted {
                self.rejection = Some((now, held.rejection.map_or(first, |last| last.saturating_mul(2).min(longest))));
                self.held = None;
            }
        }
        self.look(now)
    }

    /// What asking would bring, without what it would start.
    fn look(&self, now: Timestamp) -> Decision {
        let mut asked = *self;
        match asked.ask(now) {
            Decision::Fetch { .. } => Decision::Gone,
            Decision::UseAndRefresh { generation, from, .. } => Decision::Use { generation, from, until: now.plus(1) },
            decision => decision,
        }
    }

    fn renew(&mut self, policy: &Policy, now: Timestamp) -> Decision {
        let cooled_at = self.renewed_at.map(|start| start.plus(policy.cooldown)).filter(|at| *at > now);
        match (self.flight, self.retry_at.max(cooled_at)) {
            (Some(flight), _) => Decision::Wait { until: flight.deadline },
            (None, Some(retry_at)) => Decision::Fail { retry_at },
            (None, None) => {
                let lease = self.start(now);
                self.renewed_at = Some(now);
                Decision::Fetch { lease }
            }
        }
    }
}

fn is_ahead(time: Timestamp, now: Timestamp, most: u64) -> bool {
    time > now && time.millis_since(now) <= most
}
