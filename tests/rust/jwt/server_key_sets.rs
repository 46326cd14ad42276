//! What is made of every key set that was recorded.

use crate::support::recorded::{RECORDED, assert_lines, cases, response};
use edge_credentials::{JwsAlgorithm, KeySet, VerifyingKey};
use serde_json::Value;

#[test]
fn every_recorded_key_set_is_read_as_its_line_says() {
    let recorded = cases("key-sets.json");
    let made: Vec<(&Value, String)> = recorded
        .iter()
        .map(|case| {
            let line = match KeySet::parse(&response(case), RECORDED) {
                Ok(set) => told(&set, case),
                Err(error) => format!("{}, {}: {}", error.code().as_str(), error.category().as_str(), error.message()),
            };
            (case, line)
        })
        .collect();
    assert_lines("key-sets.txt", &made);
}

fn told(set: &KeySet, case: &Value) -> String {
    let body: Value = serde_json::from_str(case["body"].as_str().unwrap()).unwrap();
    let sent = body["keys"].as_array().unwrap();
    let is_kept = |key: &&Value| set.keys().iter().any(|kept| kept.key_id() == key["kid"].as_str());
    let kept: Vec<String> = set.keys().iter().map(usable).collect();
    let left_out: Vec<String> = sent.iter().filter(|key| !is_kept(key)).map(unusable).collect();

    let mut line = format!("{} of {} keys: {}", kept.len(), sent.len(), kept.join(", "));
    if !left_out.is_empty() {
        line += &format!("; left out: {}", left_out.join(", "));
    }
    if let Some(age) = set.max_age() {
        line += &format!("; max-age {} s", age / 1000);
    }
    line
}

fn usable(key: &VerifyingKey) -> String {
    let algorithms: Vec<_> = key.algorithms().map(JwsAlgorithm::name).collect();
    format!("{} {}", algorithms.join("/"), key.key_id().unwrap_or("without kid"))
}

fn unusable(key: &Value) -> String {
    let words: Vec<_> = ["crv", "alg", "use", "kid"].iter().filter_map(|name| key[*name].as_str()).collect();
    words.join(" ")
}
