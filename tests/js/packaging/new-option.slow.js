// @ts-check
// A new option is its row and its use: both are added to a copy, and the option arrives in the types,
// in the checks and in the form that is sent.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { root, temporaryFolder } from "../../../scripts/run.js";

const ROW = `        /// a hint of whose token it is
        login_hint: Option<&'a str>,
`;
const USE = `    if let Some(hint) = options.login_hint {
        requested.add_param("login_hint", hint.into())?;
    }
`;
const CALL = `//! Builds one request.

use edge_credentials::calls::{BuildTokenRequest, call};

fn main() {
    let credentials = "assertion\\0a.b.c\\0\\0\\0";
    let fields = format!("https://idp.example/token\\0{credentials}\\0\\0\\0\\0+someone\\0");
    println!("{}", call::<BuildTokenRequest>(&fields, || None).unwrap_or_else(|error| error));
}
`;

test("a row and its use make an option of `buildTokenRequest` and of `tokenSource`", (t) => {
  const { path: copy, remove } = temporaryFolder("new-option");
  t.after(remove);
  for (const name of ["Cargo.toml", "Cargo.lock", "src", "scripts", "bench/rust"]) {
    mkdirSync(join(copy, name, ".."), { recursive: true });
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  for (const name of ["tests/rust/main.rs", "tests/wasm/node.rs", "tests/wasm/web.rs"]) {
    mkdirSync(join(copy, name, ".."), { recursive: true });
    writeFileSync(join(copy, name), "");
  }
  insert(copy, "src/schema/options/request.rs", "        params: Option<Params<'a>>,\n", ROW);
  insert(copy, "src/calls/requests.rs", "    let mut requested = Requested::default();\n", USE);
  writeFileSync(join(copy, "scripts/schema/call.rs"), CALL);

  const calls = run(copy, "schema");
  const types = section(calls, "export interface RequestedToken");
  assert.match(types, /\/\*\* a hint of whose token it is \*\/\nloginHint\?: string;/);
  for (const name of ["tokenRequestOptionsKinds", "tokenSourceOptionsKinds"])
    assert.match(section(calls, `export const ${name}`), /loginHint: "text",/);
  assert.match(section(calls, "export function buildTokenRequest"), /optional\(given\.loginHint\)/);
  assert.match(run(copy, "call"), /&login_hint=someone/);
});

/** @type {(copy: string, file: string, after: string, text: string) => void} */
function insert(copy, file, after, text) {
  const path = join(copy, file);
  const [before, rest, ...others] = readFileSync(path, "utf8").split(after);
  assert.ok(rest !== undefined && others.length === 0, `${file} has not once: ${after}`);
  writeFileSync(path, before + after + text + rest);
}

/** @type {(copy: string, example: string) => string} */
function run(copy, example) {
  const args = ["run", "--quiet", "--no-default-features", "--example", example];
  const env = { ...process.env, CARGO_TARGET_DIR: join(root, "target/new-option") };
  const { status, stdout, stderr } = spawnSync("cargo", args, { cwd: copy, env, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** @type {(text: string, start: string) => string} */
function section(text, start) {
  const at = text.indexOf(start);
  assert.ok(at >= 0, start);
  return text.slice(at, text.indexOf("\n\n", at));
}
