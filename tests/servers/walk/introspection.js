// @ts-check
// Introspection and revocation.
import {
  buildMetadataRequest,
  buildRevocationRequest,
  parseMetadataResponse,
  parseRevocationResponse,
} from "edge-credentials";
import { outcomeOf } from "./step.js";

/** @typedef {import("./types.js").Case} Case */
/** @typedef {import("./types.js").Running} Running */
/** @typedef {import("./types.js").Login} Login */
/** @typedef {import("./types.js").Step} Step */
/** @typedef {Partial<import("./types.js").VerifierOptions>} Options */

/** @type {(running: Running) => Case[]} */
export function introspection(running) {
  const { introspected } = running;
  const { login = {}, revoker = login, wrong, verifier } = introspected ?? {};
  /** @type {Options} */
  const options = { ...verifier, ...askedBy(running) };

  /** @type {(step: Step) => Promise<string>} */
  const issue = async ({ source }) => (await source(login).get()).accessToken;
  /** @type {(step: Step, token: string, change?: Options) => Promise<string>} */
  const ask = ({ verifier }, token, change) =>
    outcomeOf(verifier({ ...options, ...change }).verify(token), "accepted");
  /** @type {(name: string, expected: string, run: Case["run"], known?: boolean) => Case} */
  const of = (name, expected, run, known = true) => ({
    name: `introspection ${name}`,
    expected,
    known: introspected !== undefined && known,
    run,
  });

  return [
    of("of a token", "accepted", async (step) => ask(step, await issue(step))),
    of("of garbage", "token_inactive", (step) => ask(step, "garbage")),
    of("for another audience", "audience_refused", async (step) => {
      const { clientId: _, ...others } = options;
      const verifier = step.verifier({ ...others, audience: "urn:another" });
      return outcomeOf(verifier.verify(await issue(step)), "accepted");
    }),
    of(
      "with wrong credentials",
      "credentials_refused",
      async (step) => ask(step, await issue(step), { introspection: wrong }),
      wrong !== undefined,
    ),
    of("after revocation", "accepted, revoked, token_inactive", async (step) => {
      const token = await issue(step);
      const before = await ask(step, token);
      const revoked = await revoke(step, running, { token, ...secretOf(revoker) });
      // Another verifier: the first one remembers what it was told.
      return [before, revoked, await ask(step, token)].join(", ");
    }),
  ];
}

/** @type {(running: Running) => Case[]} */
export function revocation(running) {
  const { logins, usual, other, introspected } = running;
  const login = logins[usual];
  const issue = async (/** @type {Step} */ { source }) => (await source(login).get()).accessToken;

  const hasSecret = login.clientSecret !== undefined;

  /** @type {(name: string, expected: string, run: Case["run"], known?: boolean) => Case} */
  const of = (name, expected, run, known = hasSecret) => ({
    name: `revocation ${name}`,
    expected,
    known,
    run,
  });
  return [
    of("of a token", "revoked", async (step) =>
      revoke(step, running, { token: await issue(step), ...secretOf(login) }),
    ),
    of("of garbage", "revoked", (step) =>
      revoke(step, running, { token: "garbage", ...secretOf(login) }),
    ),
    of("with a wrong secret", "credentials_refused", async (step) =>
      revoke(step, running, {
        token: await issue(step),
        ...secretOf(login),
        clientSecret: "wrong",
      }),
    ),
    of(
      "of another client's token",
      "refused, still accepted",
      async (step) => {
        const token = (await step.source(introspected?.login ?? {}).get()).accessToken;
        const outcome = await revoke(step, running, { token, ...secretOf(other ?? {}) });
        const verifier = step.verifier({ ...introspected?.verifier, ...askedBy(running) });
        const after = await outcomeOf(verifier.verify(token), "still accepted");
        return `${outcome === "revoked" ? outcome : "refused"}, ${after}`;
      },
      other !== undefined && introspected !== undefined,
    ),
  ];
}

/** @type {(step: Step, running: Running, options: any) => Promise<string>} */
async function revoke({ fetch }, { issuer }, options) {
  const metadata = parseMetadataResponse(await send(buildMetadataRequest({ issuer })), { issuer });
  const { revocationEndpoint } = metadata;
  if (!revocationEndpoint) return "no endpoint";
  const request = buildRevocationRequest({ revocationEndpoint, ...options });
  const answer = await send(request, fetch);
  return outcomeOf(
    Promise.resolve().then(() => parseRevocationResponse(answer, { request })),
    "revoked",
  );
}

/**
 * @param {import("edge-credentials").RequestData} request
 * @param {(url: string, init: RequestInit) => Promise<Response>} [send]
 */
async function send(request, send = fetch) {
  const response = await send(request.url, request);
  return { status: response.status, headers: response.headers, body: await response.text() };
}

/**
 * What a verifier needs to introspect every token.
 *
 * @type {(running: Running) => Options}
 */
export function askedBy({ introspected, introspectionEndpoint }) {
  return {
    accept: "opaque",
    introspection: introspected?.asker,
    ...(introspectionEndpoint && { introspectionEndpoint }),
  };
}

/** @param {Login} login */
function secretOf({ clientId, clientSecret, clientAuth }) {
  return { clientId, clientSecret, ...(clientAuth !== undefined && { clientAuth }) };
}
