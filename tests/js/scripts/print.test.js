// @ts-check
// What the demo shows of the wire: nothing secret, nothing added, nothing wider than the terminal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { field, maskForm, maskHeaders } from "../../../scripts/demo/print.js";

const SCOPE = "openid+profile+urn%3Azitadel%3Aiam%3Aorg%3Aproject%3Aid%3Azitadel%3Aaud";

test("secrets of a form are stars", () => {
  for (const name of ["client_secret", "assertion", "client_assertion"]) {
    assert.equal(maskForm(`${name}=canary`), `${name}=****`);
    assert.equal(
      maskForm(`scope=a+b&${name}=canary%26&resource=c`),
      `scope=a+b&${name}=****&resource=c`,
    );
  }
  for (const form of ["scope=openid", "client_assertion_type=urn", "not_client_secret=x"])
    assert.equal(maskForm(form), form);
});

test("of headers, the credentials are", () => {
  const headers = { authorization: "Basic canary canary", accept: "application/json" };
  assert.deepEqual(maskHeaders(headers), [
    ["authorization", "Basic ****"],
    ["accept", "application/json"],
  ]);
});

test("a form that fits has no blank in it, and one that does not is broken at & and +", (t) => {
  assert.deepEqual(printed(t, 80, "grant_type=client_credentials&scope=a"), [
    "grant_type=client_credentials&scope=a",
  ]);
  assert.deepEqual(printed(t, 80, `grant_type=client_credentials&scope=${SCOPE}`), [
    "grant_type=client_credentials&scope=openid+profile+",
    "urn%3Azitadel%3Aiam%3Aorg%3Aproject%3Aid%3Azitadel%3Aaud",
  ]);
});

test("nothing is lost, added or wider than the terminal", (t) => {
  const long = "x".repeat(200);
  for (const text of [
    `grant_type=client_credentials&scope=${SCOPE}+${long}&resource=${long}`,
    long,
    "",
    "&",
    "+++&&&",
  ]) {
    for (const columns of [30, 40, 80, 100, 120, 300]) {
      const lines = printed(t, columns, text);
      assert.equal(lines.join(""), text);
      for (const line of lines)
        assert.ok(line.length + 19 <= Math.min(columns, 120), `${columns} columns: ${line}`);
    }
  }
});

test("words are broken at spaces, which the end of a line replaces", (t) => {
  assert.deepEqual(printed(t, 40, "the token is too old to be used"), [
    "the token is too old",
    "to be used",
  ]);
});

test("a text cannot move the cursor or fake a line", (t) => {
  assert.deepEqual(printed(t, 80, "a\nb\u001b[2Jc\u202ed"), ["a b [2Jc d"]);
});

/**
 * @type {(t: import("node:test").TestContext, columns: number, text: string) => string[]} the
 *   column beside the label
 */
function printed(t, columns, text) {
  const log = t.mock.method(console, "log", () => {});
  const { columns: real } = process.stdout;
  process.stdout.columns = columns;
  field("body", text);
  process.stdout.columns = real;
  const lines = log.mock.calls.map(({ arguments: [line] }) => String(line).slice(19));
  log.mock.restore();
  return lines;
}
