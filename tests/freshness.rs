//! The reducer of `src/freshness.rs`: stories, then every state that a few events can lead to.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use edge_credentials::Timestamp;
use edge_credentials::freshness::{Decision, Event, Policy, Span, State};

const T0: i64 = 1_700_000_000_000;
const HOUR: u64 = 3_600_000;

/// A value, its clock and the policy of tokens.
struct Story {
    state: State,
    now: Timestamp,
    policy: Policy,
}

impl Story {
    fn new() -> Self {
        Story { state: State::default(), now: Timestamp::from_millis(T0), policy: Policy::TOKEN }
    }

    fn on(&mut self, event: Event) -> Decision {
        self.state.on(event, &self.policy, self.now, 0.0)
    }

    fn ask(&mut self) -> Decision {
        self.on(Event::Ask)
    }

    /// Asks where a fetch is expected, and gives the flight's generation.
    fn fetch(&mut self) -> u64 {
        match self.ask() {
            Decision::Fetch { lease } | Decision::UseAndRefresh { lease, .. } => lease.generation,
            other => panic!("expected to fetch, was told {other:?}"),
        }
    }

    fn fetched(&mut self, generation: u64, lifetime: u64) -> Decision {
        let end = self.now.plus(lifetime);
        self.on(Event::Fetched { generation, sent_at: self.now, end })
    }

    fn failed(&mut self, generation: u64, retryable: bool) -> Decision {
        self.on(Event::Failed { generation, retryable, retry_at: None })
    }

    fn pass(&mut self, millis: u64) {
        self.now = self.now.plus(millis);
    }

    fn step_back(&mut self, millis: u64) {
        self.now = self.now.minus(millis);
    }

    fn left(&self, until: Timestamp) -> u64 {
        until.millis_since(self.now)
    }
}

#[test]
fn the_first_fetches_and_the_others_wait() {
    let mut story = Story::new();
    let generation = story.fetch();
    for _ in 0..1000 {
        assert_eq!(story.ask(), Decision::Wait { until: story.now.plus(11_000) });
    }
    let Decision::Use { until, .. } = story.fetched(generation, HOUR) else { panic!("a value") };
    assert_eq!(story.left(until), HOUR - 300_000);
    assert_eq!(story.ask(), Decision::Use { generation, from: story.now.minus(5_000), until });
}

#[test]
fn one_refreshes_ahead_and_nobody_waits() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 300_000);
    let Decision::UseAndRefresh { generation, lease, .. } = story.ask() else { panic!("a refresh") };
    assert_eq!(generation, first);
    for _ in 0..1000 {
        let Decision::Use { generation, until, .. } = story.ask() else { panic!("a value") };
        assert_eq!((generation, until), (first, lease.until));
    }
    story.fetched(lease.generation, HOUR);
    let Decision::Use { generation, .. } = story.ask() else { panic!("a value") };
    assert_eq!(generation, lease.generation);
}

#[test]
fn lifetimes_from_nothing_to_ten_years_are_used_sensibly() {
    // The lifetime, and about how often a caller who never stops asking makes a request in a hundred lifetimes.
    for (lifetime, least, most) in [(1_000, 100, 140), (10_000, 100, 140), (60_000, 100, 140), (300_000, 100, 140)] {
        let mut story = Story::new();
        let mut requests = 0;
        for _ in 0..1000 {
            if let Decision::Fetch { lease } | Decision::UseAndRefresh { lease, .. } = story.ask() {
                requests += 1;
                story.fetched(lease.generation, lifetime);
            }
            story.pass(lifetime / 10);
        }
        assert!((least..=most).contains(&requests), "{requests} requests for lifetimes of {lifetime} ms");
    }
    for lifetime in [12 * HOUR, 10 * 365 * 24 * HOUR] {
        let mut story = Story::new();
        let generation = story.fetch();
        let Decision::Use { until, .. } = story.fetched(generation, lifetime) else { panic!("a value") };
        assert_eq!(story.left(until), lifetime - 300_000);
    }
}

#[test]
fn a_value_that_arrives_spent_serves_those_who_waited() {
    let mut story = Story::new();
    let generation = story.fetch();
    assert!(matches!(story.fetched(generation, 0), Decision::Use { generation: 1, .. }));
    assert_eq!(story.fetch(), generation + 1, "whoever comes later starts another");
}

