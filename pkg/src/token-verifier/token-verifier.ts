// The token verifier.
import { instanceFor } from "../cache/instances.js";
import type { Made } from "../cache/instances.js";
import { judgeIntrospection, refuseOtherKinds } from "../core/calls.js";
import type { Requirements, TokenVerifierOptions } from "../core/calls.js";
import { rejected } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import type { SourceEvent } from "../core/events.js";
import { invalidOption } from "../core/guard-reads.js";
import { emitEvent } from "../io/emit-event.js";
import { throwIfAborted } from "../io/signal.js";
import { withTimeout } from "../io/timeout.js";
import type { Claims } from "../protocol/claims.js";
import { bearerToken, ownCopy } from "./bearer-token.js";
import type { TokenOrRequest } from "./bearer-token.js";
import { challenge, checkChallenge } from "./challenge.js";
import type { ChallengeOptions } from "./challenge.js";
import type { IntrospectionResult } from "./introspection-client.js";
import { trustedIssuer } from "./issuer.js";
import { jwtVerifier } from "./jwt-verifier.js";
import type { Verified } from "./jwt-verifier.js";
import type { UnverifiedJwt } from "./jwt.js";
import { checkVerifierOptions } from "./options.js";
import type { VerifierOptions } from "./options.js";
import { mayBeShown, tellingWhose } from "./refused-token.js";
import { readRequirements, remember, requirementsOf } from "./requirements.js";
import type { Required, VerifierRules } from "./requirements.js";

/** Verifies the access tokens of an API's requests. The methods do not use `this`. */
export interface TokenVerifier {
  /**
   * returns the claims of a request's token, or of a token itself: what the issuer signed or said.
   * They are frozen, since all callers with this token share them. `sub` identifies the caller.
   * `client_id` does not: ZITADEL's is a user name that organizations share, and personal access
   * tokens have none. It throws an `AuthError` (docs/errors.md lists the codes), the reason of an
   * aborted signal, or what a framework's `fetch` threw to the framework (an error with a string
   * `digest`, or a promise)
   */
  verify: (
    input: TokenOrRequest,
    requirements?: Requirements & { signal?: AbortSignal },
  ) => Promise<Claims>;
  /**
   * returns the response to a request whose token was not accepted (RFC 6750 section 3), from what
   * `verify` threw: 401, 400, 403, 503 or 500. It contains none of the error's texts. With
   * `resourceMetadata` it tells clients where they find out how to log in (RFC 9728)
   */
  challenge: (error: unknown, options?: ChallengeOptions) => Response;
  /** the issuers whose tokens are accepted */
  issuers?: readonly string[];
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
  const make = () => makeVerifier(checked);
  const verifier = instanceFor("verifier", checked, make, (dropped, event) =>
    emitEvent(listeners.get(dropped), event, checked.name),
  );
  if (checked.onEvent) listeners.set(verifier, checked.onEvent);
  return verifier;
}

const listeners: WeakMap<TokenVerifier, (event: SourceEvent) => void> = new WeakMap();

