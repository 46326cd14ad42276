//! The reducer of `src/lifecycle`, in stories: failures, rejections, clocks that jump.

use crate::support::story::{HOUR, Story, T0};
use edge_credentials::Timestamp;
use edge_credentials::lifecycle::{Decision, Event, Policy, Retry};

#[test]
fn a_flight_is_tried_three_times_and_then_backs_off() {
    let mut story = Story::new();
    let generation = story.fetch();
    for pause in [300, 1_000] {
        let Decision::Retry { at, lease } = story.failed(generation, Retry::Soon) else { panic!("another attempt") };
        assert_eq!((story.left(at), story.left(lease.until)), (pause, pause + 11_000));
        story.pass(pause);
        assert!(matches!(story.ask(), Decision::Wait { .. }));
    }
    assert_eq!(story.failed(generation, Retry::Soon), Decision::Fail { retry_at: story.now.plus(1_000) });
    assert_eq!(story.ask(), Decision::Fail { retry_at: story.now.plus(1_000) });
    story.pass(1_000);
    assert_eq!(story.fetch(), generation + 1);
}

#[test]
fn slow_attempts_end_the_flight_after_twenty_seconds() {
    let mut story = Story::new();
    let generation = story.fetch();
    story.pass(10_000);
    assert!(matches!(story.failed(generation, Retry::Soon), Decision::Retry { .. }));
    story.pass(10_000);
    assert!(matches!(story.failed(generation, Retry::Soon), Decision::Fail { .. }));

    let mut story = Story::new();
    let (generation, start) = (story.fetch(), story.now);
    story.pass(9_900);
    story.failed(generation, Retry::Soon);
    story.pass(9_000);
    let Decision::Retry { lease, .. } = story.failed(generation, Retry::Soon) else { panic!("a third attempt") };
    assert_eq!(lease.until, start.plus(20_000), "however late the last attempt begins");
}

#[test]
fn a_failure_of_a_dead_flight_counts_while_nobody_has_begun_another() {
    let mut story = Story::new();
    let dead = story.fetch();
    story.pass(11_001);
    let retry_at = story.now.plus(200_000);
    let decision = story.on(Event::Failed { generation: dead, retry: Retry::Soon, retry_at: Some(retry_at) });
    assert_eq!(decision, Decision::Fail { retry_at });
    story.pass(200_000);
    let next = story.fetch();
    assert!(matches!(story.failed(dead, Retry::Never), Decision::Wait { .. }), "but not any more");
    story.fetched(next, HOUR);
    assert!(matches!(story.failed(dead, Retry::Never), Decision::Use { .. }));
    assert!(matches!(story.failed(next, Retry::Never), Decision::Use { .. }), "nor after it has brought a value");
    assert!(matches!(story.on(Event::Renew), Decision::Fetch { .. }), "neither began a pause");
}

#[test]
fn failures_double_their_pause_and_the_server_may_ask_for_more() {
    let mut story = Story::new();
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
        let generation = story.fetch();
        assert_eq!(
            story.failed(generation, Retry::Never),
            Decision::Fail { retry_at: story.now.plus(seconds * 1_000) }
        );
        story.pass(seconds * 1_000);
    }
    for (asked, given) in [(120_000, 120_000), (3_600_000, 300_000), (1, 60_000)] {
        let generation = story.fetch();
        let retry_at = Some(story.now.plus(asked));
        let decision = story.on(Event::Failed { generation, retry: Retry::Never, retry_at });
        assert_eq!(decision, Decision::Fail { retry_at: story.now.plus(given) });
        story.pass(given);
    }
    let generation = story.fetch();
    story.fetched(generation, 0);
    let generation = story.fetch();
    assert_eq!(
        story.failed(generation, Retry::Never),
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
                assert!(matches!(story.failed(lease.generation, Retry::Never), Decision::Use { .. }));
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
fn a_hundred_rejections_of_one_value_make_one_request() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    assert_eq!(story.rejected(first), Decision::Gone, "it starts nothing: whoever says so may be about to leave");
    assert_eq!(story.rejected(first), Decision::Gone);
    let second = story.fetch();
    for _ in 0..98 {
        assert!(matches!(story.rejected(first), Decision::Wait { .. }));
    }
    story.fetched(second, HOUR);
    let decision = story.rejected(first);
    assert!(matches!(decision, Decision::Use { generation: 2, .. }), "{decision:?}");
}

#[test]
fn a_rejection_that_does_not_count_starts_no_refresh_either() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.rejected(first);
    let second = story.fetch();
    story.fetched(second, 40_000);
    story.pass(33_000);
    let decision = story.rejected(second);
    assert!(matches!(decision, Decision::Use { generation: 2, .. }), "{decision:?}");
    let Decision::Use { until, .. } = decision else { panic!("a value") };
    assert_eq!(story.left(until), 1, "the next one who asks is to decide");
    assert!(matches!(story.ask(), Decision::UseAndRefresh { generation: 2, .. }));
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
                Decision::Gone => {}
                other => panic!("{other:?}"),
            }
        }
        story.pass(100);
    }
    assert!(requests <= 3, "{requests} requests in 100 s of rejections");
    let before = requests;
    for _ in 0..360 {
        story.pass(10_000);
        if story.rejected(held) == Decision::Gone {
            requests += 1;
            held = story.fetch();
            story.fetched(held, 12 * HOUR);
        }
    }
    assert!(requests - before <= 10, "{} more in an hour", requests - before);
}

