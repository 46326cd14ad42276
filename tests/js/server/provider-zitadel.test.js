// @ts-check
// What the embedded provider answers beside what a ZITADEL answered, case by case.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { startQuietProvider } from "../support/servers/provider.js";
import { ABSENT, DIFFERENCES } from "./zitadel/differences.js";
import { introspectionRequests, otherRequests } from "./zitadel/other-requests.js";
import { summarize } from "./zitadel/summary.js";
import { clientCredentialsRequests, jwtProfileRequests } from "./zitadel/token-requests.js";

const file = new URL("../../vectors/servers/zitadel.json", import.meta.url);
/** @type {{ cases: { case: string; status: number; body: string }[] }} */
const { cases } = JSON.parse(readFileSync(file, "utf8"));

const provider = await startQuietProvider();
const requests = {
  ...clientCredentialsRequests(provider),
  ...jwtProfileRequests(provider),
  ...introspectionRequests(provider),
  ...otherRequests(provider),
};
const absent = Object.values(ABSENT).flat();
const different = new Map(
  DIFFERENCES.flatMap(({ cases, ...rest }) => cases.map((name) => [name, rest])),
);

test("each recorded case is tried, or it is said why not; and nothing else", () => {
  const recorded = cases.map((one) => one.case);
  assert.equal(recorded.length, 163);
  assert.deepEqual([...Object.keys(requests), ...absent].toSorted(), recorded.toSorted());
  const unknown = [...different.keys()].filter((name) => !Object.hasOwn(requests, name));
  assert.deepEqual(unknown, []);
});

for (const { case: name, status, body } of cases) {
  const ask = requests[name];
  if (!ask) continue;
  const difference = different.get(name);
  test(`${name}: ${difference?.why ?? "as a ZITADEL"}`, async () => {
    const response = await ask();
    const ours = summarize(response.status, await response.text());
    const theirs = summarize(status, body);
    assert.equal(ours, difference?.ours ?? theirs);
    if (difference) assert.notEqual(ours, theirs, "the difference is gone: take it off the list");
  });
}
