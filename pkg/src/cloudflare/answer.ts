// What the object answers. Workers and objects of other versions may read and write it: members are
// only added, and those that are not known are not read.
import { AuthError } from "edge-credentials";
import type { AuthErrorDetails, Token } from "edge-credentials";
import { isRecord } from "../core/values.js";

/** What a Worker asks. */
export interface Question {
  /** the token that the Worker has, which is to be replaced soon */
  held?: string | undefined;
  /** the token that was refused where it was used */
  refused?: string | undefined;
}

/** A token, or why there is none. */
export interface Answer {
  token?: {
    accessToken: string;
    scope: string | null;
    extra: Record<string, unknown>;
    /** ms, since the clocks of machines differ; `null` if the end is not known */
    expiresIn: number | null;
  };
  error?: AuthErrorDetails;
}

export function answerOf({ accessToken, scope, extra, expiresAt }: Token): Answer {
  const expiresIn = expiresAt === null ? null : expiresAt - Date.now();
  return { token: { accessToken, scope, extra: { ...extra }, expiresIn } };
}

/** @returns the token as a token endpoint gives it (RFC 6749 section 5.1) */
export function responseOf(answer: unknown): Response {
  const { token, error } = ownOf(answer);
  if (isRecord(error)) throw errorOf(ownOf(error));
  const { accessToken, scope, extra, expiresIn } = ownOf(token);
  if (typeof accessToken !== "string") throw noBroker();

  // Members of `extra` must not stand in for what the answer lacks.
  return Response.json({
    ...ownOf(extra),
    toJSON: undefined,
    access_token: accessToken,
    token_type: "Bearer",
    scope: typeof scope === "string" ? scope : undefined,
    expires_in:
      typeof expiresIn === "number" ? Math.max(0, Math.floor(expiresIn / 1000)) : undefined,
  });
}

/** The members of an object that are its own: a polluted prototype adds none. */
export function ownOf(value: unknown): Record<string, unknown> {
  return Object.assign(Object.create(null), isRecord(value) ? value : undefined);
}

const NAME = /^[a-z_]{1,40}$/;

/**
 * The object's error, as an error of this isolate: of its members those that are what they should
 * be.
 */
function errorOf(given: Record<string, unknown>): AuthError {
  const { code, category, message, hint, status, retryAt, cause } = given;
  const isNamed = [code, category].every((text) => typeof text === "string" && NAME.test(text));
  if (!isNamed || typeof message !== "string" || typeof hint !== "string") throw noBroker();
  const { error, errorDescription } = given;
  const { name, code: kind, reason } = ownOf(cause);
  return new AuthError({
    code,
    category,
    message,
    hint,
    retryable: given.retryable === true,
    ...(typeof error === "string" && { error }),
    ...(typeof errorDescription === "string" && { errorDescription }),
    ...(Number.isInteger(status) && { status }),
    ...(Number.isFinite(retryAt) && { retryAt }),
    ...(typeof name === "string" && {
      cause: {
        name,
        ...(typeof kind === "string" && { code: kind }),
        ...(typeof reason === "string" && { reason }),
      },
    }),
  } as AuthErrorDetails);
}

export function noBroker(): AuthError {
  return new AuthError({
    code: "endpoint_unsuitable",
    category: "misuse",
    message: "the object behind the binding is no token broker",
    hint: "its class has to be `class Tokens extends tokenBroker((env) => options) {}`",
  });
}
