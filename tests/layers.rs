//! The architecture, asserted: who may name whom, and what only one file may know.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::{Path, PathBuf};

/// A file names only files earlier in this list (`lib.rs` is exempt).
const LAYERS: [&str; 36] = [
    "secret",
    "text",
    "number",
    "time",
    "error",
    "encode",
    "json_writer",
    "prose",
    "redact",
    "json",
    "zitadel",
    "url",
    "http",
    "answer",
    "refusal",
    "rfc3339",
    "der",
    "algorithm",
    "token_kind",
    "jwt",
    "pkcs8",
    "pem",
    "jwk",
    "jwks",
    "key",
    "key_file",
    "credentials",
    "assertion",
    "client",
    "metadata",
    "token",
    "revoke",
    "claims",
    "introspect",
    "freshness",
    "wasm",
];

/// What only `wasm.rs` may name: JavaScript, its clock and its randomness.
const JAVASCRIPT: [&str; 4] = ["wasm_bindgen", "js_sys", "web_sys", "getrandom"];

/// What no file may name: input, output, clocks, threads, randomness of the system.
const OUTSIDE: [&str; 8] =
    ["std::fs", "std::net", "std::io", "std::env", "std::thread", "std::process", "Instant::now", "SystemTime::now"];

/// What would be state, or a way around the list of layers.
const STATE: [&str; 6] = ["static mut", "OnceLock", "LazyLock", "thread_local", "Atomic", "super::"];

#[test]
fn every_file_is_in_the_list() {
    let mut names: Vec<String> = sources().iter().map(|path| stem(path)).filter(|name| name != "lib").collect();
    names.sort();
    names.dedup();
    let mut layers = LAYERS.map(str::to_owned);
    layers.sort();
    assert_eq!(names, layers);
}

#[test]
fn a_file_names_only_files_before_it() {
    for path in sources().iter().filter(|path| stem(path) != "lib") {
        let layer = LAYERS.iter().position(|name| *name == stem(path)).unwrap();
        for other in named_modules(&code(path)) {
            let position = LAYERS.iter().position(|name| *name == other);
            let is_own = other == stem(path);
            assert!(is_own || position.is_some_and(|position| position < layer), "{} names {other}", path.display());
        }
    }
}

#[test]
fn only_wasm_knows_javascript() {
    for path in sources().iter().filter(|path| stem(path) != "wasm") {
        for name in JAVASCRIPT {
            assert!(!code(path).contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn nothing_outside_is_touched() {
    for path in sources() {
        for name in OUTSIDE {
            assert!(!code(&path).contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn nothing_is_kept() {
    for path in sources().iter().filter(|path| stem(path) != "wasm") {
        for name in STATE {
            assert!(!code(path).contains(name), "{} has {name}", path.display());
        }
    }
}

#[test]
fn files_can_be_held_in_the_head() {
    for path in sources() {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 300, "{} has {lines} lines", path.display());
    }
}

fn sources() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = |folder: &Path| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let (inner, mut paths): (Vec<_>, Vec<_>) = files(&folder).into_iter().partition(|path| path.is_dir());
    paths.extend(inner.iter().flat_map(|folder| files(folder)));
    paths
}

/// The layer that a file belongs to: its own name, or that of its folder.
fn stem(path: &Path) -> String {
    let folder = path.parent().unwrap().file_name().unwrap();
    let name = if folder == "src" { path.file_stem().unwrap() } else { folder };
    name.to_str().unwrap().to_owned()
}

/// The file without comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The modules in `crate::module` and `use crate::{a, b}`.
fn named_modules(code: &str) -> Vec<String> {
    let mut names = Vec::new();
    for after in code.split("crate::").skip(1) {
        assert!(!after.starts_with('{'), "name modules one by one, so that this test can read them");
        names.push(after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
    }
    names
}
