// @ts-check
// The shipped module reads numbers as the native build does: both have one reader.
import assert from "node:assert/strict";
import test from "node:test";
import "edge-credentials";
import { callNative, placeOf } from "../support/core/native.js";
import { importSources } from "../support/core/sources.js";

const [, core] = await importSources("pkg/src/entries/inline.ts", "pkg/src/core/calls.ts");

const REQUESTED_AT = 1_700_000_000_000;

/** Numbers that readers disagree about, and many made up of a seed. */
function numbers() {
  const known = [
    "0.0000000000000000000000036e27",
    `0.${"0".repeat(25)}9e40`,
    "3600",
    "3600.0",
    "3.6e3",
    "36E+2",
    "-0",
    "-1",
    "1e400",
    "1e-400",
    "9".repeat(400),
    `0.${"9".repeat(400)}`,
    "18446744073709551616",
    "9007199254740993",
  ];
  let state = 1;
  const random = (/** @type {number} */ below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  const digits = (/** @type {number} */ length) =>
    Array.from({ length }, () => random(10)).join("");
  const made = Array.from({ length: 3_000 }, () => {
    const whole = random(2) === 0 ? "0" : `${1 + random(9)}${digits(random(25))}`;
    const fraction = random(2) === 0 ? "" : `.${digits(1 + random(30))}`;
    const exponent = random(2) === 0 ? "" : `e${["", "-", "+"][random(3)]}${random(45)}`;
    return whole + fraction + exponent;
  });
  return [...known, ...made];
}

test("a lifetime is the same number in both, whatever its digits", () => {
  const bodies = numbers().map(
    (number) => `{"access_token":"a","token_type":"bearer","expires_in":${number}}`,
  );
  // The fields as `pkg/src/core/calls.ts` writes them.
  const lines = bodies.map((body) =>
    ["200", "+application/json", ...Array(9).fill(""), `${REQUESTED_AT}`, "0", body].join("\0"),
  );
  const place = placeOf("parseTokenResponse");
  const expected = callNative(lines.map((fields) => [place, fields]));
  assert.equal(expected.length, bodies.length);

  const nothing = { contentType: "application/json", retryAfter: undefined, date: undefined };
  const others = { cacheControl: undefined, cfMitigated: undefined, cfRay: undefined };
  const sent = { url: undefined, issuer: undefined, authorization: undefined, form: undefined };
  for (const [at, body] of bodies.entries()) {
    const answer = { status: 200, ...nothing, ...others, ...sent, body };
    const shipped = outcome(() =>
      core.parseTokenResponse({ ...answer, requestedAt: REQUESTED_AT, now: 0 }),
    );
    assert.deepEqual(shipped, outcomeOf(expected[at]), body);
  }
  assert.deepEqual(outcomeOf(expected[0]), { expiresAt: REQUESTED_AT + 3_600_000 });
});

/** @param {() => { expiresAt: number | undefined }} run */
function outcome(run) {
  try {
    return { expiresAt: run().expiresAt };
  } catch (error) {
    return { code: /** @type {import("edge-credentials").AuthError} */ (error).code };
  }
}

/** @param {string} line */
function outcomeOf(line) {
  if (line.startsWith("{")) return { code: JSON.parse(line).code };
  const [, , , expiresAt = ""] = line.split("\0");
  return { expiresAt: expiresAt === "" ? undefined : Number(expiresAt) };
}
