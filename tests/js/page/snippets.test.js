// @ts-check
// The code that the test page offers to copy: run, it sends the request that the package made, with
// the secret in it or from the environment, whatever is in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildTokenRequest } from "edge-credentials";
import { execa } from "execa";
import { decode } from "../../../www/page/panels/look-inside/decode.js";
import {
  curlOf,
  fetchOf,
  MASK,
  masked,
  sourceOf,
} from "../../../www/page/panels/try-it/snippets.js";

const AWKWARD = [
  `it's "$HOME" \`id\` $(id) 100% + & = \\ é * ~ !`,
  "plain",
  "-x",
  "'",
  "a\\",
  "${CLIENT_SECRET}",
];
const METHODS = /** @type {const} */ (["client_secret_basic", "client_secret_post"]);
/** What the shell gives to curl, one argument a line, instead of curl itself. */
const CURL = `curl() { printf '%s\\n' "$@"; }\n`;
/** What the code gives to `tokenSource`, instead of a token source. */
const TOKEN_SOURCE = "const { tokenSource } = globalThis;";

for (const clientAuth of METHODS) {
  for (const clientSecret of AWKWARD) {
    const options = {
      tokenEndpoint: "http://127.0.0.1:1/oauth/v2/token",
      clientId: `edge'worker+1@"acme`,
      clientSecret,
      clientAuth,
      scope: ["openid", "profile"],
      resource: "https://api.example/?a=b&c='d",
    };
    const request = buildTokenRequest(options);

    for (const secretShown of [true, false]) {
      const from = secretShown ? "shown" : "from the environment";
      test(`${clientAuth}, the secret ${JSON.stringify(clientSecret)}, ${from}`, async (t) => {
        const env = { CLIENT_SECRET: secretShown ? undefined : clientSecret };
        const shown = { request, options, secretShown };
        if (!secretShown) {
          const texts = [curlOf(shown), fetchOf(shown), sourceOf(shown)];
          for (const text of [...texts, JSON.stringify(masked(request))])
            assertDiscreet(text, options);
        }

        const args = (await run("sh", ["-c", CURL + curlOf(shown)], env)).split("\n");
        assert.deepEqual(requestOf(args), {
          url: request.url,
          credentials: sentBy(request.headers.authorization),
          form: formOf(request.body),
        });

        const { url, ...init } = request;
        const { fetched, sourced } = await runHere(t, fetchOf(shown), env);
        assert.deepEqual([fetched, sourced], [[{ url, init }], []]);

        const source = sourceOf(shown).replace(/^import .*\n/, TOKEN_SOURCE);
        assert.deepEqual((await runHere(t, source, env)).sourced, [options]);
      });
    }
  }
}

test("without the environment variable the shell says so and sends nothing", async () => {
  for (const clientAuth of METHODS) {
    const request = buildTokenRequest({
      tokenEndpoint: "https://idp.example/token",
      clientId: "a",
      clientSecret: "b",
      clientAuth,
    });
    const command = CURL + curlOf({ request, secretShown: false });
    assert.equal(await run("sh", ["-c", command], { CLIENT_SECRET: undefined }), "");
  }
});

test("masked, a request shows nothing of the secret and all of the rest", () => {
  const options = {
    tokenEndpoint: "https://idp.example/token",
    clientId: "client_secret=a",
    clientSecret: "openid",
    scope: "openid",
  };
  assert.deepEqual(masked(buildTokenRequest(options)).headers.authorization, `Basic ${MASK}`);
  assert.equal(masked(buildTokenRequest(options)).body, buildTokenRequest(options).body);
  const posted = masked(buildTokenRequest({ ...options, clientAuth: "client_secret_post" }));
  assert.equal(
    posted.body,
    `grant_type=client_credentials&scope=openid&client_id=client_secret%3Da&client_secret=${MASK}`,
  );
});

