//! docs/errors.md against the code: every code, under its category.

use std::fs;
use std::path::Path;

use edge_credentials::Code;

#[test]
fn the_headings_are_the_codes_under_their_categories() {
    let page = read("docs/errors.md");
    let mut category = "";
    let mut found = vec![];
    for line in page.lines() {
        if let Some(code) = line.strip_prefix("### `") {
            found.push((code.trim_end_matches('`'), category));
        } else if let Some((name, _)) = line.strip_prefix("## ").and_then(|heading| heading.split_once(':')) {
            category = name;
        }
    }
    let codes: Vec<(&str, &str)> = Code::ALL.iter().map(|code| (code.as_str(), code.category().as_str())).collect();
    assert_eq!(found, codes);
}

#[test]
fn javascript_throws_no_code_of_its_own() {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("pkg/src")];
    let mut found = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for after in text.split("code: \"").skip(1) {
            let code = after.split('"').next().unwrap();
            assert!(Code::ALL.iter().any(|known| known.as_str() == code), "{} throws {code}", path.display());
            found += 1;
        }
    }
    assert!(found >= 2, "{found} codes found in pkg/src");
}

#[test]
fn the_type_of_codes_is_that_of_the_code() {
    let text = read("pkg/src/core/errors.ts");
    let (_, after) = text.split_once("export type ErrorCode =").unwrap();
    let (union, _) = after.split_once(';').unwrap();
    let names: Vec<&str> = union.split('"').skip(1).step_by(2).collect();
    assert_eq!(names, Code::ALL.iter().map(|code| code.as_str()).collect::<Vec<_>>());
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}
