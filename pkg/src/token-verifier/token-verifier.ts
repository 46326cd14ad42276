// The token verifier.
import { deepFreeze } from "../cache/deep-freeze.js";
import { instanceFor } from "../cache/instances.js";
import { LruMap } from "../cache/lru-map.js";
import { judgeIntrospection, refuseOtherKinds } from "../core/calls.js";
import type { Requirements, TokenVerifierOptions } from "../core/calls.js";
import { rejected } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import type { SourceEvent } from "../core/events.js";
import { emitEvent } from "../io/emit-event.js";
import { throwIfAborted } from "../io/signal.js";
import { withTimeout } from "../io/timeout.js";
import { withScope } from "../protocol/claims.js";
import type { Claims } from "../protocol/claims.js";
import { bearerToken, ownCopy } from "./bearer-token.js";
import type { TokenOrRequest } from "./bearer-token.js";
import { challenge } from "./challenge.js";
import type { IntrospectionResult } from "./introspection-client.js";
import { issuerOf } from "./issuer.js";
import { fittingKeys } from "./jwks.js";
import type { KeySet, VerifyingKey } from "./jwks.js";
import { findKeys, judgeClaims, readToken, verifySignature } from "./jwt.js";
import type { UnverifiedJwt } from "./jwt.js";
import { checkVerifierOptions } from "./options.js";
import type { VerifierOptions } from "./options.js";
import { readRequirements, requirementsOf } from "./requirements.js";
import type { Required } from "./requirements.js";

/** How long a verified JWT is accepted without verifying it again, ms. */
const JWT_CACHE_LIFETIME = 300_000;

/** How much the cache of verified JWTs holds, bytes. */
const JWT_CACHE_BYTES = 8 * 2 ** 20;

/** How many sets of requirements that a token meets are cached with it. */
const MAX_MET = 16;

/** The longest requirements that are cached, in characters: each token has a copy of its own. */
const MAX_MET_LENGTH = 1_024;

/** A JWT that was verified. Times are ms since 1970. */
interface VerifiedJwt {
  claims: Claims;
  /** as they are in the token */
  encodedClaims: string;
  isAtJwt: boolean;
  from: number;
  until: number;
  /** the text of the key that signed it */
  key: string;
  /** the requirements that it is known to meet */
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
  const verifier = instanceFor("verifier", checked, () => makeVerifier(checked));
  if (checked.onEvent) listeners.set(verifier, checked.onEvent);
  return verifier;
}

const listeners: WeakMap<TokenVerifier, (event: SourceEvent) => void> = new WeakMap();

function makeVerifier(options: VerifierOptions): TokenVerifier {
  const { issuer, client, accept, typ, projectId, leeway, timeout, maxTokenLength } = options;
  const report = (event: SourceEvent) => emitEvent(listeners.get(verifier), event);
  const { keys, introspection } = issuerOf(options, report);

  const verifiedJwts: LruMap<VerifiedJwt> = new LruMap(10_000, JWT_CACHE_BYTES);

  /** The scopes that were required of a token, by the error that refused it. */
  const requiredScopes: WeakMap<AuthError, string[]> = new WeakMap();

  const verify: TokenVerifier["verify"] = async (input, requirements) => {
    let required = options.required;
    try {
      const given = requirements === undefined ? undefined : readRequirements(requirements);
      if (given) {
        const introspects = client !== undefined;
        required = requirementsOf(given, { projectId, usual: required, introspects });
      }
      return await verifyToken(input, required, given?.signal);
    } catch (error) {
      if (error instanceof AuthError && error.category === "rejected") {
        requiredScopes.set(error, required.scope);
        report({ type: "refuse", what: "token", code: error.code });
      }
      throw error;
    }
  };

  async function verifyToken(
    input: TokenOrRequest,
    required: Required,
    signal: AbortSignal | undefined,
  ): Promise<Claims> {
    const token = bearerToken(input, maxTokenLength);
    throwIfAborted(signal);

    const known = accept === "opaque" ? undefined : verifiedJwt(token, keys.current());
    if (known) return authorizeJwt(known, required);
    const introspected = introspection?.current(token);
    if (introspected) return authorizeIntrospected(introspected, required);

    const jwt = accept === "opaque" ? undefined : readToken(token, typ);
    const set = keys.current();
    const fitting = jwt && set ? fittingKeys(jwt.header.encoded, set) : [];
    // Without a timeout, since only the runtime's WebCrypto is awaited.
    if (jwt && fitting.length > 0) return verifyJwt(token, jwt, fitting, required);
    return withTimeout(timeout, "checking a token", () =>
      verifyByIssuer(ownCopy(token), jwt, required, signal),
    );
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
    required: Required,
    signal: AbortSignal | undefined,
  ): Promise<Claims> {
    // A cached JWT was checked before.
    const isCached = verifiedJwts.has(token);
    if (!isCached) refuseOtherKinds({ typ, token });

    if (jwt) {
      const known = isCached ? verifiedJwt(token, await keys.get(timeout, signal)) : undefined;
      if (known) return authorizeJwt(known, required);

      const rules = { issuer, required, leeway };
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

  /** Verifies the signature of a JWT and judges its claims. */
  async function verifyJwt(
    token: string,
    jwt: UnverifiedJwt,
    fitting: VerifyingKey[],
    required: Required,
  ): Promise<Claims> {
    const { header, claims: encodedClaims } = jwt;
    const verifying = verifySignature(jwt, fitting);
    // Runs meanwhile, since runtimes verify in another thread. If both fail, the signature's error
    // is reported.
    const judged = settled(() => judgeClaims(encodedClaims, header, { issuer, required, leeway }));
    const copy = ownCopy(token);
    const key = await verifying;
    const { claims: text, scope } = judged();
    const claims: Claims & { exp: number } = deepFreeze(withScope(JSON.parse(text), scope));

    const now = Date.now();
    const until = Math.min(claims.exp * 1000, now + JWT_CACHE_LIFETIME);
    const met = new Set<string>();
    remember(met, required);
    const start = copy.indexOf(".") + 1;
    const verified = {
      claims,
      // A part of the copy, not of the request's header.
      encodedClaims: copy.slice(start, start + encodedClaims.length),
      isAtJwt: header.isAtJwt,
      from: now,
      until,
      key,
      met,
    };
    verifiedJwts.set(copy, verified, 4 * encodedClaims.length);
    return claims;
  }

  function authorizeJwt(jwt: VerifiedJwt, required: Required): Claims {
    const { claims, encodedClaims, met } = jwt;
    if (met.has(required.text)) return claims;
    judgeClaims(encodedClaims, jwt, { issuer, required, leeway });
    remember(met, required);
    return claims;
  }

  function authorizeIntrospected(
    { claims, body, met }: IntrospectionResult,
    required: Required,
  ): Claims {
    if (met.has(required.text)) return claims;
    judgeIntrospection({ issuer, requirements: required.text, claims: body });
    remember(met, required);
    return claims;
  }

  const verifier: TokenVerifier = Object.freeze({
    verify,
    challenge: (error: unknown) => challenge(error, requiredScopes.get(error as AuthError) ?? []),
  });
  return verifier;
}

/** Remembers that a token meets requirements. */
function remember(met: Set<string>, { text }: Required): void {
  if (met.size < MAX_MET && text.length <= MAX_MET_LENGTH) met.add(text);
}

/** Runs a function at once, and returns one that gives what it returned, or throws what it threw. */
function settled<T>(run: () => T): () => T {
  try {
    const value = run();
    return () => value;
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}
