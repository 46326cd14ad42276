// @ts-check
// The commands: arguments, variables, output.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { promisify, stripVTControlCharacters } from "node:util";
import { root, temporaryFolder } from "../../../scripts/run.js";
import { examine, runCli } from "../support/cli/cli.js";
import { startQuietProvider } from "../support/servers/provider.js";

const provider = await startQuietProvider();
const { issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } = provider;
const ENV = { ISSUER, CLIENT_ID, CLIENT_SECRET };
const CODES = { internal: 1, misuse: 2, denied: 3, malformed: 4, unavailable: 5, rejected: 6 };
const { path: folder, remove } = temporaryFolder("cli");
after(remove);

test("`token` prints a token and nothing else", async () => {
  const { code, out, err } = await runCli(["token"], ENV);
  assert.equal(code, 0);
  assert.match(out, /^[\w-]{104}\n$/);
  assert.equal(err, "");
});

test("`token --header` prints the header", async () => {
  const { code, out } = await runCli(["token", "--header"], ENV);
  assert.equal(code, 0);
  assert.match(out, /^Authorization: Bearer [\w-]{104}\n$/);
});

test("`token` writes an error to stderr, without the secret, and exits by its category", async () => {
  const wrong = { ...ENV, CLIENT_SECRET: "c4nary s3cret" };
  const { code, out, err } = await runCli(["token"], wrong);
  assert.equal(code, CODES.denied);
  assert.equal(out, "");
  assert.match(err, /\(credentials_refused\): .*\n.*doctor/);
  assert.doesNotMatch(err, /c4nary|s3cret/);
});

test("`token` names variables, not options", async () => {
  const { code, err } = await runCli(["token"], { CLIENT_ID, CLIENT_SECRET });
  assert.equal(code, CODES.misuse);
  assert.match(err, /ISSUER/);
});

test("a file of variables replaces the environment, a later file an earlier one", async () => {
  const wrong = join(folder, "wrong.vars");
  const right = join(folder, ".dev.vars");
  writeFileSync(wrong, "CLIENT_SECRET=wrong\r\nISSUER=https://idp.invalid\r\n");
  writeFileSync(right, `# mine\nISSUER="${ISSUER}"\nCLIENT_SECRET='${CLIENT_SECRET}'\n`);
  const args = ["token", "--env-file", wrong, "--env-file", right];
  const { code, out } = await runCli(args, { CLIENT_ID, CLIENT_SECRET: "another" });
  assert.equal(code, 0);
  assert.match(out, /^[\w-]{104}\n$/);
});

test("`doctor` names the variables that differ, without their values", async () => {
  const path = join(folder, "other.vars");
  writeFileSync(path, `CLIENT_ID=${CLIENT_ID}\nCLIENT_SECRET=${CLIENT_SECRET}\n`);
  const env = { ...ENV, CLIENT_SECRET: "c4nary" };
  const args = ["--env-file", path];
  const { checks } = await examine(env, { args, secrets: [CLIENT_SECRET, "c4nary"] });
  const variables = checks.find(({ name }) => name === "variables");
  assert.equal(variables?.status, "warn");
  assert.equal(variables.message, `different values: CLIENT_SECRET in the environment and ${path}`);
  assert.equal(checks.find(({ name }) => name === "token")?.status, "ok");
});

test("a file that is not there is told", async () => {
  const { code, err } = await runCli(["doctor", "--env-file", join(folder, "none")], ENV);
  assert.equal(code, CODES.misuse);
  assert.match(err, /^edge-credentials: cannot read the file of --env-file: ENOENT\n$/);
});

test("an argument that is not known is refused, and not repeated", async () => {
  for (const args of [
    ["c4nary"],
    [],
    ["doctor", "c4nary"],
    ["token", "--c4nary"],
    ["token", "--json"],
    ["doctor", "--env-file"],
    ["doctor", "--header"],
  ]) {
    const { code, out, err } = await runCli(args, ENV);
    assert.equal(code, CODES.misuse, args.join(" "));
    assert.equal(out, "");
    assert.match(err, /Usage: edge-credentials/);
    assert.doesNotMatch(err, /c4nary/);
  }
});

test("`--help` documents every variable, option and exit code", async () => {
  const { out: help } = await runCli(["--help"], {});
  assert.match(help, /doctor.*\n.*token/);
  for (const command of ["doctor", "token"]) {
    const { code, out, err } = await runCli([command, "-h"], {});
    assert.equal(code, 0);
    assert.equal(err, "");
    const names = ["ISSUER", "CLIENT_ID", "CLIENT_SECRET", "KEY_FILE", "SCOPE", "RESOURCE"];
    const api = ["AUDIENCE", "PROJECT_ID", "API_CLIENT_ID", "API_CLIENT_SECRET", "API_URL"];
    for (const name of command === "doctor" ? [...names, ...api, "--json", "--role"] : names)
      assert.match(out, new RegExp(`^  ${name}\\b`, "m"));
    for (const [category, number] of Object.entries(CODES))
      assert.match(out, new RegExp(`^  ${number}  ${category}: `, "m"));
    for (const line of out.split("\n")) assert.ok(line.length <= 100, line);
  }
});

test("colours are where a terminal has them, and nowhere else", async () => {
  const plain = await runCli(["doctor"], ENV);
  const none = await runCli(["doctor"], ENV, { hasColors: false });
  const coloured = await runCli(["doctor"], ENV, { hasColors: true });
  const json = await runCli(["doctor", "--json"], ENV, { hasColors: true });
  assert.equal(plain.out, stripVTControlCharacters(plain.out));
  assert.equal(none.out, plain.out);
  assert.notEqual(coloured.out, plain.out);
  assert.equal(stripVTControlCharacters(coloured.out), plain.out);
  assert.doesNotThrow(() => JSON.parse(json.out));
});

test("the command runs as a program", async () => {
  const file = join(root, "pkg/dist/cli/bin.js");
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, [file, "token"], { env: ENV });
  assert.match(stdout, /^[\w-]{104}\n$/);
  assert.equal(stderr, "");
  const failed = await run(process.execPath, [file, "doctor"], { env: {} }).catch((error) => error);
  assert.equal(failed.code, CODES.misuse);
  assert.match(failed.stdout, /^fail {2}variables {2}ISSUER is not set/);
});

test("what no check can use is skipped, and the rest is checked", async () => {
  const env = { ...ENV, ISSUER: "http://127.0.0.1:9", CLIENT_SECRET: "c4nary\n" };
  const { checks } = await examine(env, { secrets: ["c4nary"] });
  const statuses = Object.fromEntries(checks.map(({ name, status }) => [name, status]));
  assert.deepEqual(statuses, {
    variables: "ok",
    issuer: "fail",
    methods: "skip",
    clock: "skip",
    secret: "fail",
    "client id": "ok",
    "key file": "skip",
    token: "skip",
    scope: "skip",
    resource: "skip",
    api: "skip",
    call: "skip",
  });
});
