// @ts-check
// 5,000 pairs of a tenant and one that looks like it: a token of the second is never one of the first.
import assert from "node:assert/strict";
import test from "node:test";
import { tokenVerifier } from "edge-credentials";
import { jwt, makeKey } from "../../support/keys/jwt.js";
import { randomFrom, START } from "../../support/random.js";

const TEMPLATE = "https://login.example/{tenantid}/v2.0";
const PAIRS = 5_000;
const random = randomFrom(START);
const key = makeKey("EdDSA");
/** All tenants share one key, as at Entra: the texts alone tell them apart. */
const shared = { ...key.jwk, issuer: TEMPLATE };

/** @type {Record<string, string>} */
const LOOK_ALIKES = { a: "а", e: "е", c: "с", 0: "O", 1: "l", "-": "‐", d: "ԁ", b: "Ь", 5: "Ƽ" };

/** Ways to look like a tenant. @type {((tenant: string) => string)[]} */
const WAYS = [
  (tenant) => tenant.toUpperCase(),
  (tenant) => `${tenant}/`,
  (tenant) => `/${tenant}`,
  (tenant) => `${tenant} `,
  (tenant) => `${tenant}\u200b`,
  (tenant) => `${tenant}\0`,
  (tenant) => `\u202e${tenant}`,
  (tenant) => `${tenant}%2f`,
  (tenant) => `${tenant}?`,
  (tenant) => `${tenant}#`,
  (tenant) => `../${tenant}`,
  (tenant) => `x/../${tenant}`,
  (tenant) => `${tenant}/v2.0?`,
  (tenant) => `evil@${tenant}`,
  (tenant) => tenant.replaceAll("-", ""),
  (tenant) => `{${tenant}}`,
  (tenant) => encodeURIComponent(`${tenant}é`),
  (tenant) => [...tenant].map((c) => LOOK_ALIKES[c] ?? c).join(""),
  (tenant) => changed(tenant, (c) => LOOK_ALIKES[c] ?? "x"),
  (tenant) => changed(tenant, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  (tenant) => changed(tenant, (c) => `${c}\u0301`),
  (tenant) => changed(tenant, (c) => `%${c.charCodeAt(0).toString(16)}`),
  (tenant) => changed(tenant, () => ""),
  (tenant) => changed(tenant, (c) => c + c),
];

/** Another character at one place. @type {(text: string, change: (c: string) => string) => string} */
function changed(text, change) {
  const at = random.below(text.length);
  return text.slice(0, at) + change(text[at]) + text.slice(at + 1);
}

function tenantId() {
  const hex = random.bytes(16).toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}

const issuerOf = (/** @type {string} */ tenant) => TEMPLATE.replace("{tenantid}", () => tenant);

/** @type {(iss: string, tid: unknown) => string} */
function token(iss, tid) {
  const iat = Math.floor(Date.now() / 1000);
  return jwt(key, { iss, tid, aud: "api", scp: "read", iat, exp: iat + 600 });
}

test(`${PAIRS} pairs: of a look-alike no token is taken`, async () => {
  const tenants = Array.from({ length: 50 }, tenantId);
  const verifier = tokenVerifier({
    issuer: TEMPLATE,
    tenants,
    audience: "api",
    jwksUri: "https://login.example/keys",
    fetch: async () => Response.json({ keys: [shared] }),
  });
  for (const tenant of tenants) {
    const { iss } = await verifier.verify(token(issuerOf(tenant), tenant));
    assert.equal(iss, issuerOf(tenant));
  }

  let pairs = 0;
  for (let round = 0; pairs < PAIRS; round += 1) {
    assert.ok(round < 2 * PAIRS, "most ways change nothing");
    const tenant = random.of(tenants);
    const other = WAYS[round % WAYS.length](tenant);
    if (other === tenant) continue;
    pairs += 1;
    // Both of the look-alike's, or each of the two beside the real one.
    for (const [iss, tid] of [
      [issuerOf(other), other],
      [issuerOf(other), tenant],
      [issuerOf(tenant), other],
    ]) {
      const code = await verifier.verify(token(iss, tid)).then(
        () => "taken",
        (error) => error.code,
      );
      assert.equal(code, "token_invalid", `${JSON.stringify([iss, tid])} for ${tenant}`);
    }
  }
});

test("of two tenants that both count, neither's `tid` goes with the other's issuer", async () => {
  const [one, two] = [tenantId(), tenantId()];
  const verifier = tokenVerifier({
    issuer: TEMPLATE,
    tenants: [one, two],
    audience: "api",
    jwksUri: "https://login.example/keys",
    fetch: async () => Response.json({ keys: [shared] }),
  });
  for (const tid of [two, undefined, null, "", [one], { [one]: 1 }, 1])
    await assert.rejects(verifier.verify(token(issuerOf(one), tid)), { code: "token_invalid" });
});
