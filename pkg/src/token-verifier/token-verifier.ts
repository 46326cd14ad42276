// The token verifier.
import type { SourceEvent } from "../io/events.js";
import type { KeySet, VerifyingKey } from "./jwks.js";
import type { UnverifiedJwt } from "./jwt.js";
import type { CheckedOptions, TokenVerifierOptions } from "./options.js";
import type { CheckedRequirements, Requirements, Claims } from "./requirements.js";
import type { TokenOrRequest } from "./bearer-token.js";
import { instanceFor } from "../cache/instances.js";
import { deepFreeze } from "../cache/deep-freeze.js";
import { LruMap } from "../cache/lru-map.js";
import { checkOptions } from "../core/check-options.js";
import { rejected } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import { runInBackground } from "../io/background.js";
import { emitEvent } from "../io/emit-event.js";
import { throwIfAborted } from "../io/signal.js";
import { withTimeout } from "../io/timeout.js";
import { bearerToken, copyToken } from "./bearer-token.js";
import { challenge } from "./challenge.js";
import { issuerOf } from "./issuer.js";
import {
  checkClaims,
  findKeys,
  fittingKeys,
  readToken,
  refuseOtherKinds,
  verifySignature,
} from "./jwt.js";
import { checkVerifierOptions, verifierIdentity } from "./options.js";
import { checkRequirements, REQUIREMENT_KINDS, requirementsOf } from "./requirements.js";
export type { TokenOrRequest } from "./bearer-token.js";
export type { IntrospectionClient, TokenVerifierOptions } from "./options.js";
export type { Claims, Requirements, RoleRequirement } from "./requirements.js";

/** How long a verified JWT is accepted without verifying it again, ms. */
const JWT_CACHE_LIFETIME = 300_000;

/** How much the cache of verified JWTs holds, bytes. */
const JWT_CACHE_BYTES = 8 * 2 ** 20;

/** How many sets of requirements that a JWT meets are cached with it. */
const MAX_MET = 16;

/** A JWT that was verified. Times are ms since 1970. */
export interface VerifiedJwt {
  claims: Claims;
  from: number;
  until: number;
  /** the text of the key that signed it */
  key: string;
  /** the names of the requirements that it is known to meet */
  met: Set<string>;
}

/** Verifies the access tokens of an API's requests. The methods do not use `this`. */
export interface TokenVerifier {
  /**
   * returns the claims of a request's token, or of a token itself: what the issuer signed or said.
   * They are frozen, since all callers with this token share them. `sub` identifies the caller.
   * `client_id` does not: ZITADEL's is a user name that organizations share, and personal access
   * tokens have none. It throws an `AuthError` (the README lists the codes), the reason of an
   * aborted signal, or what a framework's `fetch` threw to the framework (an error with a string
   * `digest`, or a promise)
   */
  verify: (
    input: TokenOrRequest,
    requirements?: Requirements & { signal?: AbortSignal },
  ) => Promise<Claims>;
  /**
   * returns the response to a request whose token was not accepted (RFC 6750 section 3), from what
   * `verify` threw: 401, 400, 403, 503 or 500. It contains none of the error's texts
   */
  challenge: (error: unknown) => Response;
}

