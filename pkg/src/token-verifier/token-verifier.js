import { bearerToken, copyToken } from "./bearer-token.js";
import { LruMap } from "../cache/lru-map.js";
import { challenge } from "./challenge.js";
import { AuthError } from "../core/errors.js";
import { rejected } from "../core/error-constructors.js";
import { deepFreeze } from "../cache/deep-freeze.js";
import { issuerOf } from "./issuer.js";
import {
  findKeys,
  fittingKeys,
  checkClaims,
  readToken,
  refuseOtherKinds,
  verifySignature,
} from "./jwt.js";
import { checkOptions } from "../core/check-options.js";
import { instanceFor } from "../cache/instances.js";
import { KINDS, checkRequirements, requirementsOf } from "./requirements.js";
import { throwIfAborted } from "../io/signal.js";
import { emitEvent } from "../io/emit-event.js";
import { runInBackground } from "../io/background.js";
import { withTimeout } from "../io/timeout.js";
import { checkVerifierOptions, verifierIdentity } from "./options.js";

/**
 * How long a JWT is taken without another look, ms; how many requirements that it meets are
 * remembered with it.
 */
const [REMEMBERED, MOST_MET] = [300_000, 16];

/** @typedef {import("./requirements.js").Requirements} Requirements */
/** @typedef {import("./requirements.js").RoleRequirement} RoleRequirement */
/** @typedef {import("./requirements.js").Claims} Claims */
/** @typedef {import("./options.js").TokenVerifierOptions} TokenVerifierOptions */
/** @typedef {import("./options.js").IntrospectionClient} IntrospectionClient */
/** @typedef {import("./bearer-token.js").TokenOrRequest} TokenOrRequest */

/** @typedef {import("./requirements.js").Required} Required */
/** @typedef {{ claims: Claims; from: number; until: number; key: string; met: Set<string> }} KnownJwt */

/**
 * Checks the tokens that an API is given. Its functions need no `this`.
 *
 * @typedef {object} TokenVerifier
 * @property {(
 *   input: TokenOrRequest,
 *   requirements?: Requirements & { signal?: AbortSignal },
 * ) => Promise<Claims>} verify
 *   the claims of a request's token, or of a token itself: what the issuer signed or says of it,
 *   frozen since all who bring this token are given the same. `sub` identifies the caller;
 *   `client_id` does not: ZITADEL's is a user name that organizations share, and personal access
 *   tokens have none. What it throws is an `AuthError` (the README has the codes), the reason of a
 *   signal that was aborted, or what a framework's `fetch` threw to the framework (an error with a
 *   text `digest`, a promise)
 * @property {(error: unknown) => Response} challenge the answer to a request whose token was not
 *   taken (RFC 6750 section 3), from what `verify` threw; nothing of its texts is in it
 */

/**
 * A verifier of access tokens: JWTs by the issuer's keys, all others by introspection. What it
 * knows already costs microseconds.
 *
 * Equal options give the same one, so that it can be called in every request. It does no I/O, so it
 * can be called at module level.
 *
 * @param {TokenVerifierOptions} options
 * @returns {TokenVerifier}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, `url_insecure`
 */
export function tokenVerifier(options) {
  const own = checkVerifierOptions(options);
  const verifier = instanceFor(...verifierIdentity(own), () => makeVerifier(own));
  if (own.onEvent) listeners.set(verifier, own.onEvent);
  return verifier;
}

/** @type {WeakMap<TokenVerifier, TokenVerifierOptions["onEvent"]>} */
const listeners = new WeakMap();

/**
 * @param {import("./options.js").CheckedOptions} options
 * @returns {TokenVerifier}
 */
