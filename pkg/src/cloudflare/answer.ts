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
  const { token, error } = (isRecord(answer) ? answer : {}) as Answer;
  if (isRecord(error)) throw errorOf(error);
  if (!isRecord(token) || typeof token.accessToken !== "string") throw noBroker();

  const { accessToken, scope, extra, expiresIn } = token;
  return Response.json({
    ...(isRecord(extra) && extra),
    access_token: accessToken,
    token_type: "Bearer",
    ...(typeof scope === "string" && { scope }),
    ...(typeof expiresIn === "number" && { expires_in: Math.max(0, Math.floor(expiresIn / 1000)) }),
  });
}

/** The object's error, as an error of this isolate. */
function errorOf(details: Partial<AuthErrorDetails>): AuthError {
  const texts = [details.code, details.category, details.message, details.hint];
  if (!texts.every((text) => typeof text === "string")) throw noBroker();
  return new AuthError(details as AuthErrorDetails);
}

export function noBroker(): AuthError {
  return new AuthError({
    code: "endpoint_unsuitable",
    category: "misuse",
    message: "the object behind the binding is no token broker",
    hint: "its class has to be `class Tokens extends tokenBroker((env) => options) {}`",
  });
}
