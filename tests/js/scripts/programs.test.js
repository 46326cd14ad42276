// @ts-check
// The set-up of the browser on machines that lack it, made of stand-ins on an otherwise empty PATH.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { root } from "../../../scripts/run.js";

const BOTH = { chromium: "exit 1", chromedriver: "exit 1" };
const ROOT = { id: "echo 0" };
/** Notes what it was asked for, and installs stand-ins. */
const APT_GET = `cd "\${0%/*}"; echo "$DEBIAN_FRONTEND $*" >> asked
[ $1 = install ] || exit 0
for package do case $package in
  chromium-headless-shell) echo '#!/bin/sh' > $package; /bin/chmod +x $package;;
  chromium-driver) echo '#!/bin/sh' > chromedriver; /bin/chmod +x chromedriver;;
esac; done`;

test("with both on PATH it does nothing, says nothing and starts neither", (t) => {
  assert.deepEqual(browsersWith(t, { ...BOTH, "apt-get": APT_GET }), {
    status: 0,
    stdout: "",
    stderr: "",
    asked: "",
  });
});

test("every name that Chromium has will do", (t) => {
  for (const name of ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]) {
    assert.equal(browsersWith(t, { [name]: "", chromedriver: "" }).status, 0, name);
  }
});

test("programs that the environment names, which need not be on PATH", (t) => {
  const env = { CHROMIUM: process.execPath, CHROMEDRIVER: process.execPath };
  assert.deepEqual(browsersWith(t, {}, env), { status: 0, stdout: "", stderr: "", asked: "" });
});

test("a name in the environment behind which there is nothing is said, not passed by", (t) => {
  const { status, stderr } = browsersWith(t, BOTH, { CHROMIUM: "/nowhere/chromium" });
  assert.equal(
    stderr,
    "error: CHROMIUM is `/nowhere/chromium`, where there is no program: correct it or unset it\n",
  );
  assert.equal(status, 1);
});

test("on Debian as root both are installed", (t) => {
  const { status, stdout, stderr, asked } = browsersWith(t, { ...ROOT, "apt-get": APT_GET });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  assert.match(stdout, /^setup: installing chromium and chromedriver by apt-get \(.*\)\n$/);
  assert.deepEqual(asked.split("\n"), [
    "noninteractive update -qq",
    "noninteractive install -y -qq --no-install-recommends chromium-headless-shell chromium-driver",
    "",
  ]);
});

test("only what is missing is installed", (t) => {
  const { status, asked } = browsersWith(t, { ...ROOT, chromium: "", "apt-get": APT_GET });
  assert.match(asked, /recommends chromium-driver\n$/);
  assert.equal(status, 0);
});

test("there is no network", (t) => {
  const { status, stderr } = browsersWith(t, {
    ...ROOT,
    "apt-get": "echo E: no route >&2; exit 100",
  });
  const sentence =
    "could not install chromium and chromedriver: apt-get says why above; " +
    "without a network connection, connect once and run this again";
  assert.equal(stderr, `E: no route\nerror: ${sentence}\n`);
  assert.equal(status, 1);
});

test("without rights, without apt-get, or where it brings no program: what to do", (t) => {
  const sentence =
    "chromium and chromedriver are missing: " +
    "on Debian run `apt-get install chromium-headless-shell chromium-driver` as root, " +
    "elsewhere install Chrome or Chromium with its driver " +
    "and set CHROMIUM and CHROMEDRIVER to where they are";
  for (const programs of [
    { id: "echo 1000", "apt-get": APT_GET },
    ROOT,
    { ...ROOT, "apt-get": "" },
  ]) {
    const { status, stderr } = browsersWith(t, programs);
    assert.deepEqual({ status, stderr }, { status: 1, stderr: `error: ${sentence}\n` });
  }
  const { stderr } = browsersWith(t, { chromium: "" });
  assert.match(stderr, /^error: chromedriver is missing: on Debian run /);
  assert.match(stderr, / run `apt-get install chromium-driver` as root, .* set CHROMEDRIVER to /);
});

/**
 * @param {import("node:test").TestContext} t
 * @param {Record<string, string>} programs shell scripts by name
 * @param {Record<string, string>} [env]
 */
function browsersWith(t, programs, env = {}) {
  const bin = mkdtempSync(join(tmpdir(), "edge-credentials-browsers-"));
  t.after(() => rmSync(bin, { recursive: true, force: true }));
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const options = /** @type {const} */ ({
    cwd: root,
    env: { ...env, PATH: bin },
    encoding: "utf8",
  });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["scripts/setup/programs.js"],
    options,
  );
  const asked = join(bin, "asked");
  return { status, stdout, stderr, asked: existsSync(asked) ? readFileSync(asked, "utf8") : "" };
}