/**
 * Creates a verifier of access tokens. It checks JWTs with the issuer's keys, and introspects all
 * other tokens. A token that is known already takes microseconds.
 *
 * Equal options return the same verifier, so it may be called in every request. It does no I/O, so
 * it may be called at module level.
 *
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function tokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const checked = checkVerifierOptions(options);
  const [data, functions] = verifierIdentity(checked);

  const verifier = instanceFor(data, functions, () => makeVerifier(checked));
  if (checked.onEvent) listeners.set(verifier, checked.onEvent);
  return verifier;
}

const listeners: WeakMap<TokenVerifier, TokenVerifierOptions["onEvent"]> = new WeakMap();

function makeVerifier(options: CheckedOptions): TokenVerifier {
  const { issuer, introspects, accept, typ, projectId, leeway, timeout } = options;
  const report = (event: SourceEvent) => emitEvent(listeners.get(verifier), event);
  const { keys, introspection } = issuerOf(options, report);

  const verifiedJwts: LruMap<VerifiedJwt> = new LruMap(10_000, JWT_CACHE_BYTES);

  /** The scopes that were required of a token, by the error that refused it. */
  const requiredScopes: WeakMap<object, string[]> = new WeakMap();

  async function verify(
    input: Parameters<TokenVerifier["verify"]>[0],
    requirements: Parameters<TokenVerifier["verify"]>[1],
  ): ReturnType<TokenVerifier["verify"]> {
    try {
      return await verifyToken(input, requirements);
    } catch (error) {
      if (error instanceof AuthError && error.category === "rejected") {
        report({ type: "refuse", what: "token", code: error.code });
      }
      throw error;
    }
  }

  async function verifyToken(
    input: Parameters<TokenVerifier["verify"]>[0],
    requirements: Parameters<TokenVerifier["verify"]>[1],
  ): ReturnType<TokenVerifier["verify"]> {
    const { signal, required } = readRequirements(requirements);
    const token = bearerToken(input);
    throwIfAborted(signal);

    const known = accept === "opaque" ? undefined : verifiedJwt(token, keys.current());
    if (known) return authorizeJwt(known, required);
    const introspected = introspection?.current(token);
    if (introspected) return authorizeIntrospected(introspected, required);

    const { bytes, copy } = copyToken(token);
    const jwt = accept === "opaque" ? undefined : readToken(bytes, typ);
    const set = keys.current();
    const fitting = jwt && set ? fittingKeys(jwt, set) : [];
    // Without a timeout, since only the runtime's WebCrypto is awaited.
    if (jwt && fitting.length > 0) return verifyJwt(copy, jwt, fitting, required);
    return withTimeout(timeout, "checking a token", () =>
      verifyByIssuer(copy, jwt, required, signal),
    );
  }

  function readRequirements(requirements: (Requirements & { signal?: AbortSignal }) | undefined) {
    const usual = options.required;
    if (requirements === undefined) return { signal: undefined, required: usual };

    const kinds = { ...REQUIREMENT_KINDS, signal: "signal" as const };
    const checked = checkOptions("verify", requirements, kinds);
    const required = requirementsOf(checked, { projectId, usual, introspects });
    return { signal: checked.signal, required };
  }

  function verifiedJwt(token: string, set: KeySet | undefined): VerifiedJwt | undefined {
    const jwt = set && verifiedJwts.get(token);
    const now = Date.now();
    const isCurrent = jwt && jwt.from <= now && now < jwt.until && set.texts.has(jwt.key);
    return isCurrent ? jwt : undefined;
  }

  /** Verifies a token that needs the issuer: its keys or an introspection. */
  async function verifyByIssuer(
    token: string,
    jwt: UnverifiedJwt | undefined,
    required: CheckedRequirements,
    signal: AbortSignal | undefined,
  ): Promise<Claims> {
    // A cached JWT was checked before.
    const isCached = verifiedJwts.has(token);
    if (!isCached) refuseOtherKinds(token, typ);

    if (jwt) {
      const known = isCached ? verifiedJwt(token, await keys.get(timeout, signal)) : undefined;
      if (known) return authorizeJwt(known, required);

      const rules = { issuer, audience: required.audience, leeway };
      const fitting = await findKeys(jwt, rules, keys, timeout, signal);
      return verifyJwt(token, jwt, fitting, required);
    }

    if (!introspection) {
      const hint =
        "let the issuer give access tokens as JWTs (ZITADEL: access token type of the user or " +
        "the application), or ask it about others: set `introspection`, and leave `accept` out";
      throw rejected("token_invalid", "the token is opaque, but a JWT is wanted", hint);
    }
    return authorizeIntrospected(await introspection.get(token, timeout, signal), required);
  }

  /** Verifies the signature of a JWT and checks its claims. */
  async function verifyJwt(
    token: string,
    jwt: UnverifiedJwt,
    fitting: VerifyingKey[],
    required: CheckedRequirements,
  ): Promise<Claims> {
    const verifying = verifySignature(jwt, fitting);
    // Runs meanwhile, since runtimes verify in another thread. If both fail, the signature's error
    // is reported.
    const parsing = parseClaims(jwt, required);
    runInBackground(() => parsing);
    const key = await verifying;
    const claims = await parsing;

    const now = Date.now();
    const until = Math.min(claims.exp * 1000, now + JWT_CACHE_LIFETIME);
    const verified = { claims, from: now, until, key, met: new Set<string>() };
    verifiedJwts.set(token, verified, 4 * jwt.claims.length);
    return authorizeJwt(verified, required);
  }

  async function parseClaims(jwt: UnverifiedJwt, { audience }: CheckedRequirements): Promise<any> {
    return deepFreeze(JSON.parse(checkClaims(jwt, { issuer, audience, leeway })));
  }

  function authorizeJwt({ claims, met }: VerifiedJwt, required: CheckedRequirements): Claims {
    if (met.has(required.name)) return claims;
    rememberScope(required, () => {
      if (Object.hasOwn(claims, "cnf")) throw boundToken();
      checkRequirements(claims, required, true);
    });
    if (met.size < MAX_MET) met.add(required.name);
    return claims;
  }

  function authorizeIntrospected(claims: Claims, required: CheckedRequirements): Claims {
    rememberScope(required, () => {
      checkIntrospection(claims, issuer);
      if (introspectedClaim(claims, "cnf") !== undefined) throw boundToken();
      checkRequirements(claims, required, false);
    });
    return claims;
  }

  /** Runs a check, and keeps the required scopes with its error for `challenge`. */
  function rememberScope({ scope }: CheckedRequirements, check: () => void): void {
    try {
      check();
    } catch (error) {
      requiredScopes.set(error as object, scope);
      throw error;
    }
  }

  const verifier = Object.freeze({
    verify,
    challenge: (error: unknown) => challenge(error, requiredScopes.get(Object(error)) ?? []),
  });
  return verifier;
}

/** Returns a claim of an introspection. `null` counts as missing, as in the core. */
function introspectedClaim(claims: Claims, name: string): any {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

function checkIntrospection(claims: Claims, issuer: string): void {
  if (![undefined, issuer].includes(introspectedClaim(claims, "iss"))) {
    throw rejected(
      "token_invalid",
      "the token's `iss` is not the issuer expected",
      "whoever calls must get a token from the issuer that this API trusts; or the issuer is " +
        "configured wrong, as for an instance with several domains",
    );
  }

  const type = introspectedClaim(claims, "token_type") ?? "Bearer";
  if (typeof type === "string" && type.toLowerCase() === "bearer") return;
  throw rejected(
    "token_invalid",
    "the token is not a bearer token",
    "whoever calls must send the `access_token` that the token endpoint gave",
  );
}

function boundToken() {
  return rejected(
    "token_invalid",
    "the token is bound to a key of its holder's (`cnf`), which is not checked here",
    "whoever calls must get a bearer token, without DPoP and without a client certificate",
  );
}
