//! When to use a value that has a lifetime, when to fetch another, when to wait: one reducer for
//! tokens, metadata, key sets and introspection results.
//!
//! It knows neither the value nor where it comes from, only numbers. Whoever drives it holds the
//! value, tells it what happens ([`Event`]) and obeys what it decides ([`Decision`]). These hold,
//! whatever the order of events and wherever the clock jumps (`tests/rust/lifecycle`
//! tells them as stories, and its `states.rs` explores them):
//!
//! 1. There is at most one live lease. A lease past its deadline is dead; its late answer counts only if it is newer.
//! 2. A value is not given out past its usable time, except once, to those who waited for it.
//! 3. Nothing wedges: within five minutes somebody is told to fetch, or is given a value.
//! 4. While there is a usable value nobody is told to fail (but those who want a newer one).
//! 5. Failures back off: 1 s doubling to 60 s, or as long as the server says, at most 5 min.
//! 6. A clock that steps back makes no value eternal and no lease immortal.
//! 7. A rejection counts once in a while: a server that rejects for ever causes no storm of requests.
//! 8. A withdrawn flight leaves no trace: the next ask fetches, without a pause.

#![deny(clippy::arithmetic_side_effects)]

mod lead;
mod slots;
mod state;

pub use slots::{LENGTH, SLOTS, step};
pub use state::State;

use crate::encoding::time::Timestamp;

/// The lesser of a time and a share of the lifetime.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// In milliseconds.
    pub most: u64,
    /// Of the lifetime, at most 100.
    pub percent: u64,
}

impl Span {
    pub(crate) fn of(self, lifetime: u64) -> u64 {
        self.most.min((lifetime / 100).saturating_mul(self.percent.min(100)))
    }
}

/// What differs between kinds of value.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long before its end a value is refreshed, in the background: so long, or up to half as
    /// much again.
    pub ahead: Span,
    /// What is added to `ahead` instead where many hold the same value: the mean of an exponential
    /// distribution. The sum is at most half of the lifetime.
    pub ahead_mean: Option<Span>,
    /// How long before its end a value is used no more.
    pub margin: Span,
    /// While its source fails, a value is used until its very end and so much longer, in
    /// milliseconds.
    pub stale_for: u64,
    /// The least time between two fetches in a row that [`Event::Renew`] causes, in milliseconds.
    pub cooldown: u64,
}

impl Policy {
    /// Access tokens.
    pub const TOKEN: Policy = Policy {
        ahead: Span { most: 300_000, percent: 20 },
        ahead_mean: None,
        margin: Span { most: 30_000, percent: 10 },
        stale_for: 0,
        cooldown: 0,
    };

    /// Access tokens that isolates share through a store. Whoever refreshes first writes, and the
    /// others take what it wrote: with an exponential lead the first are far apart, so that few
    /// ask before they see it. For an hour and more, it is 300 s and 120 s.
    pub const SHARED_TOKEN: Policy = Policy {
        ahead: Span { most: 300_000, percent: 9 },
        ahead_mean: Some(Span { most: 120_000, percent: 4 }),
        ..Policy::TOKEN
    };

    /// Access tokens that one holds for others, who use [`Policy::TOKEN`]: it has the next one
    /// before the first of them asks.
    pub const BROKERED_TOKEN: Policy = Policy { ahead: Span { most: 600_000, percent: 40 }, ..Policy::TOKEN };

    /// A server's metadata, which change once in years.
    pub const METADATA: Policy = Policy {
        ahead: Span { most: 3_600_000, percent: 100 },
        ahead_mean: None,
        margin: Span { most: 0, percent: 0 },
        stale_for: 86_400_000,
        cooldown: 60_000,
    };

    /// An issuer's keys: those that are good stay so while a newer set is asked for.
    pub const KEYS: Policy = Policy {
        ahead: Span { most: u64::MAX, percent: 20 },
        ahead_mean: None,
        margin: Span { most: 0, percent: 0 },
        stale_for: 3_600_000,
        cooldown: 30_000,
    };

    /// What a server says of a token.
    pub const INTROSPECTION: Policy = Policy {
        ahead: Span { most: u64::MAX, percent: 20 },
        ahead_mean: None,
        margin: Span { most: 0, percent: 0 },
        stale_for: 0,
        cooldown: 0,
    };
}

/// Whether a failed attempt is repeated within its flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The flight ends.
    Never,
    /// The next attempt may succeed at once (a network error, a timeout, 502, 503, 504): three
    /// attempts in all.
    Soon,
    /// What is asked for is about to be there (a client secret just made): every half second for
    /// three seconds.
    Brief,
    /// The server may have failed for a moment, or refuse for good and not say so (a 500 to an
    /// assertion, as ZITADEL answers): one more attempt.
    Once,
    /// What was just made, and is refused, may not be there yet (a rotated secret at ZITADEL): one
    /// more attempt after a second. Whoever drives it says so once.
    Late,
    /// The next attempt differs from this one (credentials that changed when asked for again): at
    /// once, once in a flight.
    AtOnce,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Somebody needs the value.
    Ask,
    /// A flight brought a value.
    Fetched {
        /// Whose: that of the lease.
        generation: u64,
        /// When the request was sent: the lifetime counts from then.
        sent_at: Timestamp,
        /// When the value ends.
        end: Timestamp,
    },
    /// A flight failed.
    Failed {
        /// Which: that of the lease.
        generation: u64,
        /// Whether another attempt follows.
        retry: Retry,
        /// When the server permits the next attempt, if it says so.
        retry_at: Option<Timestamp>,
    },
    /// A flight was called off before it could succeed or fail: nothing is known of the source.
    Withdrawn {
        /// Which: that of the lease.
        generation: u64,
    },
    /// A value was refused where it was used.
    Rejected {
        /// Which: the one of [`Decision::Use`].
        generation: u64,
    },
    /// Somebody needs a newer value, though this one stays good: a key set without a certain key.
    Renew,
}

/// A permission to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lease {
    /// By which the flight's outcome is reported; it grows with every flight.
    pub generation: u64,
    /// When the lease dies.
    pub until: Timestamp,
}

/// What whoever told of an event has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Use the value. Whoever comes while `from <= now < until` may do so without asking.
    Use {
        /// Which: the flight that brought it.
        generation: u64,
        /// Before this, the clock has stepped back.
        from: Timestamp,
        /// After this, there is something to decide.
        until: Timestamp,
    },
    /// The same, and fetch another in the background.
    UseAndRefresh {
        /// Which: the flight that brought it.
        generation: u64,
        /// Before this, the clock has stepped back.
        from: Timestamp,
        /// After this, there is something to decide.
        until: Timestamp,
        /// For the fetch.
        lease: Lease,
    },
    /// Fetch, and tell the outcome.
    Fetch {
        /// For the fetch.
        lease: Lease,
    },
    /// Fetch again in the same flight; those who wait go on waiting.
    Retry {
        /// Not before this.
        at: Timestamp,
        /// The flight's lease, extended.
        lease: Lease,
    },
    /// Somebody else fetches: wait for that, then ask again.
    Wait {
        /// No longer than this.
        until: Timestamp,
    },
    /// The last flight failed: so does this, with the same error. Or, for [`Event::Renew`], it is
    /// too early for another.
    Fail {
        /// When the next one may fetch.
        retry_at: Timestamp,
    },
    /// There is no value, and nobody fetches: whoever needs one asks. Only for [`Event::Rejected`]
    /// and [`Event::Withdrawn`], which start no flight, since whoever tells of them may be about to
    /// leave.
    Gone,
}