#[test]
fn a_dead_flight_is_replaced_and_its_late_answer_counts_only_if_it_is_newer() {
    let mut story = Story::new();
    let dead = story.fetch();
    story.pass(11_000);
    let next = story.fetch();
    assert!(matches!(story.fetched(dead, HOUR), Decision::Use { generation: 1, .. }), "it was awaited long enough");
    assert!(matches!(story.fetched(next, HOUR), Decision::Use { generation: 2, .. }));
    let Decision::Use { generation, .. } = story.fetched(dead, HOUR) else { panic!("a value") };
    assert_eq!(generation, next, "an older value does not replace a newer one");
}

#[test]
fn a_flight_is_tried_three_times_and_then_backs_off() {
    let mut story = Story::new();
    let generation = story.fetch();
    for pause in [300, 1_000] {
        let Decision::Retry { at, lease } = story.failed(generation, true) else { panic!("another attempt") };
        assert_eq!((story.left(at), story.left(lease.until)), (pause, pause + 11_000));
        story.pass(pause);
        assert!(matches!(story.ask(), Decision::Wait { .. }));
    }
    assert_eq!(story.failed(generation, true), Decision::Fail { retry_at: story.now.plus(1_000) });
    assert_eq!(story.ask(), Decision::Fail { retry_at: story.now.plus(1_000) });
    story.pass(1_000);
    assert_eq!(story.fetch(), generation + 1);
}

#[test]
fn slow_attempts_end_the_flight_after_twenty_seconds() {
    let mut story = Story::new();
    let generation = story.fetch();
    story.pass(10_000);
    assert!(matches!(story.failed(generation, true), Decision::Retry { .. }));
    story.pass(10_000);
    assert!(matches!(story.failed(generation, true), Decision::Fail { .. }));

    let mut story = Story::new();
    let (generation, start) = (story.fetch(), story.now);
    story.pass(9_900);
    story.failed(generation, true);
    story.pass(9_000);
    let Decision::Retry { lease, .. } = story.failed(generation, true) else { panic!("a third attempt") };
    assert_eq!(lease.until, start.plus(20_000), "however late the last attempt begins");
}

#[test]
fn a_failure_of_a_dead_flight_counts_while_nobody_has_begun_another() {
    let mut story = Story::new();
    let dead = story.fetch();
    story.pass(11_001);
    let retry_at = story.now.plus(200_000);
    let decision = story.on(Event::Failed { generation: dead, retryable: true, retry_at: Some(retry_at) });
    assert_eq!(decision, Decision::Fail { retry_at });
    story.pass(200_000);
    let next = story.fetch();
    assert!(matches!(story.failed(dead, false), Decision::Wait { .. }), "but not any more");
    story.fetched(next, HOUR);
}

#[test]
fn failures_double_their_pause_and_the_server_may_ask_for_more() {
    let mut story = Story::new();
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        let generation = story.fetch();
        assert_eq!(story.failed(generation, false), Decision::Fail { retry_at: story.now.plus(seconds * 1_000) });
        story.pass(seconds * 1_000);
    }
    for (asked, given) in [(120_000, 120_000), (3_600_000, 300_000), (1, 60_000)] {
        let generation = story.fetch();
        let retry_at = Some(story.now.plus(asked));
        let decision = story.on(Event::Failed { generation, retryable: false, retry_at });
        assert_eq!(decision, Decision::Fail { retry_at: story.now.plus(given) });
        story.pass(given);
    }
    let generation = story.fetch();
    story.fetched(generation, 0);
    let generation = story.fetch();
    assert_eq!(
        story.failed(generation, false),
        Decision::Fail { retry_at: story.now.plus(1_000) },
        "a success forgets"
    );
}

#[test]
fn a_server_down_during_the_refresh_hurts_nobody_until_the_end() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 300_000);
    let mut requests = 0;
    while story.now < Timestamp::from_millis(T0).plus(HOUR) {
        match story.ask() {
            Decision::UseAndRefresh { generation, lease, .. } => {
                assert_eq!(generation, first);
                requests += 1;
                assert!(matches!(story.failed(lease.generation, false), Decision::Use { .. }));
            }
            Decision::Use { generation, .. } => assert_eq!(generation, first),
            other => panic!("{other:?} while there is a usable value"),
        }
        story.pass(100);
    }
    assert!((5..=12).contains(&requests), "{requests}");
    assert!(matches!(story.ask(), Decision::Fail { .. } | Decision::Fetch { .. }));
}

