//! Every state of the reducer of a lifecycle that a few events lead to, and the invariants in each
//! (`src/lifecycle`).

use std::collections::{BTreeMap, HashSet};
use std::io::Write as _;

use edge_credentials::Timestamp;
use edge_credentials::lifecycle::{Decision, Event, Lease, Policy, Retry, Span, State};
use proptest::prelude::*;

const T0: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const LONGEST_LEASE: u64 = 11_000 + 1_500;

const POLICIES: [Policy; 5] = [
    Policy::TOKEN,
    Policy::SHARED_TOKEN,
    Policy::BROKERED_TOKEN,
    Policy::METADATA,
    Policy {
        ahead: Span { most: u64::MAX, percent: 20 },
        ahead_mean: None,
        margin: Span { most: 0, percent: 0 },
        stale_for: 60_000,
        cooldown: 30_000,
    },
];

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask,
    Renew,
    /// The flight on this place among those without an answer brings a value of this lifetime.
    Fetched(usize, u64),
    /// It fails: with another attempt to follow or without, with a time to come back or without.
    Failed(usize, Retry, Option<u64>),
    /// It is called off.
    Withdrawn(usize),
    /// The newest value is refused, or the one before it.
    Rejected(u64),
    Clock(i64),
}

const STEPS: [Step; 26] = [
    Step::Ask,
    Step::Renew,
    Step::Fetched(0, 0),
    Step::Fetched(0, 20_000),
    Step::Fetched(0, 3_600_000),
    Step::Fetched(1, 20_000),
    Step::Fetched(1, 3_600_000),
    Step::Failed(0, Retry::Soon, None),
    Step::Failed(0, Retry::Brief, None),
    Step::Failed(0, Retry::AtOnce, None),
    Step::Failed(0, Retry::Once, None),
    Step::Failed(0, Retry::Late, None),
    Step::Failed(0, Retry::Never, None),
    Step::Failed(0, Retry::Never, Some(120_000)),
    Step::Failed(1, Retry::Soon, None),
    Step::Failed(1, Retry::Never, None),
    Step::Withdrawn(0),
    Step::Withdrawn(1),
    Step::Rejected(0),
    Step::Rejected(1),
    Step::Clock(300),
    Step::Clock(11_000),
    Step::Clock(17_000),
    Step::Clock(3_600_000),
    Step::Clock(-4_000),
    Step::Clock(-3_600_000),
];

/// The reducer with what an observer knows: leases, values, the clock.
#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    state: State,
    now: Timestamp,
    /// Flights without an answer, dead or alive; a cancelled one never gets one.
    open: Vec<Lease>,
    /// Those that are alive: once dead, a lease stays dead, even if the clock steps back.
    live: Vec<Lease>,
    /// When the request of a flight was sent.
    sent: BTreeMap<u64, Timestamp>,
    /// Until when each value may be used: in any case, and while its source fails.
    ends: BTreeMap<u64, (Timestamp, Timestamp)>,
    newest: u64,
    /// Whether the newest value was rejected, whether a flight has failed since it came, whether
    /// the clock was ever behind it.
    rejected: bool,
    failed: bool,
    stepped: bool,
    /// When a rejection counted that no value has followed, and the value that followed the last
    /// one.
    rejection: Option<Timestamp>,
    replacement: Option<u64>,
}

impl World {
    fn new() -> Self {
        let (open, live) = (Vec::new(), Vec::new());
        let (sent, ends) = (BTreeMap::new(), BTreeMap::new());
        World {
            state: State::default(),
            now: T0,
            open,
            live,
            sent,
            ends,
            newest: 0,
            rejected: false,
            failed: false,
            stepped: false,
            rejection: None,
            replacement: None,
        }
    }