function makeVerifier(options) {
  const { issuer, required: usual, introspects, accept, typ, projectId, leeway, timeout } = options;
  const report = (/** @type {import("../io/events.js").SourceEvent} */ event) =>
    emitEvent(listeners.get(verifier), event);
  const { keys, introspection } = issuerOf(options, report);
  /** @type {LruMap<KnownJwt>} */
  const jwts = new LruMap(10_000, 8 * 2 ** 20);
  /**
   * The scopes that were required of a token that lacked something, by the error.
   *
   * @type {WeakMap<object, string[]>}
   */
  const scopes = new WeakMap();

  /** @type {TokenVerifier["verify"]} */
  async function verify(input, requirements) {
    try {
      return await checked(input, requirements);
    } catch (error) {
      if (error instanceof AuthError && error.category === "rejected")
        report({ type: "refuse", what: "token", code: error.code });
      throw error;
    }
  }

  /** @type {TokenVerifier["verify"]} */
  async function checked(input, requirements) {
    const { signal, required } =
      requirements === undefined
        ? { signal: undefined, required: usual }
        : readRequirements(requirements);
    const token = bearerToken(input);
    throwIfAborted(signal);
    const jwt = accept === "opaque" ? undefined : knownJwt(token, keys.current());
    const introspected = jwt ? undefined : introspection?.current(token);
    if (jwt) return judge(jwt.claims, required, jwt.met);
    if (introspected) return judge(introspected, required);
    const { bytes, copy } = copyToken(token);
    const read = accept === "opaque" ? undefined : readToken(bytes, typ);
    const set = keys.current();
    const fitting = read && set ? fittingKeys(read, set) : [];
    // Nothing is waited for then but the runtime, and no timer is needed.
    if (read && fitting.length > 0) return take(copy, read, fitting, required);
    return withTimeout(timeout, "checking a token", () => find(copy, read, required, signal));
  }

  /** @param {Requirements & { signal?: AbortSignal }} requirements */
  function readRequirements(requirements) {
    const own = checkOptions("verify", requirements, { ...KINDS, signal: "signal" });
    return { signal: own.signal, required: requirementsOf(own, { projectId, usual, introspects }) };
  }

  /**
   * @type {(
   *   token: string,
   *   set: import("./jwks.js").KeySet | undefined,
   * ) => KnownJwt | undefined}
   */
  function knownJwt(token, set) {
    const known = set && jwts.get(token);
    const now = Date.now();
    return known && known.from <= now && now < known.until && set.texts.has(known.key)
      ? known
      : undefined;
  }

  /**
   * @type {(
   *   token: string,
   *   jwt: import("./jwt.js").UnverifiedJwt | undefined,
   *   required: Required,
   *   signal: AbortSignal | undefined,
   * ) => Promise<Claims>}
   */
  async function find(token, jwt, required, signal) {
    // One that is known has been looked at.
    if (!jwts.has(token)) refuseOtherKinds(token, typ);
    if (jwt) {
      const known = jwts.has(token) ? knownJwt(token, await keys.get(timeout, signal)) : undefined;
      if (known) return judge(known.claims, required, known.met);
      const fitting = await findKeys(
        jwt,
        { issuer, audience: required.audience, leeway },
        keys,
        timeout,
        signal,
      );
      return take(token, jwt, fitting, required);
    }
    if (!introspection) {
      const hint =
        "let the issuer give access tokens as JWTs (ZITADEL: access token type of the user or the application), or ask it about others: set `introspection`, and leave `accept` out";
      throw rejected("token_invalid", "the token is opaque, but a JWT is wanted", hint);
    }
    return judge(await introspection.get(token, timeout, signal), required);
  }

  /**
   * @type {(
   *   token: string,
   *   jwt: import("./jwt.js").UnverifiedJwt,
   *   fitting: import("./jwks.js").VerifyingKey[],
   *   required: Required,
   * ) => Promise<Claims>}
   */
  async function take(token, jwt, fitting, required) {
    const verifying = verifySignature(jwt, fitting);
    // Meanwhile, since runtimes verify in another thread.
    const judging = (async () =>
      deepFreeze(JSON.parse(checkClaims(jwt, { issuer, audience: required.audience, leeway }))))();
    runInBackground(() => judging);
    const key = await verifying;
    const claims = await judging;
    const [now, met] = [Date.now(), new Set()];
    jwts.set(
      token,
      { claims, from: now, until: Math.min(claims.exp * 1000, now + REMEMBERED), key, met },
      4 * jwt.claims.length,
    );
    return judge(claims, required, met);
  }

  /**
   * @param {Claims} claims
   * @param {Required} required by this call
   * @param {Set<string>} [met] what a JWT is known to meet
   */
  function judge(claims, required, met) {
    if (met?.has(required.name)) return claims;
    try {
      if (!met) checkIntrospection(claims, issuer);
      if (met ? Object.hasOwn(claims, "cnf") : told(claims, "cnf") !== undefined)
        throw boundToken();
      checkRequirements(claims, required, met !== undefined);
    } catch (error) {
      scopes.set(/** @type {object} */ (error), required.scope);
      throw error;
    }
    if (met && met.size < MOST_MET) met.add(required.name);
    return claims;
  }

  const verifier = Object.freeze({
    verify,
    challenge: (/** @type {unknown} */ error) => challenge(error, scopes.get(Object(error)) ?? []),
  });
  return verifier;
}

/**
 * What an introspection says; `null` is as good as nothing there, as the core has it.
 *
 * @type {(claims: Claims, name: string) => any}
 */
function told(claims, name) {
  return Object.hasOwn(claims, name) ? (claims[name] ?? undefined) : undefined;
}

/** @type {(claims: Claims, issuer: string) => void} */
function checkIntrospection(claims, issuer) {
  if (![undefined, issuer].includes(told(claims, "iss"))) {
    throw rejected(
      "token_invalid",
      "the token's `iss` is not the issuer expected",
      "whoever calls must get a token from the issuer that this API trusts; or the issuer is configured wrong, as for an instance with several domains",
    );
  }
  const type = told(claims, "token_type") ?? "Bearer";
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