#[test]
fn stale_values_are_used_only_while_their_source_fails() {
    let mut story = Story::new();
    story.policy = Policy { stale_for: HOUR, cooldown: 30_000, ..Policy::TOKEN };
    let first = story.fetch();
    story.fetched(first, 60_000);
    story.pass(60_000);
    let Decision::Fetch { lease } = story.ask() else { panic!("nobody has failed yet") };
    assert!(matches!(story.failed(lease.generation, false), Decision::Use { generation: 1, .. }));
    story.pass(1_000);
    assert!(matches!(story.ask(), Decision::UseAndRefresh { generation: 1, .. }));
    story.pass(HOUR);
    assert!(matches!(story.ask(), Decision::Fetch { .. }));
}

#[test]
fn a_hundred_rejections_of_one_value_make_one_request() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    let Decision::Fetch { lease } = story.on(Event::Rejected { generation: first }) else { panic!("a fetch") };
    for _ in 0..99 {
        assert!(matches!(story.on(Event::Rejected { generation: first }), Decision::Wait { .. }));
    }
    story.fetched(lease.generation, HOUR);
    let decision = story.on(Event::Rejected { generation: first });
    assert!(matches!(decision, Decision::Use { generation: 2, .. }), "{decision:?}");
}

#[test]
fn a_server_that_rejects_for_ever_causes_no_storm() {
    let mut story = Story::new();
    let mut held = 0;
    let mut requests = 0;
    for _ in 0..1000 {
        for event in [Event::Ask, Event::Rejected { generation: held }] {
            match story.on(event) {
                Decision::Fetch { lease } | Decision::UseAndRefresh { lease, .. } => {
                    requests += 1;
                    held = lease.generation;
                    story.fetched(held, 12 * HOUR);
                }
                Decision::Use { generation, .. } => held = generation,
                other => panic!("{other:?}"),
            }
        }
        story.pass(100);
    }
    assert!(requests <= 3, "{requests} requests in 100 s of rejections");
    let before = requests;
    for _ in 0..360 {
        story.pass(10_000);
        if let Decision::Fetch { lease } = story.on(Event::Rejected { generation: held }) {
            requests += 1;
            held = lease.generation;
            story.fetched(held, 12 * HOUR);
        }
    }
    assert!(requests - before <= 10, "{} more in an hour", requests - before);
}

#[test]
fn a_value_is_used_up_to_its_margin_where_nothing_has_failed() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 30_001);
    assert!(matches!(story.ask(), Decision::UseAndRefresh { .. }));
    story.pass(1);
    assert!(matches!(story.ask(), Decision::Wait { .. }));

    let mut story = Story::new();
    story.policy.ahead.percent = 0;
    let first = story.fetch();
    let Decision::Use { until, .. } = story.fetched(first, HOUR) else { panic!("a value") };
    assert_eq!(story.left(until), HOUR - 30_000, "no refresh ahead leads past the margin");
}

#[test]
fn an_answer_told_twice_counts_once() {
    let mut story = Story::new();
    let first = story.fetch();
    let told = story.fetched(first, HOUR);
    story.pass(1_000);
    assert_eq!(story.fetched(first, 2 * HOUR), told);
    assert!(matches!(story.failed(first, false), Decision::Use { generation: 1, .. }));
}

#[test]
fn a_late_answer_ends_the_pause_that_later_failures_began() {
    let mut story = Story::new();
    let late = story.fetch();
    story.pass(11_000);
    let next = story.fetch();
    assert!(matches!(story.failed(next, false), Decision::Fail { .. }));
    story.fetched(late, 0);
    assert_eq!(story.fetch(), next + 1);
}

