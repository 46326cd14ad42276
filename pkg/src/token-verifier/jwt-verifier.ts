// Verifies JWTs by the keys of their issuers, and keeps those that are good.
import { deepFreeze } from "../core/deep-freeze.js";
import { LruMap } from "../cache/lru-map.js";
import type { JudgedClaims } from "../core/calls.js";
import { rejected } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import { withScope } from "../protocol/claims.js";
import type { Claims } from "../protocol/claims.js";
import { ownCopy } from "./bearer-token.js";
import type { TrustedIssuer } from "./issuer.js";
import { fittingKeys } from "./jwks.js";
import type { KeySet, VerifyingKey } from "./jwks.js";
import { badSignature, decodedClaims, judgeClaims, readToken, signingKey } from "./jwt.js";
import type { UnverifiedJwt } from "./jwt.js";
import { TENANT } from "./options.js";
import type { VerifierOptions } from "./options.js";
import { tellingWhose } from "./refused-token.js";
import { remember } from "./requirements.js";
import type { Required } from "./requirements.js";
import { verifySignature } from "./signature.js";

/** How long a verified JWT is accepted without verifying it again, ms. */
const JWT_CACHE_LIFETIME = 300_000;

/** How much the cache of verified JWTs holds, bytes. */
const JWT_CACHE_BYTES = 8 * 2 ** 20;

/** A JWT that was verified. Times are ms since 1970. */
interface VerifiedJwt {
  claims: Claims;
  /** as they are in the token */
  encodedClaims: string;
  isAtJwt: boolean;
  from: number;
  until: number;
  trusted: TrustedIssuer;
  /** the text of the key that signed it */
  key: string;
  /** the requirements that it is known to meet */
  met: Set<string>;
}

/** What the keys that are there already say of a JWT. */
export interface Verified {
  /** of a JWT that is accepted */
  claims: Claims | undefined;
  /** whether its signature is good; if it has no claims here, the server has to be asked too */
  isSigned: boolean;
  /** the keys of which none signed it */
  tried: KeySet | undefined;
}

/** How a JWT is verified where a request for keys may be needed. */
export interface Search {
  tried: KeySet | undefined;
  required: Required;
  /** ms */
  timeout: number;
  signal: AbortSignal | undefined;
}