    /// Does a step; `None` if there is nothing to do it to.
    fn after(&self, step: Step, policy: &Policy, random: f64) -> Option<World> {
        let mut world = self.clone();
        let event = match step {
            Step::Ask => Event::Ask,
            Step::Renew => Event::Renew,
            Step::Rejected(back) => Event::Rejected { generation: self.newest.checked_sub(back).filter(|g| *g > 0)? },
            Step::Clock(millis) => {
                let change = millis.unsigned_abs();
                world.now = if millis < 0 { self.now.minus(change) } else { self.now.plus(change) };
                return Some(world);
            }
            Step::Fetched(place, lifetime) => {
                let Lease { generation, .. } = *self.open.get(place)?;
                world.open.remove(place);
                let sent_at = self.sent[&generation];
                let end = sent_at.plus(lifetime);
                let margin = policy.margin.most.min(lifetime / 100 * policy.margin.percent);
                world.ends.insert(generation, (end.minus(margin), end.plus(policy.stale_for)));
                Event::Fetched { generation, sent_at, end }
            }
            Step::Withdrawn(place) => {
                let Lease { generation, .. } = *self.open.get(place)?;
                world.open.remove(place);
                Event::Withdrawn { generation }
            }
            Step::Failed(place, retry, pause) => {
                let Lease { generation, .. } = *self.open.get(place)?;
                world.open.remove(place);
                Event::Failed { generation, retry, retry_at: pause.map(|pause| self.now.plus(pause)) }
            }
        };
        let is_open = |lease: &Lease| world.open.contains(lease);
        let is_live = |lease: &Lease| lease.until > self.now && lease.until.millis_since(self.now) <= LONGEST_LEASE;
        world.live = self.live.iter().copied().filter(|lease| is_open(lease) && is_live(lease)).collect();
        let behind = |sent: &Timestamp| world.now < sent.minus(5_000);
        world.stepped |= world.sent.get(&world.newest).is_some_and(behind);
        let decision = world.state.on(event, policy, world.now, random);
        world.check(event, decision, policy);
        let withdraws = |lease: &Lease| event == Event::Withdrawn { generation: lease.generation };
        if self.live.iter().any(|lease| withdraws(lease) && is_live(lease)) {
            let next = world.state.clone().on(Event::Ask, policy, world.now, random);
            let is_free = !matches!(next, Decision::Wait { .. } | Decision::Fail { .. });
            assert!(is_free, "8: {next:?} after {event:?}");
        }
        Some(world)
    }

    fn check(&mut self, event: Event, decision: Decision, policy: &Policy) {
        self.check_rejection(event, decision);
        self.failed |= matches!(event, Event::Failed { .. });
        if let Event::Fetched { generation, .. } = event
            && generation > self.newest
        {
            (self.newest, self.rejected, self.failed, self.stepped) = (generation, false, false, false);
            let rejection = self.rejection.take();
            self.replacement = rejection.filter(|at| self.sent[&generation] >= *at).map(|_| generation);
        }
        let now = self.now;
        let starts = matches!(decision, Decision::Fetch { .. } | Decision::UseAndRefresh { .. });
        let is_leaving = matches!(event, Event::Rejected { .. } | Event::Withdrawn { .. });
        assert!(!(starts && is_leaving), "{decision:?} after {event:?}");
        match decision {
            Decision::Fetch { lease } | Decision::UseAndRefresh { lease, .. } | Decision::Retry { lease, .. } => {
                assert!(self.live.is_empty(), "1: a second lease beside {:?}", self.live);
                assert!(lease.until > now && lease.until.millis_since(now) <= LONGEST_LEASE, "1: {lease:?}");
                // The next attempt of a flight is another request.
                let sent_at = if let Decision::Retry { at, .. } = decision { at } else { now };
                self.open.push(lease);
                self.live.push(lease);
                self.sent.insert(lease.generation, sent_at);
            }
            Decision::Wait { until } => {
                assert!(until > now && until.millis_since(now) <= LONGEST_LEASE, "3: {decision:?}")
            }
            Decision::Fail { retry_at } => {
                assert!(retry_at > now && retry_at.millis_since(now) <= 300_000, "5: {decision:?}");
                let usable = self.ends.get(&self.newest).is_some_and(|(end, _)| now < *end);
                let is_exempt = self.rejected || self.stepped || event == Event::Renew;
                assert!(!usable || is_exempt, "4: {decision:?} while a value is usable");
            }
            Decision::Use { .. } => {}
            Decision::Gone => {
                assert!(is_leaving, "{decision:?} after {event:?}");
                assert!(
                    matches!(self.state.clone().on(Event::Ask, policy, now, 0.0), Decision::Fetch { .. }),
                    "3: gone for ever"
                );
            }
        }
        if let Decision::Use { generation, until, .. } | Decision::UseAndRefresh { generation, until, .. } = decision {
            let handed = matches!(event, Event::Fetched { generation: fetched, .. } if fetched == generation);
            let (end, stale_end) = self.ends[&generation];
            assert!(until <= if self.failed { stale_end } else { end }, "2: {decision:?}");
            assert!(handed || now < until, "2: {decision:?} at {now:?}");
            let behind = now < self.sent[&generation].minus(5_000);
            assert!(handed || !behind || until.millis_since(now) <= 60_000, "6: {decision:?} at {now:?}");
        }
    }

