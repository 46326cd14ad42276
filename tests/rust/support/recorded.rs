//! Answers that servers really gave, and files that say line by line what is made of them.

use std::collections::BTreeMap;
use std::{env, fs};

use edge_credentials::{Response, Timestamp};
use serde_json::Value;

/// When servers were recorded.
pub const RECORDED: Timestamp = Timestamp::from_millis(1_795_850_000_000);

pub fn cases(file: &str) -> Vec<Value> {
    let text = fs::read_to_string(path(file)).expect(file);
    let document: Value = serde_json::from_str(&text).expect(file);
    document["cases"].as_array().expect(file).clone()
}

pub fn response(case: &Value) -> Response<'_> {
    let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
    let headers = case["headers"].as_object().unwrap();
    headers.iter().fold(Response::new(status, case["body"].as_str().unwrap()), |response, (name, value)| {
        response.with_header(name, value.as_str().unwrap())
    })
}

/// Compares what is made of each case with the lines of a file. `UPDATE=1` writes the file, and the
/// test fails all the same: nothing passes by writing.
pub fn assert_lines(file: &str, made: &[(&Value, String)]) {
    const UPDATE: &str = "UPDATE=1 cargo test --locked --test rust recorded_";
    let text = |case: &Value, name: &str| case[name].as_str().unwrap().to_owned();
    let sorted: BTreeMap<_, _> =
        made.iter().map(|(case, line)| ((text(case, "server"), text(case, "case")), line)).collect();
    assert_eq!(sorted.len(), made.len(), "two cases have the same name");
    let lines: Vec<String> =
        sorted.into_iter().map(|((server, case), line)| format!("{server} | {case} | {line}")).collect();

    let path = path(file);
    if env::var("UPDATE").is_ok_and(|value| value == "1") {
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        panic!("{path} is written: read what changed in it, then run the tests without UPDATE");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let expected: Vec<&str> = expected.lines().collect();
    for place in 0..lines.len().max(expected.len()) {
        let was = expected.get(place).copied().unwrap_or("(nothing)");
        let is = lines.get(place).map_or("(nothing)", String::as_str);
        assert!(
            was == is,
            "{path}, line {}:\n  was: {was}\n  is:  {is}\nif that is meant, write the file by `{UPDATE}`",
            place + 1
        );
    }
}

fn path(file: &str) -> String {
    format!("{}/tests/vectors/servers/{file}", env!("CARGO_MANIFEST_DIR"))
}