test("three parts make a JWT, five a JWE, anything else is opaque; nothing throws", () => {
  const part = (/** @type {unknown} */ value) =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const header = part({ alg: "RS256" });
  const jwe = part({ alg: "dir", enc: "A256GCM" });
  /** @type {[text: string, kind: string][]} */
  const rows = [
    ["", "empty"],
    [" \n ", "empty"],
    ["bearer x", "opaque"],
    ["a".repeat(104), "opaque"],
    [`${header}.${part({})}.`, "jwt"],
    [`Bearer ${header}.${part({ a: 1 })}.s\n`, "jwt"],
    [`${header}.${part([])}.s`, "broken"],
    [`${header}.${part(null)}.s`, "broken"],
    [`${header}..s`, "broken"],
    ["a.b.c", "broken"],
    [`${jwe}.a.b.c.d`, "jwe"],
    [`${header}.a.b.c.d`, "opaque"],
    [`${jwe}.a.b.c`, "opaque"],
  ];
  for (const [text, kind] of rows) assert.equal(decode(text).kind, kind, text);
});

/** @type {(text: string, client: { clientId: string; clientSecret: string }) => void} */
function assertDiscreet(text, { clientId, clientSecret }) {
  const encoded = [clientId, clientSecret].map((value) =>
    new URLSearchParams({ "": value }).toString().slice(1),
  );
  // A secret of one character is everywhere.
  for (const secret of [clientSecret, encoded[1], btoa(encoded.join(":"))])
    assert.ok(
      secret.length < 4 || clientSecret === "${CLIENT_SECRET}" || !text.includes(secret),
      text,
    );
}

/**
 * What curl sends. It makes the header of `-u`, and says itself what type a form has.
 *
 * @param {string[]} args curl's
 */
function requestOf([url, ...args]) {
  /** @type {string | undefined} */
  let credentials;
  const form = [];
  for (let i = 0; args[i]; i += 2) {
    const option = args[i];
    const value = args[i + 1];
    const at = value.indexOf("=");
    if (option === "-u") credentials = value;
    else if (option === "--data-urlencode") form.push([value.slice(0, at), value.slice(at + 1)]);
    else form.push(...new URLSearchParams(value));
  }
  return { url, credentials: decoded(credentials), form };
}

/** @param {string} [header] */
function sentBy(header) {
  return header && decoded(atob(header.replace("Basic ", "")));
}

/** Form-encoded both, as servers read them. @param {string} [credentials] */
function decoded(credentials) {
  return credentials?.split(":").map((half) => new URLSearchParams(`a=${half}`).get("a"));
}

function formOf(body = "") {
  return [...new URLSearchParams(body)];
}

/** @typedef {{ CLIENT_SECRET: string | undefined }} Env */

let modules = 0;

/**
 * Runs the code as a module of this process, which a process of its own for each would not do
 * better: what it gives to `fetch` and to `tokenSource`.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} code
 * @param {Env} env
 */
async function runHere(t, code, { CLIENT_SECRET }) {
  /** @type {unknown[]} */
  const fetched = [];
  /** @type {unknown[]} */
  const sourced = [];
  t.mock.method(console, "log", () => {});
  t.mock.method(
    globalThis,
    "fetch",
    async (/** @type {string} */ url, /** @type {object} */ init) => {
      fetched.push({ url, init });
      return new Response("{}");
    },
  );
  const tokenSource = (/** @type {object} */ options) => {
    sourced.push(options);
    return { get: async () => ({ tokenType: "Bearer", expiresAt: 0 }) };
  };
  Object.assign(globalThis, { tokenSource });
  if (CLIENT_SECRET === undefined) delete process.env.CLIENT_SECRET;
  else process.env.CLIENT_SECRET = CLIENT_SECRET;

  // A module is evaluated once: the number makes each another.
  modules += 1;
  const text = `${code}\n// ${modules}`;
  await import(`data:text/javascript,${encodeURIComponent(text)}`);
  t.mock.restoreAll();
  return { fetched, sourced };
}

/**
 * @type {(program: string, args: string[], env: Env) => Promise<string>} its output, if it fails
 *   too
 */
async function run(program, args, env) {
  const { stdout } = await execa(program, args, { env, stdin: "ignore", reject: false });
  return stdout;
}
