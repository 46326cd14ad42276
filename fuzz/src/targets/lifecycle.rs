//! The reducer from any array of numbers, through any events: what it decides holds together, and a
//! value that it lets be used has not ended.

use arbitrary::{Arbitrary, Unstructured};
use edge_credentials::Timestamp;
use edge_credentials::lifecycle::{Decision, Event, LENGTH, Policy, Retry, SLOTS, step};

#[derive(Arbitrary, Debug)]
struct Step {
    kind: u8,
    generation: u8,
    forward: i32,
    at: i32,
    end: i32,
    retry: u8,
    random: u16,
}

const RETRIES: [Retry; 6] = [Retry::Never, Retry::Soon, Retry::Brief, Retry::AtOnce, Retry::Once, Retry::Late];
const POLICIES: [Policy; 4] = [Policy::TOKEN, Policy::METADATA, Policy::KEYS, Policy::INTROSPECTION];
/// An attempt may take so long, ms, and what follows it.
const LONGEST_LEASE: u64 = 60_000;

pub fn check(data: &[u8]) {
    let mut source = Unstructured::new(data);
    let Ok((policy, start, is_new)) = <(u8, i64, bool)>::arbitrary(&mut source) else { return };
    let policy = &POLICIES[usize::from(policy) % POLICIES.len()];
    let mut numbers = [f64::NAN; LENGTH];
    if !is_new {
        for number in &mut numbers {
            *number = f64::arbitrary(&mut source).unwrap_or(f64::NAN);
        }
    }
    let mut now = Timestamp::from_millis(start);
    while let Ok(next) = Step::arbitrary(&mut source) {
        now = moved(now, next.forward);
        let before = numbers;
        let random = f64::from(next.random) / 65_536.0;
        let event = event(&next, &before, now);
        let decision = step(&mut numbers, event, policy, now, random).expect("the length is right");
        judge(decision, &numbers, now);
        // What has just arrived is for those who waited, even if it arrived spent.
        if let (Event::Ask, Decision::Use { until, .. } | Decision::UseAndRefresh { until, .. }) = (event, decision) {
            assert!(until > now, "{decision:?} at {now:?}");
        }
        if source.is_empty() {
            return;
        }
    }
}

fn moved(now: Timestamp, millis: i32) -> Timestamp {
    let by = u64::from(millis.unsigned_abs());
    if millis < 0 { now.minus(by / 100) } else { now.plus(by) }
}

fn event(next: &Step, numbers: &[f64; LENGTH], now: Timestamp) -> Event {
    // Mostly about the newest flight, or one before it.
    let newest = slot(numbers, "given") as u64;
    let generation = newest.saturating_sub(u64::from(next.generation % 3));
    match next.kind % 8 {
        0 | 1 => Event::Ask,
        2 | 3 => Event::Fetched { generation, sent_at: moved(now, next.at), end: moved(now, next.end) },
        4 => Event::Failed {
            generation,
            retry: RETRIES[usize::from(next.retry) % RETRIES.len()],
            retry_at: (next.at > 0).then(|| moved(now, next.at)),
        },
        5 => Event::Rejected { generation },
        6 => Event::Renew,
        _ => Event::Withdrawn { generation },
    }
}

fn judge(decision: Decision, numbers: &[f64; LENGTH], now: Timestamp) {
    match decision {
        Decision::Wait { until } => assert!(until >= now, "{decision:?} at {now:?}"),
        Decision::Retry { at, .. } => assert!(at >= now, "{decision:?} at {now:?}"),
        _ => {}
    }
    if let Decision::Fetch { lease } | Decision::Retry { lease, .. } | Decision::UseAndRefresh { lease, .. } = decision
    {
        assert!(lease.until >= now, "{decision:?} at {now:?}");
        assert!(lease.until.millis_since(now) <= LONGEST_LEASE + 300_000, "{decision:?} at {now:?}");
    }
    for (name, number) in SLOTS.iter().zip(numbers) {
        assert!(number.is_nan() || number.is_finite(), "{name} is {number}");
    }
}

fn slot(numbers: &[f64; LENGTH], name: &str) -> f64 {
    SLOTS.iter().position(|slot| *slot == name).map_or(f64::NAN, |at| numbers[at])
}
