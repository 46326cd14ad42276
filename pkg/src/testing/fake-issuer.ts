// An issuer that is a function.
import { authenticate, subjectOf } from "./client.js";
import type { Known } from "./client.js";
import { fail, JWT_BEARER, metadataOf, readRequest, refuse } from "./http.js";
import { makeKeyPair, readJwt, signJwt } from "./jwt.js";
import type { KeyPair } from "./jwt.js";
import type {
  FakeFailure,
  FakeIssuer,
  FakeIssuerOptions,
  FakeKeyFile,
  FakeRequest,
} from "./types.js";

const PROJECT_AUDIENCE = /^urn:zitadel:iam:org:project:id:(.+):aud$/;

let issuers = 0;

/**
 * **For tests.** Makes an issuer that is a function: pass its `fetch` to sources and verifiers, or
 * put it in place of the global one. It answers for metadata, tokens (client credentials and the
 * JWT profile), keys, introspection and revocation, and checks who asks. It tells the time by
 * `Date.now()`, so fake timers move it.
 */
export function fakeIssuer(options: FakeIssuerOptions = {}): FakeIssuer {
  issuers += 1;
  const { clients = { service: "secret" }, expiresIn = 3_600, claims: added = {} } = options;
  const { issuer = `https://issuer-${issuers}.example`, opaque = false } = options;
  const [[clientId, clientSecret]] = Object.entries(clients);
  const known: Known = { issuer, clients, userId: "service-user", key: undefined };

  const requests: FakeRequest[] = [];
  const revoked: Set<string> = new Set();
  /** what the opaque tokens stand for */
  const jwts: Map<string, string> = new Map();
  let failure: FakeFailure = {};
  let failures = 0;
  let tokens = 0;
  let made: Promise<KeyPair> | undefined;

  const signingKey = () => (made ??= makeKeyPair("key-1"));

  async function sign(
    claims: Record<string, unknown>,
    header: Record<string, unknown> = {},
  ): Promise<string> {
    const key = await signingKey();
    const now = Math.floor(Date.now() / 1000);
    tokens += 1;
    const usual = { iss: issuer, sub: known.userId, iat: now, exp: now + expiresIn };
    return signJwt(key, {
      header: { alg: "ES256", kid: key.keyId, typ: "JWT", ...header },
      claims: { ...usual, jti: `token-${tokens}`, ...claims },
    });
  }

  async function issue(claims: Record<string, unknown>): Promise<string> {
    const jwt = await sign(claims);
    if (!opaque) return jwt;
    const token = `opaque-${tokens}`;
    jwts.set(token, jwt);
    return token;
  }

  async function keyFile(type: FakeKeyFile["type"] = "serviceaccount"): Promise<FakeKeyFile> {
    known.key ??= await makeKeyPair("client-key-1");
    const { keyId, pem } = known.key;
    const owner = type === "serviceaccount" ? { userId: known.userId } : { appId: "1", clientId };
    return { type, keyId, key: pem, ...owner };
  }

  async function answerToken({ headers, form }: FakeRequest): Promise<Response> {
    const fields = new URLSearchParams(form);
    const isProfile = form.grant_type === JWT_BEARER;
    if (!isProfile && form.grant_type !== "client_credentials") {
      return refuse(400, "unsupported_grant_type");
    }
    const subject = isProfile
      ? await subjectOf(form.assertion ?? "", known)
      : await authenticate(headers, fields, known);
    if (subject === undefined || (isProfile && subject !== known.userId)) {
      return isProfile ? refuse(400, "invalid_grant") : refuse(401, "invalid_client");
    }

    const { scope } = form;
    const projects = (scope ?? "").split(" ").map((one) => PROJECT_AUDIENCE.exec(one)?.[1]);
    const audience = [form.resource, ...projects].filter((one) => one !== undefined);
    const aud = audience.length > 0 ? audience : [subject];
    const claims = { sub: subject, client_id: subject, aud, ...(scope && { scope }), ...added };
    return Response.json({
      access_token: await issue(claims),
      token_type: "Bearer",
      expires_in: expiresIn,
      ...(scope && { scope }),
    });
  }

  async function answerIntrospection({ headers, form }: FakeRequest): Promise<Response> {
    const client = await authenticate(headers, new URLSearchParams(form), known);
    if (client === undefined) return refuse(401, "invalid_client");
    const { token = "" } = form;
    const jwt = await readJwt(await signingKey(), jwts.get(token) ?? token);
    const hasEnded = Number(jwt?.claims.exp) * 1000 <= Date.now();
    const isActive = jwt !== undefined && !hasEnded && !revoked.has(token);
    return Response.json(isActive ? { active: true, ...jwt.claims } : { active: false });
  }

  async function answerRevocation({ headers, form }: FakeRequest): Promise<Response> {
    const client = await authenticate(headers, new URLSearchParams(form), known);
    if (client === undefined) return refuse(401, "invalid_client");
    revoked.add(form.token);
    return new Response(null);
  }

  const metadata = async () => Response.json(metadataOf(issuer));
  const { origin, pathname } = new URL(issuer);
  const path = pathname === "/" ? "" : pathname;
  const answers: Record<string, (request: FakeRequest) => Promise<Response>> = {
    [`GET ${issuer}/.well-known/openid-configuration`]: metadata,
    [`GET ${origin}/.well-known/oauth-authorization-server${path}`]: metadata,
    [`GET ${issuer}/keys`]: async () => Response.json({ keys: [(await signingKey()).jwk] }),
    [`POST ${issuer}/token`]: answerToken,
    [`POST ${issuer}/introspect`]: answerIntrospection,
    [`POST ${issuer}/revoke`]: answerRevocation,
  };

  const fetch: FakeIssuer["fetch"] = async (input, init) => {
    const request = await readRequest(input, init);
    const { method, url } = request;
    if (url !== issuer && !url.startsWith(`${issuer}/`) && !url.startsWith(`${origin}/.well`)) {
      throw new TypeError(`the fake issuer ${issuer} is no way to ${url}`);
    }
    requests.push(request);
    const answer = answers[`${method} ${url}`];
    if (failures > 0 && answer !== metadata) {
      failures -= 1;
      return fail(failure);
    }
    return answer ? answer(request) : refuse(404, "not_found");
  };

  return {
    issuer,
    clientId,
    clientSecret,
    fetch,
    requests,
    sign,
    keyFile,
    fail(times = 1, how = {}) {
      failures = times;
      failure = how;
    },
  };
}