#[test]
fn a_rejection_of_an_older_value_or_after_a_normal_refresh_is_seen_as_what_it_is() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 300_000);
    let second = story.fetch();
    story.fetched(second, HOUR);
    let decision = story.on(Event::Rejected { generation: first });
    assert!(matches!(decision, Decision::Use { generation: 2, .. }), "{decision:?}");

    let Decision::Fetch { lease } = story.on(Event::Rejected { generation: second }) else { panic!("a fetch") };
    story.fetched(lease.generation, HOUR);
    let decision = story.on(Event::Rejected { generation: lease.generation });
    assert!(matches!(decision, Decision::Use { generation: 3, .. }), "it replaced a rejected one: {decision:?}");

    story.pass(HOUR - 300_000);
    let fourth = story.fetch();
    story.fetched(fourth, HOUR);
    assert!(matches!(story.on(Event::Rejected { generation: fourth }), Decision::Fetch { .. }));

    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 300_000);
    let (second, sent_at) = (story.fetch(), story.now);
    story.pass(100);
    assert!(matches!(story.on(Event::Rejected { generation: first }), Decision::Wait { .. }));
    story.on(Event::Fetched { generation: second, sent_at, end: sent_at.plus(HOUR) });
    let decision = story.on(Event::Rejected { generation: second });
    assert!(matches!(decision, Decision::Fetch { .. }), "it was on its way before the rejection: {decision:?}");
}

#[test]
fn a_renewal_waits_for_its_cooldown_and_leaves_the_value_alone() {
    let mut story = Story::new();
    story.policy = Policy {
        ahead: Span { most: u64::MAX, percent: 20 },
        margin: Span { most: 0, percent: 0 },
        stale_for: HOUR,
        cooldown: 30_000,
    };
    let first = story.fetch();
    story.fetched(first, HOUR);
    assert_eq!(story.on(Event::Renew), Decision::Fail { retry_at: story.now.plus(30_000) });
    story.pass(30_000);
    let Decision::Fetch { lease } = story.on(Event::Renew) else { panic!("a fetch") };
    assert!(matches!(story.on(Event::Renew), Decision::Wait { .. }));
    assert!(matches!(story.ask(), Decision::Use { generation: 1, .. }));
    story.fetched(lease.generation, HOUR);
    assert!(matches!(story.ask(), Decision::Use { generation: 2, .. }));
}

#[test]
fn an_hour_back_makes_nothing_eternal() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.step_back(HOUR);
    let Decision::UseAndRefresh { until, .. } = story.ask() else { panic!("a refresh") };
    assert!(story.left(until) <= 60_000);
    story.pass(60_000);
    assert!(matches!(story.ask(), Decision::Fetch { .. }));

    let mut story = Story::new();
    story.fetch();
    story.step_back(HOUR);
    assert!(matches!(story.ask(), Decision::Fetch { .. }), "a lease from the future is dead");

    let mut story = Story::new();
    let generation = story.fetch();
    story.failed(generation, false);
    story.step_back(HOUR);
    assert!(matches!(story.ask(), Decision::Fetch { .. }), "so is a pause");

    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    let Decision::Fetch { lease } = story.on(Event::Rejected { generation: first }) else { panic!("a fetch") };
    story.fetched(lease.generation, HOUR);
    story.step_back(HOUR);
    let decision = story.on(Event::Rejected { generation: lease.generation });
    assert!(matches!(decision, Decision::Fetch { .. }), "so is the trust in what replaced a rejected value");

    let mut story = Story::new();
    story.policy.stale_for = HOUR;
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.step_back(HOUR);
    let refresh = story.fetch();
    story.failed(refresh, false);
    story.pass(60_000);
    assert!(matches!(story.ask(), Decision::Fetch { .. }), "so is staleness");
}

#[test]
fn times_are_spread_by_at_most_half() {
    for (random, expected) in [(0.0, 300_000), (0.5, 375_000), (1.0, 450_000), (f64::NAN, 300_000), (1e300, 450_000)] {
        let mut state = State::default();
        let now = Timestamp::from_millis(T0);
        state.on(Event::Ask, &Policy::TOKEN, now, random);
        let end = now.plus(HOUR);
        let decision = state.on(Event::Fetched { generation: 1, sent_at: now, end }, &Policy::TOKEN, now, random);
        let Decision::Use { until, .. } = decision else { panic!("a value") };
        assert_eq!(end.millis_since(until), expected);
    }
}
