//! What the stories of the reducer of a lifecycle share.

use edge_credentials::Timestamp;
use edge_credentials::lifecycle::{Decision, Event, Policy, Retry, State};

pub const T0: i64 = 1_700_000_000_000;
pub const HOUR: u64 = 3_600_000;

/// A value, its clock and the policy of tokens.
pub struct Story {
    state: State,
    pub now: Timestamp,
    pub policy: Policy,
}

impl Story {
    pub fn new() -> Self {
        Story { state: State::default(), now: Timestamp::from_millis(T0), policy: Policy::TOKEN }
    }

    pub fn on(&mut self, event: Event) -> Decision {
        self.state.on(event, &self.policy, self.now, 0.0)
    }

    pub fn ask(&mut self) -> Decision {
        self.on(Event::Ask)
    }

    /// Asks where a fetch is expected, and gives the flight's generation.
    pub fn fetch(&mut self) -> u64 {
        match self.ask() {
            Decision::Fetch { lease } | Decision::UseAndRefresh { lease, .. } => lease.generation,
            other => panic!("expected to fetch, was told {other:?}"),
        }
    }

    pub fn fetched(&mut self, generation: u64, lifetime: u64) -> Decision {
        let end = self.now.plus(lifetime);
        self.on(Event::Fetched { generation, sent_at: self.now, end })
    }

    pub fn rejected(&mut self, generation: u64) -> Decision {
        self.on(Event::Rejected { generation })
    }

    pub fn failed(&mut self, generation: u64, retry: Retry) -> Decision {
        self.on(Event::Failed { generation, retry, retry_at: None })
    }

    pub fn withdrawn(&mut self, generation: u64) -> Decision {
        self.on(Event::Withdrawn { generation })
    }

    pub fn pass(&mut self, millis: u64) {
        self.now = self.now.plus(millis);
    }

    pub fn step_back(&mut self, millis: u64) {
        self.now = self.now.minus(millis);
    }

    pub fn left(&self, until: Timestamp) -> u64 {
        until.millis_since(self.now)
    }
}
