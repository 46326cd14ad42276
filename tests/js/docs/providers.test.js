// @ts-check
// The blocks of docs/providers.md about servers that were run, against what these answered
// (tests/vectors/servers). providers-read.test.js has the others.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { after } from "node:test";
import { root } from "../../../scripts/run.js";
import { readDocs } from "../support/docs.js";
import { answerAs, tokenOf } from "../support/http/documented-server.js";
import { failure } from "../support/errors.js";

const page = readDocs("docs/providers.md");
after(page.remove);

/** @param {string} name */
const read = (name) =>
  JSON.parse(readFileSync(join(root, "tests/vectors/servers", `${name}.json`), "utf8"));

/** @type {(file: string, server: string, name: string) => string} the body */
function answered(file, server, name) {
  const found = read(file).cases.find(
    (/** @type {{ server: string; case: string }} */ one) =>
      one.server.startsWith(server) && one.case === name,
  );
  return found.body;
}

/** @type {(server: string, name: string) => Record<string, unknown>} the claims */
function signed(server, name) {
  return read("tokens").find(
    (/** @type {{ server: string; case: string }} */ one) =>
      one.server === server && one.case === name,
  ).claims;
}

/** The callers' tokens are good at the API. @param {string} heading */
async function assertGood(heading) {
  const { source, verifier } = await page.run(heading, { CLIENT_SECRET: "secret" });
  const { accessToken } = await source.get();
  await verifier.verify(accessToken);
  return verifier;
}

test("each section with code is run, here or in providers-read.test.js", () => {
  const entra = ["Entra, one tenant", "Entra, many tenants", "Entra, certificates"];
  const others = ["Okta", "Cognito", "Google", "Spring Authorization Server", "Hydra"];
  assert.deepEqual(page.headings, ["Keycloak", "Auth0", ...entra, ...others]);
});

test("Keycloak", async (t) => {
  const here = (/** @type {string} */ text) =>
    text.replaceAll("https://idp.example/realms/walk", "https://id.example/realms/acme");
  const claims = signed("keycloak 26.7.3", "client credentials");
  const iss = here(String(claims.iss));
  answerAs(t, {
    metadata: here(answered("metadata", "Keycloak", "discovery")),
    token: answered("token-answers", "Keycloak", "token ok"),
    claims: { ...claims, iss },
  });
  const verifier = await assertGood("Keycloak");
  const without = { ...signed("keycloak 26.7.3", "noaud"), iss };
  await failure(() => verifier.verify(tokenOf(without)), "audience_refused");
  const reader = { ...claims, iss, realm_access: { roles: ["reader"] } };
  await failure(() => verifier.verify(tokenOf(reader)), "role_insufficient");
});

test("Spring Authorization Server", async (t) => {
  const here = (/** @type {string} */ text) => text.replaceAll("idp.example", "id.example");
  const claims = { ...signed("spring 4.1.2", "svc"), iss: "https://id.example" };
  answerAs(t, {
    metadata: here(answered("metadata", "Spring Authorization Server, Boot 4", "oidc")),
    token: answered("token-answers", "Spring Authorization Server, Boot 4", "token ok"),
    claims,
  });
  const verifier = await assertGood("Spring Authorization Server");
  const without = { ...signed("spring 4.1.2", "noscope"), iss: claims.iss };
  await failure(() => verifier.verify(tokenOf(without)), "scope_insufficient");
});

test("Hydra", async (t) => {
  const here = (/** @type {string} */ text) => text.replaceAll("idp.example", "id.example");
  const exp = Math.floor(Date.now() / 1000) + 600;
  const introspection = JSON.parse(here(answered("introspections", "Hydra", "introspect opaque")));
  const requests = answerAs(t, {
    metadata: here(answered("metadata", "Hydra", "discovery")),
    token: answered("token-answers", "Hydra", "token opaque").replace("<opaque>", "ory_at_1"),
    claims: {},
    introspection: JSON.stringify({ ...introspection, exp }),
  });
  const verifier = await assertGood("Hydra");
  assert.equal(requests[0].form.audience, "https://api.example");
  const claims = { ...signed("hydra 2.3.0", "jwt"), iss: "https://id.example/" };
  await verifier.verify(tokenOf(claims));
});
