// @ts-check
// The canary: whatever is secret is searched for in every form in which an error can be shown.
import { equal, ok, thrown } from "./assert.js";

const SECRET = 'CANARY s3cret/+"\\ü%';
const MARKS = ["CANARY", "s3cret", "S3CRET", "ü%"];
const OPTIONS = {
  tokenEndpoint: "https://idp.example/token",
  clientId: "id",
  clientSecret: SECRET,
};

/** @type {import("./index.js").Suite} */
export function leaks({ ec }) {
  const basic = ec.buildTokenRequest(OPTIONS);
  const post = ec.buildTokenRequest({ ...OPTIONS, clientAuth: "client_secret_post" });
  const escaped = SECRET.replaceAll('"', "&quot;");
  const quotes = [
    SECRET,
    encodeURIComponent(encodeURIComponent(SECRET)),
    `${SECRET.slice(0, 9)}...`,
    encodeURIComponent(SECRET),
    escaped,
    JSON.stringify(JSON.stringify(SECRET)),
    SECRET.toUpperCase(),
    basic.headers.authorization,
    post.body ?? "",
    JSON.stringify(basic),
  ];

  /** Every answer that quotes the request, in every place where an answer can hold a text. */
  const bodies = quotes.flatMap((quote) => [
    { error: "invalid_client", error_description: `wrong secret: ${quote} for id` },
    { error: "invalid_request", error_description: `Errors.User.Machine.Secret.Invalid ${quote}` },
    { error: quote, error_description: quote },
    { error: { message: quote } },
    { access_token: `${quote} x`, token_type: "Bearer" },
    { access_token: "CANARY", token_type: quote },
    // What only describes (`scope`, `expires_in`) is no error any more, whatever it is.
    { access_token: [quote], token_type: "Bearer", expires_in: quote, scope: [quote] },
    [quote],
    `{"access_token":"CANARY","access_token":${JSON.stringify(quote)}}`,
    `{"access_token":"CANARY`,
    `<html>${quote}</html>`,
  ]);

  /** @type {(name: string, context: object) => import("./index.js").Case} */
  const answers = (name, context) => ({
    name: `no secret in an error: ${name}`,
    async run() {
      for (const body of bodies) {
        for (const status of [200, 302, 400, 401, 403, 404, 429, 500, 503]) {
          const response = {
            status,
            headers: { "retry-after": SECRET },
            body: typeof body === "string" ? body : JSON.stringify(body),
          };
          await clean(
            thrown(() => ec.parseTokenResponse(response, { requestedAt: 0, now: 0, ...context })),
          );
        }
      }
    },
  });

  /** @type {Record<string, () => unknown>} */
  const misuses = {
    "as client id": () => ec.buildTokenRequest({ ...OPTIONS, clientId: `${SECRET}\n` }),
    "with a line break": () => ec.buildTokenRequest({ ...OPTIONS, clientSecret: `${SECRET}\n` }),
    "as endpoint": () => ec.buildTokenRequest({ ...OPTIONS, tokenEndpoint: SECRET }),
    "in the endpoint": () =>
      ec.buildTokenRequest({ ...OPTIONS, tokenEndpoint: "https://id:CANARY@idp.example" }),
    "as scope": () => ec.buildTokenRequest({ ...OPTIONS, scope: SECRET }),
    "as resource": () => ec.buildTokenRequest({ ...OPTIONS, resource: SECRET }),
    "as option": () => ec.buildTokenRequest(/** @type {any} */ ({ ...OPTIONS, [SECRET]: 1 })),
    "as option's value": () =>
      ec.buildTokenRequest(/** @type {any} */ ({ ...OPTIONS, clientSecret: { CANARY: SECRET } })),
    "as method": () =>
      ec.buildTokenRequest(/** @type {any} */ ({ ...OPTIONS, clientAuth: SECRET })),
    "in a request's headers": () =>
      ec.toRequest({ ...basic, headers: { authorization: `Basic ${SECRET}\nx` } }),
    "as access token": () => ec.authorizationHeader({ accessToken: SECRET }),
    "as scope of ZITADEL's": () => ec.zitadel.scopes.role(SECRET),
    "as metadata of ZITADEL's": () =>
      ec.zitadel.metadata({ "urn:zitadel:iam:user:metadata": { [SECRET]: SECRET } }),
    "as claims of ZITADEL's": () => ec.zitadel.roles(/** @type {any} */ (SECRET)),
    "as issuer": () => ec.buildMetadataRequest({ issuer: SECRET }),
    "as issuer of the metadata": () =>
      ec.parseMetadataResponse(
        { status: 200, body: JSON.stringify({ issuer: SECRET }) },
        { issuer: "https://idp.example" },
      ),
  };

  return [
    answers("the request is given, Basic", { request: basic }),
    answers("the request is given, in the body", { request: post }),
    answers("the request is given as it went through another client", {
      request: { ...basic, headers: new Headers(basic.headers) },
    }),
    answers("the request's header is written in another case", {
      request: { ...basic, headers: { Authorization: basic.headers.authorization } },
    }),
    answers("the request has two of them", {
      request: {
        ...basic,
        headers: { authorization: "Bearer x", Authorization: basic.headers.authorization },
      },
    }),
    answers("the request has them in a list", {
      request: { ...basic, headers: { authorization: ["Bearer x", basic.headers.authorization] } },
    }),
    answers("the request lost its credentials", { request: { ...basic, headers: {} } }),
    answers("the request is not given", {}),
    ...Object.entries(misuses).map(([name, run]) => ({
      name: `no secret in an error: ${name}`,
      run: () => clean(thrown(run)),
    })),
    {
      name: "what is no secret is shown",
      run() {
        const body = JSON.stringify({
          error: "tenant_suspended",
          error_description: `tenant "acme" of ${SECRET} is\nsuspended`,
        });
        for (const request of [basic, post]) {
          const error = thrown(() =>
            ec.parseTokenResponse({ status: 400, body }, { requestedAt: 0, request }),
          );
          equal(
            [error.error, error.errorDescription],
            ["tenant_suspended", "tenant 'acme' of [redacted] is?suspended"],
          );
        }
      },
    },
  ];

  /** @param {any} error */
  async function clean(error) {
    ok(error instanceof ec.AuthError, `expected an AuthError, got ${error}`);
    const shown = [String(error), error.stack, JSON.stringify(error), await inspect(error)];
    for (let cause = /** @type {any} */ (error); cause; cause = cause.cause) {
      for (const name of Reflect.ownKeys(cause)) shown.push(String(Reflect.get(cause, name)));
    }
    for (const mark of MARKS)
      ok(!shown.some((text) => text?.includes(mark)), `leaked by ${error.code}: ${error.message}`);
  }
}

/**
 * As `console.log` shows it, where the runtime can tell.
 *
 * @param {unknown} value
 */
async function inspect(value) {
  if ("document" in globalThis) return ""; // A page's policy calls the attempt a violation.
  const name = "node:util";
  const util = await import(name).catch(() => undefined);
  return util ? util.inspect(value, { depth: 9, showHidden: true }) : "";
}