#[test]
fn a_rejection_of_an_older_value_or_after_a_normal_refresh_is_seen_as_what_it_is() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 300_000);
    let second = story.fetch();
    story.fetched(second, HOUR);
    let decision = story.rejected(first);
    assert!(matches!(decision, Decision::Use { generation: 2, .. }), "{decision:?}");

    assert_eq!(story.rejected(second), Decision::Gone);
    let third = story.fetch();
    story.fetched(third, HOUR);
    let decision = story.rejected(third);
    assert!(matches!(decision, Decision::Use { generation: 3, .. }), "it replaced a rejected one: {decision:?}");

    story.pass(HOUR - 300_000);
    let fourth = story.fetch();
    story.fetched(fourth, HOUR);
    assert_eq!(story.rejected(fourth), Decision::Gone);

    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 300_000);
    let (second, sent_at) = (story.fetch(), story.now);
    story.pass(100);
    assert!(matches!(story.rejected(first), Decision::Wait { .. }));
    story.on(Event::Fetched { generation: second, sent_at, end: sent_at.plus(HOUR) });
    let decision = story.rejected(second);
    assert_eq!(decision, Decision::Gone, "it was on its way before the rejection");
}

/// Clocks are corrected by seconds all the time.
#[test]
fn up_to_five_seconds_back_are_no_step() {
    let after = |millis| {
        let mut story = Story::new();
        let first = story.fetch();
        story.fetched(first, HOUR);
        story.step_back(millis);
        story.ask()
    };
    assert!(matches!(after(5_000), Decision::Use { .. }));
    assert!(matches!(after(5_001), Decision::UseAndRefresh { .. }));
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
    story.failed(generation, Retry::Never);
    story.step_back(HOUR);
    assert!(matches!(story.ask(), Decision::Fetch { .. }), "so is a pause");

    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    assert_eq!(story.rejected(first), Decision::Gone);
    let second = story.fetch();
    story.fetched(second, HOUR);
    story.step_back(HOUR);
    assert_eq!(story.rejected(second), Decision::Gone, "so is the trust in what replaced a rejected value");

    let mut story = Story::new();
    story.policy.stale_for = HOUR;
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.step_back(HOUR);
    let refresh = story.fetch();
    story.failed(refresh, Retry::Never);
    story.pass(60_000);
    assert!(matches!(story.ask(), Decision::Fetch { .. }), "so is staleness");
}

#[test]
fn what_is_about_to_be_there_is_tried_for_three_seconds() {
    let mut story = Story::new();
    let generation = story.fetch();
    for attempt in 1..=5 {
        let Decision::Retry { at, .. } = story.failed(generation, Retry::Brief) else { panic!("attempt {attempt}") };
        assert_eq!(story.left(at), 500);
        story.pass(500);
    }
    assert!(matches!(story.failed(generation, Retry::Brief), Decision::Fail { .. }));
}

#[test]
fn what_may_be_a_refusal_is_tried_once_more() {
    let mut story = Story::new();
    let generation = story.fetch();
    let Decision::Retry { at, .. } = story.failed(generation, Retry::Once) else { panic!("another attempt") };
    assert_eq!(story.left(at), 300);
    story.pass(300);
    assert!(matches!(story.failed(generation, Retry::Once), Decision::Fail { .. }));
}

#[test]
fn changed_credentials_are_tried_at_once_and_once() {
    let mut story = Story::new();
    let generation = story.fetch();
    let Decision::Retry { at, lease } = story.failed(generation, Retry::AtOnce) else { panic!("another attempt") };
    assert_eq!((story.left(at), story.left(lease.until)), (0, 11_000));
    assert!(matches!(story.failed(generation, Retry::AtOnce), Decision::Fail { .. }));
}

#[test]
fn a_withdrawn_flight_leaves_no_trace() {
    let mut story = Story::new();
    for _ in 0..3 {
        let generation = story.fetch();
        assert!(matches!(story.ask(), Decision::Wait { .. }));
        assert_eq!(story.withdrawn(generation), Decision::Gone, "it starts nothing itself");
    }
    let generation = story.fetch();
    assert!(matches!(story.failed(generation, Retry::Soon), Decision::Retry { .. }));
    assert_eq!(story.withdrawn(generation), Decision::Gone, "not even of its first attempt");
    let generation = story.fetch();
    assert_eq!(story.failed(generation, Retry::Never), Decision::Fail { retry_at: story.now.plus(1_000) });
    assert!(matches!(story.withdrawn(generation), Decision::Fail { .. }), "but what has failed has failed");
}

#[test]
fn a_withdrawn_refresh_leaves_the_value() {
    let mut story = Story::new();
    let first = story.fetch();
    story.fetched(first, HOUR);
    story.pass(HOUR - 300_000);
    let refresh = story.fetch();
    let Decision::Use { generation, until, .. } = story.withdrawn(refresh) else { panic!("a value") };
    assert_eq!((generation, story.left(until)), (first, 1), "the next one who asks is to decide");
    assert!(matches!(story.ask(), Decision::UseAndRefresh { generation: 1, .. }));
}

#[test]
fn a_flight_that_was_replaced_cannot_withdraw_another() {
    let mut story = Story::new();
    let dead = story.fetch();
    story.pass(11_000);
    let next = story.fetch();
    assert!(matches!(story.withdrawn(dead), Decision::Wait { .. }));
    assert!(matches!(story.ask(), Decision::Wait { .. }));
    story.fetched(next, HOUR);
    assert!(matches!(story.withdrawn(next), Decision::Use { generation: 2, .. }), "nor what it brought");
}

#[test]
fn a_withdrawn_renewal_starts_no_cooldown() {
    let mut story = Story::new();
    story.policy = Policy::KEYS;
    let first = story.fetch();
    story.fetched(first, HOUR);
    for _ in 0..2 {
        let Decision::Fetch { lease } = story.on(Event::Renew) else { panic!("a flight") };
        assert!(matches!(story.withdrawn(lease.generation), Decision::Use { generation: 1, .. }));
    }
}
