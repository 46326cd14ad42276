//! The architecture, asserted: who may name whom, and what only one file may know.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders and files of `src`, by what they may name: only what stands in a row above their
/// own.
const LAYERS: [&[&str]; 10] = [
    &["encoding"],
    &["secret"],
    &["error", "lifecycle", "redact"],
    &["keys", "zitadel"],
    &["http"],
    &["jwt"],
    &["oauth"],
    &["schema"],
    &["calls"],
    &["wasm"],
];

/// What only `wasm` may name: JavaScript, its clock and its randomness.
const JAVASCRIPT: [&str; 4] = ["wasm_bindgen", "js_sys", "web_sys", "getrandom"];

/// What no file may name: input, output, clocks, threads, randomness of the system.
const OUTSIDE: [&str; 8] =
    ["std::fs", "std::net", "std::io", "std::env", "std::thread", "std::process", "Instant::now", "SystemTime::now"];

/// What would be state, or a way around the list of layers.
const STATE: [&str; 6] = ["static mut", "OnceLock", "LazyLock", "thread_local", "Atomic", "super::"];

#[test]
fn every_file_is_in_a_layer() {
    for path in sources() {
        let module = module(&path);
        assert!(module == "lib" || rank(&module).is_some(), "{} is in no layer", path.display());
    }
}

#[test]
fn a_layer_names_only_layers_below_it() {
    for path in sources().iter().filter(|path| module(path) != "lib") {
        let own = module(path);
        for other in named_paths(&code(path)).iter().map(|path| path[0].clone()) {
            let runs_down = rank(&other) < rank(&own);
            assert!(other == own || runs_down, "{} names {other}", path.display());
        }
    }
}

#[test]
fn no_file_names_itself_by_way_of_others() {
    let names: BTreeMap<String, Vec<String>> =
        sources().iter().filter(|path| module(path) != "lib").map(|path| (name(path), named_files(path))).collect();
    for start in names.keys() {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut open: Vec<&str> = names[start].iter().map(String::as_str).collect();
        while let Some(file) = open.pop() {
            assert_ne!(file, start, "{start} names itself by way of others");
            if seen.insert(file) {
                open.extend(names.get(file).into_iter().flatten().map(String::as_str));
            }
        }
    }
}

#[test]
fn only_wasm_knows_javascript() {
    for path in sources().iter().filter(|path| module(path) != "wasm") {
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
    for path in sources().iter().filter(|path| module(path) != "wasm") {
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
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let (inner, found): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        folders.extend(inner);
        files.extend(found);
    }
    files
}

/// The file as Rust names it, without `crate`: `encoding::json::reader`; a `mod.rs` by its folder.
fn name(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap().with_extension("");
    let parts = inside.iter().map(|part| part.to_str().unwrap()).filter(|part| *part != "mod");
    parts.collect::<Vec<_>>().join("::")
}

/// Of the top: the first part of its name.
fn module(path: &Path) -> String {
    name(path).split("::").next().unwrap().to_owned()
}

fn rank(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The file without comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The paths behind `crate::`, each by its parts.
fn named_paths(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for after in code.split("crate::").skip(1) {
        assert!(!after.starts_with('{'), "name modules one by one, so that this test can read them");
        let path: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':').collect();
        paths.push(path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect());
    }
    paths
}

/// The files that a file names; a folder's `mod.rs` only declares what is inside it, and counts as
/// nobody's user of it.
fn named_files(path: &Path) -> Vec<String> {
    let all: BTreeSet<String> = sources().iter().map(|path| name(path)).collect();
    let own = name(path);
    let files = named_paths(&code(path)).into_iter().filter_map(|parts| {
        (1..=parts.len()).rev().map(|length| parts[..length].join("::")).find(|prefix| all.contains(prefix))
    });
    files.filter(|file| *file != own && !own.starts_with(&format!("{file}::"))).collect()
}
