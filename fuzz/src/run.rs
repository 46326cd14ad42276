//! `cargo run --release --manifest-path fuzz/Cargo.toml -- [target…]` runs each target for
//! `FUZZ_SECONDS` (15 if that is not set), two side by side. `FUZZ_START` is another number to start
//! from. With the path of a file after a target it runs that input alone.

use edge_credentials_fuzz::{TARGETS, Target, runner};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

const LANES: usize = 2;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let files: Vec<&String> = args.iter().filter(|arg| Path::new(arg).is_file()).collect();
    let names: Vec<&String> = args.iter().filter(|arg| !Path::new(arg).is_file()).collect();
    if let Some(unknown) = names.iter().find(|name| !TARGETS.iter().any(|(known, _)| known == **name)) {
        eprintln!("there is no target `{unknown}`, only {}", TARGETS.map(|(name, _)| name).join(", "));
        return ExitCode::FAILURE;
    }
    let wanted: Vec<Target> =
        TARGETS.into_iter().filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name)).collect();
    for (path, (_, check)) in files.iter().flat_map(|path| wanted.iter().map(move |target| (path, target))) {
        check(&std::fs::read(path).expect("a file"));
    }
    if !files.is_empty() {
        return ExitCode::SUCCESS;
    }
    report(wanted)
}

fn report(wanted: Vec<Target>) -> ExitCode {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let millis = (number("FUZZ_SECONDS", 15.0) * 1000.0) as u64;
    let start = number("FUZZ_START", 20_261_129.0) as u64;
    let (waiting, failures) = (Mutex::new(wanted), Mutex::new(0));
    std::thread::scope(|scope| {
        for _ in 0..LANES {
            scope.spawn(|| {
                while let Some(target) = next(&waiting) {
                    match runner::run(target, millis, start, &folder) {
                        Ok(runs) => println!("{:<15} {runs:>10} runs", target.0),
                        Err(problem) => {
                            eprintln!("error: {problem}");
                            *failures.lock().expect("a lock") += 1;
                        }
                    }
                }
            });
        }
    });
    let failed = *failures.lock().expect("a lock");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn next(waiting: &Mutex<Vec<Target>>) -> Option<Target> {
    waiting.lock().expect("a lock").pop()
}

fn number(name: &str, default: f64) -> f64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}
