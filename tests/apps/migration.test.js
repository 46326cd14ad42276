// @ts-check
// The blocks of docs/migration.md that install a package, before and after, with the packed package.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import test, { after } from "node:test";
import { pathToFileURL } from "node:url";
import { apps } from "../../scripts/setup/apps.js";
import { blocksOf } from "../js/support/docs.js";
import { jwt, makeKey } from "../js/support/keys/jwt.js";
import { close, listen } from "../js/support/http/listen.js";
import { listening, versionOf } from "./child.js";

const FOLDER = join(apps, "recipes/migration");
mkdirSync(FOLDER, { recursive: true });
const blocks = [...blocksOf("docs/migration.md").values()].flat();
for (const { name, code } of blocks) writeFileSync(join(FOLDER, name), code);

const key = makeKey("RS256");
const keys = { keys: [key.jwk] };
const server = createServer(({ url }, response) => {
  const metadata = { issuer, jwks_uri: `${issuer}/keys` };
  response.end(JSON.stringify(url === "/keys" ? keys : metadata));
});
const { origin: issuer } = await listen(server);
after(() => close(server));

/** @param {Record<string, unknown>} claims */
function bearer(claims) {
  const iat = Math.floor(Date.now() / 1000);
  return `Bearer ${jwt(key, { iat, exp: iat + 300, ...claims })}`;
}

const oauth2 = versionOf("express-oauth2-jwt-bearer", "recipes");
for (const when of ["before", "after"]) {
  test(`express-oauth2-jwt-bearer ${oauth2}: ${when}`, async (t) => {
    const env = { ISSUER: issuer, AUDIENCE: "things-api" };
    const url = await listening(t, `migration/express-${when}.js`, env);
    const ask = (/** @type {object} */ changes) => {
      const claims = { iss: issuer, aud: "things-api", sub: "1", scope: "things:read", ...changes };
      return fetch(`${url}/things`, { headers: { authorization: bearer(claims) } });
    };
    const reader = await ask({});
    assert.deepEqual([reader.status, await reader.json()], [200, { caller: "1" }]);
    assert.equal((await ask({ scope: "things:write" })).status, 403);
    assert.equal((await ask({ aud: "others" })).status, 401);
    assert.equal((await fetch(`${url}/things`)).status, 401);
  });
}

const cognito = versionOf("aws-jwt-verify", "recipes");
for (const when of ["before", "after"]) {
  test(`aws-jwt-verify ${cognito}: ${when}`, async (t) => {
    const iss = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1Cd2Ef3";
    const metadata = { issuer: iss, jwks_uri: `${iss}/.well-known/jwks.json` };
    t.mock.method(globalThis, "fetch", async (/** @type {string} */ url) =>
      Response.json(url === metadata.jwks_uri ? keys : metadata),
    );
    const file = pathToFileURL(join(FOLDER, `cognito-${when}.js`)).href;
    const { verifier, callerOf } = await import(file);
    // It does not use `fetch`.
    if (when === "before") verifier.cacheJwks(keys);

    const client_id = "57cbishk4j24pabc1234567890";
    const claims = { iss, client_id, sub: client_id, token_use: "access", scope: "things/write" };
    const ask = (/** @type {object} */ changes) =>
      callerOf({ headers: { authorization: bearer({ ...claims, ...changes }) } });
    assert.equal(await ask({}), client_id);
    await assert.rejects(ask({ client_id: "other" }));
    await assert.rejects(ask({ scope: "things/read" }));
    await assert.rejects(ask({ token_use: "id", aud: client_id }));
  });
}
