//! The plain runner: it changes seeds at random, by a fixed start, and keeps the input that breaks a
//! property. No nightly compiler, no coverage: `cargo fuzz` finds more, and takes hours.

use crate::Target;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A xorshift: no crate is needed to be random in a known way.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// What stands in answers, keys and addresses, and what breaks readers of them.
const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\u{0}",
    "\u{feff}",
    "\u{2028}",
    "é",
    "😀",
    "null",
    "true",
    "false",
    "-0",
    "1e309",
    "1e-400",
    "9007199254740993",
    "\"exp\":",
    "\"aud\":",
    "\"iss\":",
    "\"error\":",
    "\"active\":true",
    "\"access_token\":",
    "\"keys\":[",
    "\"kty\":\"oct\"",
    "\"alg\":\"none\"",
    "\"crit\":[\"b64\"]",
    "\"nonce\":\"n\"",
    "\"cnf\":{}",
    "https://",
    "http://",
    "@",
    "#",
    "?",
    "%2e",
    "xn--",
    "[::1]",
    "127.0.0.1",
    "localhost",
    ".",
    "..",
    "..%2f",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "\n",
    "\r\n",
    "\t",
    " ",
    "=",
    "retry-after: 3",
    "200|",
    "400|",
    "503|",
    "<html>",
];

const LONGEST: usize = 64 * 1024;

/// Runs a target for a while.
///
/// # Errors
/// The input that breaks its property is written, and its path is in the text.
pub fn run((name, check): Target, millis: u64, start: u64, folder: &Path) -> Result<u64, String> {
    let seeds = read_seeds(&folder.join("seeds").join(name))?;
    let mut random = Random(start | 1);
    let mut runs = 0;
    for seed in &seeds {
        attempt(name, check, seed, folder)?;
        runs += 1;
    }
    let end = Instant::now() + Duration::from_millis(millis);
    while Instant::now() < end {
        for _ in 0..64 {
            attempt(name, check, &changed(&seeds, &mut random), folder)?;
            runs += 1;
        }
    }
    Ok(runs)
}

fn attempt(name: &str, check: fn(&[u8]), input: &[u8], folder: &Path) -> Result<(), String> {
    if catch_unwind(AssertUnwindSafe(|| check(input))).is_ok() {
        return Ok(());
    }
    let path = folder.join("artifacts").join(name);
    fs::create_dir_all(&path).map_err(|error| error.to_string())?;
    let file = path.join(format!("crash-{:016x}", hash(input)));
    fs::write(&file, input).map_err(|error| error.to_string())?;
    Err(format!("{name}: a property does not hold: see above; the input is {}", file.display()))
}

fn read_seeds(folder: &Path) -> Result<Vec<Vec<u8>>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> = paths.iter().filter_map(|path| fs::read(path).ok()).collect();
    if seeds.is_empty() { Err(format!("{} has no seeds", folder.display())) } else { Ok(seeds) }
}

fn changed(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    // One in sixteen is nothing but noise.
    let mut input = match random.below(16) {
        0 => (0..random.below(400)).map(|_| random.next() as u8).collect(),
        _ => seeds[random.below(seeds.len())].clone(),
    };
    for _ in 0..=random.below(6) {
        change(&mut input, seeds, random);
    }
    input.truncate(LONGEST);
    input
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let end = at + random.below((input.len() - at).min(40) + 1);
    match random.below(8) {
        0 => input.truncate(at),
        1 => drop(input.drain(at..end)),
        2 | 3 => {
            let word = WORDS[random.below(WORDS.len())].bytes();
            drop(input.splice(at..end.min(at + 8), word));
        }
        4 => {
            let copy = input[at..end].repeat(1 + random.below(8));
            drop(input.splice(at..at, copy));
        }
        5 => {
            // The end of another seed.
            let other = &seeds[random.below(seeds.len())];
            let from = random.below(other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        _ if at < input.len() => input[at] = random.next() as u8,
        _ => input.push(random.next() as u8),
    }
}

/// FNV-1a.
fn hash(input: &[u8]) -> u64 {
    input.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