function makeVerifier(options: VerifierOptions): Made<TokenVerifier> {
  const { accept, typ, rules, timeout, maxTokenLength, name, insecureHttp } = options;
  const report = (event: SourceEvent) => emitEvent(listeners.get(verifier), event, name);
  const start = () => {
    const issuers = options.issuer.map((issuer) => trustedIssuer(issuer, options, report));
    return { introspection: issuers[0].introspection, jwts: jwtVerifier(issuers, options) };
  };
  let { introspection, jwts } = start();

  /** The scopes that were required of a token, by the error that refused it. */
  const requiredScopes: WeakMap<AuthError, string[]> = new WeakMap();

  const verify: TokenVerifier["verify"] = async (input, requirements) => {
    let { required } = options;
    try {
      const given = requirements === undefined ? undefined : readRequirements(requirements);
      if (given) required = requirementsOf(given, rules, required);
      refuseUnlimited(required, rules);
      return await verifyToken(input, required, given?.signal);
    } catch (error) {
      if (error instanceof AuthError && error.category === "rejected") {
        requiredScopes.set(error, required.scope);
        const { code, token } = error;
        report({ type: "refuse", what: "token", code, ...(token && { token }) });
      }
      throw error;
    }
  };

  async function verifyToken(
    input: TokenOrRequest,
    required: Required,
    signal: AbortSignal | undefined,
  ): Promise<Claims> {
    const token = bearerToken(input, maxTokenLength, options.token);
    throwIfAborted(signal);

    const known = accept === "opaque" ? undefined : jwts.known(token);
    if (known) return accepted(jwts.authorize(known, required), true);
    const introspected = introspection?.current(token);
    if (introspected && !needsOwnAudience(introspected)) {
      return accepted(authorizeIntrospected(introspected, required), true);
    }

    const jwt = accept === "opaque" ? undefined : jwts.read(token);
    // Without a timeout, since only the runtime's WebCrypto is awaited.
    const verified = jwt && (await jwts.verifyByKnownKeys(token, jwt, required));
    if (verified?.claims) return accepted(verified.claims, false);
    const claims = await withTimeout(timeout, "checking a token", () =>
      verifyByIssuer(ownCopy(token), { jwt, verified, required, signal }),
    );
    return accepted(claims, false);
  }

  function accepted(claims: Claims, cached: boolean): Claims {
    report({ type: "accept", what: "token", cached });
    return claims;
  }

  /** Verifies a token that needs the issuer: its keys or an introspection. */
  async function verifyByIssuer(
    token: string,
    { jwt, verified, required, signal }: Unfinished,
  ): Promise<Claims> {
    // Of others it is known already, or the bad signature is told.
    if (!verified && !jwts.has(token)) refuseOtherKinds({ typ, token });

    if (jwt && !verified?.isSigned) {
      const tried = verified?.tried;
      const search = { tried, required, timeout, signal };
      const claims = await jwts.verifyByAnyKey(token, jwt, search);
      if (claims) return claims;
    }
    if (!introspection) {
      throw rejected("token_invalid", "the token is opaque, but a JWT is wanted", OPAQUE_HINT);
    }

    const result = await introspection.get(token, timeout, signal);
    if (needsOwnAudience(result)) result.jwt = await ownClaims(token, required, signal);
    return authorizeIntrospected(result, required);
  }

  /** Whether the audience that a token itself names is needed, and not known yet. */
  function needsOwnAudience({ claims, jwt }: IntrospectionResult): boolean {
    // Of other JWTs it is known already that they name none.
    const named = Object.hasOwn(claims, "aud") ? (claims.aud ?? []) : [];
    return accept === "opaque" && jwt === undefined && [named].flat().length === 0;
  }

  /**
   * Returns the claims of a JWT that is introspected too, as they are in it.
   *
   * @returns `null` for a token that is no JWT, or one that names no audience
   * @throws {AuthError} `audience_refused`, `token_invalid`, `token_expired`, and what a request
   *   for keys may fail with
   */
  async function ownClaims(
    token: string,
    required: Required,
    signal: AbortSignal | undefined,
  ): Promise<string | null> {
    let jwt: UnverifiedJwt | undefined;
    try {
      jwt = jwts.read(token);
    } catch {
      // One by HMAC, for instance, which only its server can verify: whom it names is not known.
      if (jwts.mayNameAudience(token)) throw unknownAudience();
    }
    if (!jwt) return null;
    await jwts.identify(jwt, { tried: undefined, required, timeout, signal });
    return jwt.claims;
  }

  function authorizeIntrospected(
    { claims, body, jwt, met }: IntrospectionResult,
    required: Required,
  ): Claims {
    if (met.has(required.text)) return claims;
    const [issuer] = options.issuer;
    const requirements = required.text;
    tellingWhose(
      () => judgeIntrospection({ issuer, requirements, jwt: jwt ?? undefined, claims: body }),
      () => claims,
      rules.roleClaim,
      mayBeShown,
    );
    remember(met, required);
    return claims;
  }

  const verifier: TokenVerifier = Object.freeze({
    verify,
    challenge: (error: unknown, given?: ChallengeOptions) =>
      challenge(
        error,
        requiredScopes.get(error as AuthError) ?? [],
        checkChallenge(given, insecureHttp),
      ),
    issuers: Object.freeze([...options.issuer]),
  });
  const restart = () => {
    ({ introspection, jwts } = start());
  };
  return { instance: verifier, restart };
}

function unknownAudience(): AuthError {
  return rejected(
    "audience_refused",
    "the server names no audience, and that of the token cannot be verified",
    "let the server answer an introspection with `aud`, or the issuer sign by RS256 or ES256",
  );
}

const OPAQUE_HINT =
  "let the issuer give access tokens as JWTs, or ask about others: set `introspection`, and leave " +
  "`accept` out";

/** A token that could not be verified by what is known already. */
interface Unfinished {
  jwt: UnverifiedJwt | undefined;
  verified: Verified | undefined;
  required: Required;
  signal: AbortSignal | undefined;
}

/**
 * Without an audience, any other API that was shown a token can send it here.
 *
 * @throws {AuthError} `option_invalid`
 */
function refuseUnlimited({ scope, roles }: Required, { clientId }: VerifierRules): void {
  if (clientId.length === 0 || scope.length > 0 || roles.length > 0) return;
  throw invalidOption(
    "`clientId` is set, and neither a `scope` nor a `role` is required",
    "require one: without an audience, any other API that was shown a token can send it here",
  );
}
