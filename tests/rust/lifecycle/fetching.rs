//! The reducer of `src/lifecycle`, in stories: fetching, using, refreshing.

use crate::support::story::{HOUR, Story, T0};
use edge_credentials::Timestamp;
use edge_credentials::lifecycle::{Decision, Event, Policy, Retry, Span, State};

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
    // The lifetime, and about how often a caller who never stops asking makes a request in a
    // hundred lifetimes.
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
    assert_eq!(
        story.on(Event::Renew),
        Decision::Wait { until: story.now.plus(11_000) },
        "the other is still on its way"
    );
    assert!(matches!(story.fetched(next, HOUR), Decision::Use { generation: 2, .. }));
    let Decision::Use { generation, .. } = story.fetched(dead, HOUR) else { panic!("a value") };
    assert_eq!(generation, next, "an older value does not replace a newer one");
}

#[test]
fn stale_values_are_used_only_while_their_source_fails() {
    let mut story = Story::new();
    story.policy = Policy { stale_for: HOUR, cooldown: 30_000, ..Policy::TOKEN };
    let first = story.fetch();
    story.fetched(first, 60_000);
    story.pass(60_000);
    let Decision::Fetch { lease } = story.ask() else { panic!("nobody has failed yet") };
    assert!(matches!(story.failed(lease.generation, Retry::Never), Decision::Use { generation: 1, .. }));
    story.pass(1_000);
    assert!(matches!(story.ask(), Decision::UseAndRefresh { generation: 1, .. }));
    story.pass(HOUR);
    assert!(matches!(story.ask(), Decision::Fetch { .. }));
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
    assert!(matches!(story.failed(first, Retry::Never), Decision::Use { generation: 1, .. }));
}

#[test]
fn a_late_answer_ends_the_pause_that_later_failures_began() {
    let mut story = Story::new();
    let late = story.fetch();
    story.pass(11_000);
    let next = story.fetch();
    assert!(matches!(story.failed(next, Retry::Never), Decision::Fail { .. }));
    story.fetched(late, 0);
    assert_eq!(story.fetch(), next + 1);
}

#[test]
fn a_renewal_waits_for_its_cooldown_and_leaves_the_value_alone() {
    let mut story = Story::new();
    story.policy = Policy {
        ahead: Span { most: u64::MAX, percent: 20 },
        ahead_mean: None,
        margin: Span { most: 0, percent: 0 },
        stale_for: HOUR,
        cooldown: 30_000,
    };
    let first = story.fetch();
    story.fetched(first, HOUR);
    // The last fetch was an ordinary one.
    let Decision::Fetch { lease } = story.on(Event::Renew) else { panic!("a fetch") };
    story.fetched(lease.generation, HOUR);
    assert_eq!(story.on(Event::Renew), Decision::Fail { retry_at: story.now.plus(30_000) });
    story.pass(30_000);
    let Decision::Fetch { lease } = story.on(Event::Renew) else { panic!("a fetch") };
    assert!(matches!(story.on(Event::Renew), Decision::Wait { .. }));
    assert!(matches!(story.ask(), Decision::Use { generation: 2, .. }));
    story.fetched(lease.generation, HOUR);
    assert!(matches!(story.ask(), Decision::Use { generation: 3, .. }));
    let cooled_at = story.now.plus(30_000);
    story.pass(29_999);
    assert_eq!(story.on(Event::Renew), Decision::Fail { retry_at: cooled_at });
}

#[test]
fn after_an_ordinary_fetch_a_renewal_waits_for_nothing() {
    let mut story = Story::new();
    story.policy = Policy::KEYS;
    let first = story.fetch();
    story.fetched(first, 60_000);
    let Decision::Fetch { lease } = story.on(Event::Renew) else { panic!("a fetch") };
    story.fetched(lease.generation, 20_000);
    story.pass(20_000);
    let ordinary = story.fetch();
    story.fetched(ordinary, HOUR);
    assert!(matches!(story.on(Event::Renew), Decision::Fetch { .. }));
}

#[test]
fn a_renewal_that_failed_is_told_to_wait_for_the_longer_of_its_pauses() {
    let mut story = Story::new();
    story.policy = Policy::KEYS;
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(30_000);
    let Decision::Fetch { lease } = story.on(Event::Renew) else { panic!("a fetch") };
    let cooled_at = story.now.plus(30_000);
    story.failed(lease.generation, Retry::Never);
    assert_eq!(story.on(Event::Renew), Decision::Fail { retry_at: cooled_at });
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