export function jwtVerifier(issuers: TrustedIssuer[], options: VerifierOptions) {
  const { typ, leeway, rules } = options;
  /** Whether tokens without an audience are introspected. */
  const introspects = rules.introspects;

  const verifiedJwts: LruMap<VerifiedJwt> = new LruMap(10_000, JWT_CACHE_BYTES);

  /** Returns the issuer that a JWT names. The core judges whether it is. */
  function issuerOf({ claims }: UnverifiedJwt): TrustedIssuer {
    if (issuers.length === 1) return issuers[0];
    const { iss, tid } = unverified(claims);
    const exact = issuers.find(({ issuer }) => issuer === iss);
    // By which the core says what is wrong with it, if it is nobody's.
    return exact ?? issuers.find(({ issuer }) => isOfTenant(issuer, iss, tid)) ?? issuers[0];
  }

  /**
   * Judges the claims of a JWT.
   *
   * @param first gives the judgement by all requirements
   * @returns `undefined` if the JWT names no audience, and the server has to be asked about it
   */
  function judge(
    { claims, header }: UnverifiedJwt,
    { issuer }: TrustedIssuer,
    required: Required,
    first = () => judgeClaims(claims, header, { issuer, required, leeway }),
  ): JudgedClaims | undefined {
    try {
      const judged = first();
      return introspects && !judged.namesAudience ? undefined : judged;
    } catch (error) {
      const isLack = error instanceof AuthError && !IDENTITY_ERRORS.includes(error.code);
      if (!introspects || !isLack) throw error;
      const { namesAudience } = judgeClaims(claims, header, { issuer, required, leeway }, true);
      if (namesAudience) throw error;
      return undefined;
    }
  }

  /** Accepts a JWT whose signature is good. */
  function accept(
    token: string,
    jwt: UnverifiedJwt,
    trusted: TrustedIssuer,
    key: VerifyingKey,
    required: Required,
    judged: () => JudgedClaims | undefined,
  ): Claims | undefined {
    refuseOtherTenants(jwt, key);
    const result = tellingWhose(judged, () => decodedClaims(jwt.claims), rules.roleClaim);
    if (!result) return undefined;

    const parsed = JSON.parse(result.claims);
    const claims: Claims & { exp: number } = deepFreeze(withScope(parsed, result.scope));
    const { isAtJwt } = jwt.header;
    const from = Date.now();
    const until = Math.min(claims.exp * 1000, from + JWT_CACHE_LIFETIME);
    const met = new Set<string>();
    remember(met, required);
    // A part of the copy, not of the request's header.
    const copy = ownCopy(token);
    const start = copy.indexOf(".") + 1;
    const encodedClaims = copy.slice(start, start + jwt.claims.length);
    const verified = { claims, encodedClaims, isAtJwt, from, until, trusted, key: key.text, met };
    verifiedJwts.set(copy, verified, 4 * encodedClaims.length);
    return claims;
  }

  /** Returns a JWT that was verified before, and is still good. */
  function knownJwt(token: string): VerifiedJwt | undefined {
    const jwt = verifiedJwts.get(token);
    if (!jwt) return undefined;
    const now = Date.now();
    const isCurrent = jwt.from <= now && now < jwt.until;
    return isCurrent && jwt.trusted.keys.current()?.texts.has(jwt.key) ? jwt : undefined;
  }

  function authorize(jwt: VerifiedJwt, required: Required): Claims {
    const { claims, encodedClaims, met, trusted } = jwt;
    if (met.has(required.text)) return claims;
    const { issuer } = trusted;
    tellingWhose(
      () => judgeClaims(encodedClaims, jwt, { issuer, required, leeway }),
      () => claims,
      rules.roleClaim,
    );
    remember(met, required);
    return claims;
  }

  return {
    has: (token: string) => verifiedJwts.has(token),

    /**
     * Takes a token apart.
     *
     * @returns `undefined` for an opaque token
     */
    read: (token: string) => readToken(token, typ),

    /** Whether a token may be a JWT that names an audience, whoever signed it. */
    mayNameAudience(token: string): boolean {
      const { aud } = unverified(token.split(".", 2)[1]);
      return aud !== undefined && [aud].flat().length > 0;
    },

    known: knownJwt,
    authorize,

    /** Verifies a JWT by the keys that are there already. Makes no request. */
    async verifyByKnownKeys(
      token: string,
      jwt: UnverifiedJwt,
      required: Required,
    ): Promise<Verified | undefined> {
      const trusted = issuerOf(jwt);
      const set = trusted.keys.current();
      if (!set) return undefined;
      const fitting = fittingKeys(jwt.header.encoded, set);
      if (fitting.keys.length === 0) return undefined;

      const verifying = verifySignature(jwt, fitting.keys);
      // Runs meanwhile, since runtimes verify in another thread. If both fail, the signature's
      // error is reported.
      const { claims: encoded, header } = jwt;
      const ofTrusted = { issuer: trusted.issuer, required, leeway };
      const first = settled(() => judgeClaims(encoded, header, ofTrusted));
      const judged = () => judge(jwt, trusted, required, first);
      const key = await verifying;
      if (!key && !trusted.rotation.mayAsk(set)) throw badSignature(fitting);
      if (!key) return { claims: undefined, isSigned: false, tried: set };
      const claims = accept(token, jwt, trusted, key, required, judged);
      return { claims, isSigned: true, tried: undefined };
    },

    /**
     * Verifies a JWT, and asks for the keys of its issuer if needed.
     *
     * @returns `undefined` if the server has to be asked about it too
     */
    async verifyByAnyKey(
      token: string,
      jwt: UnverifiedJwt,
      search: Search,
    ): Promise<Claims | undefined> {
      const { required } = search;
      const trusted = issuerOf(jwt);
      if (verifiedJwts.has(token)) {
        await trusted.keys.get(search.timeout, search.signal);
        const known = knownJwt(token);
        if (known) return authorize(known, required);
      }
      const judged = () => judge(jwt, trusted, required);
      const key = await signingKey(jwt, { ...trusted, ...search, judge: judged });
      return accept(token, jwt, trusted, key, required, judged);
    },

    /** Verifies whose a JWT is, and no more: the server is asked about the rest. */
    async identify(jwt: UnverifiedJwt, search: Search): Promise<void> {
      const trusted = issuerOf(jwt);
      const { issuer } = trusted;
      const judged = () =>
        judgeClaims(jwt.claims, jwt.header, { issuer, required: search.required, leeway }, true);
      const key = await signingKey(jwt, { ...trusted, ...search, judge: judged });
      refuseOtherTenants(jwt, key);
      tellingWhose(judged, () => decodedClaims(jwt.claims), rules.roleClaim);
    },
  };
}

/** The errors that say that a JWT is not the issuer's access token, or not now. */
const IDENTITY_ERRORS = ["token_invalid", "token_expired"];

/**
 * Refuses a token by a key that is another tenant's. Entra's keys name their issuer, most with
 * `{tenantid}` in it.
 *
 * @throws {AuthError} `token_invalid`
 */
function refuseOtherTenants({ claims }: UnverifiedJwt, { issuer }: VerifyingKey): void {
  if (!issuer?.startsWith("https://") || issuer.includes(TENANT)) return;
  if (issuer === unverified(claims).iss) return;
  throw rejected(
    "token_invalid",
    "the token is signed by a key of another tenant",
    "the caller must get a token from its tenant",
  );
}

/** Whether `iss` is an issuer with the tenant in its place. The core compares them again. */
function isOfTenant(issuer: string, iss: unknown, tid: unknown): boolean {
  if (typeof iss !== "string" || typeof tid !== "string") return false;
  // First, since anybody chooses how long they are.
  const isAsLong = iss.length === issuer.length - TENANT.length + tid.length;
  return isAsLong && issuer.replace(TENANT, () => tid) === iss;
}

/** The claims of a JWT before they are judged; none if they are not readable. */
function unverified(claims: string): Record<string, unknown> {
  try {
    return Object(decodedClaims(claims));
  } catch {
    return {};
  }
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