    /// Invariant 7: within a minute, what replaced a rejected value is not given up for another
    /// rejection.
    fn check_rejection(&mut self, event: Event, decision: Decision) {
        let Event::Rejected { generation } = event else { return };
        let stays = matches!(decision, Decision::Use { generation: used, .. } | Decision::UseAndRefresh { generation: used, .. } if used == generation);
        if generation != self.newest || self.rejected {
            return;
        }
        let age = self.now.millis_since(self.sent[&generation]);
        let is_young = self.replacement == Some(generation) && self.now >= self.sent[&generation] && age < 60_000;
        let usable = self.ends[&generation].0 > self.now && !self.stepped;
        assert!(!(is_young && usable) || stays, "7: {decision:?}");
        if !stays && !is_young {
            self.rejected = true;
            // Whether the rejection of a value that could not be used any more counted, nobody
            // outside can tell.
            self.rejection = usable.then_some(self.now);
        }
    }

    /// Invariants 3 and 6: left alone for a while, somebody is told to fetch, and no value lives
    /// on.
    fn check_future(&self, policy: &Policy) {
        // A pause longer than any can be, after the clock has stepped back, is over now, though
        // perhaps not once time has passed.
        let soon = [0, 300_001].map(|millis| self.state.clone().on(Event::Ask, policy, self.now.plus(millis), 0.0));
        let is_wedged = soon.iter().all(|decision| matches!(decision, Decision::Wait { .. } | Decision::Fail { .. }));
        assert!(!is_wedged, "3: wedged in {:?}: {soon:?}", self.state);
        // After the end of every value, wherever the clock has been.
        let long_after =
            self.sent.values().fold(self.now, |latest, sent| latest.max(*sent)).plus(3 * 3_600_000 + policy.stale_for);
        let later = self.state.clone().on(Event::Ask, policy, long_after, 0.0);
        assert!(matches!(later, Decision::Fetch { .. }), "6: {later:?} for ever in {:?}", self.state);
    }
}

#[test]
fn every_state_within_seven_steps() {
    // The shortest lead, and of tokens in a store a long one, which is half of their life.
    let long = [(&Policy::SHARED_TOKEN, 0.9)];
    for (policy, random) in POLICIES.iter().map(|policy| (policy, 0.0)).chain(long) {
        let mut seen = HashSet::from([World::new()]);
        let mut edge = vec![World::new()];
        for _ in 0..7 {
            let mut next = Vec::new();
            for world in &edge {
                for step in STEPS {
                    if let Some(after) = world.after(step, policy, random).filter(|after| !seen.contains(after)) {
                        after.check_future(policy);
                        seen.insert(after.clone());
                        next.push(after);
                    }
                }
            }
            edge = next;
        }
        // To the stream itself: what is printed otherwise is shown only of tests that fail.
        writeln!(std::io::stderr(), "{} states of the reducer of a lifecycle visited", seen.len()).unwrap();
        assert!(seen.len() > 200_000, "{}", seen.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

    #[test]
    fn long_walks_keep_the_invariants(
        steps in prop::collection::vec((0..STEPS.len(), 0.0f64..1.0, -100_000i64..4_000_000), 1..120), kind in 0..POLICIES.len(),
    ) {
        let policy = &POLICIES[kind];
        let mut world = World::new();
        for (index, random, millis) in steps {
            let step = match STEPS[index] {
                Step::Clock(_) => Step::Clock(millis),
                step => step,
            };
            if let Some(after) = world.after(step, policy, random) {
                after.check_future(policy);
                world = after;
            }
        }
    }
}
