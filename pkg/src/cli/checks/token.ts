// Gets a token, and says what it is.
import { AuthError, timeLeft, tokenSource, zitadel } from "edge-credentials";
import type { Token, TokenSourceOptions } from "edge-credentials";
import { failure, ok } from "../check.js";
import type { Check, Claims, Examination, Finding, Suspicion } from "../check.js";
import { duration } from "../duration.js";
import { productOf } from "../product.js";
import { meaningOf } from "../server-words.js";
import { shown, shownList } from "../server-text.js";
import { askedScopes, secretsOf, sourceOptions } from "../settings.js";
import { isChangedByBasic } from "../shape.js";

/** The errors that a wrong id, secret, key or clock leads to. */
const REFUSALS = ["credentials_refused", "grant_refused", "request_refused", "server_failed"];

export const token: Check = {
  name: "token",
  needs: ["variables", "issuer", "secret", "client id", "key file"],
  async run(examination) {
    const options = sourceOptions(examination.settings);
    try {
      const token = await tokenSource(options).get();
      const claims = claimsOf(token.accessToken);
      examination.token = { text: token.accessToken, scope: token.scope, claims };
      return ok(describe(token, claims, secretsOf(examination.settings)));
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      return explain(error, options, examination);
    }
  },
};

async function explain(
  error: AuthError,
  options: TokenSourceOptions,
  examination: Examination,
): Promise<Finding> {
  if (!REFUSALS.includes(error.code)) return failure(error);
  if (await isTakenInTheForm(error, options, examination)) {
    const finding = failure(error, 'set `clientAuth: "client_secret_post"` in tokenSource');
    const cause = "the server does not decode Basic, which encodes the id or the secret";
    return { ...finding, message: `${finding.message}; the cause: ${cause}` };
  }

  const meaning = meaningOf(error);
  const suspected = suspicionsOf(examination);
  const suspicions = suspected.length === 0 && meaning ? [meaning] : suspected;
  if (suspicions.length === 0) return failure(error);
  const finding = failure(error, suspicions.map(({ fix }) => fix).join("; "));
  const causes = suspicions.map(({ cause }) => cause).join("; ");
  const message = `${finding.message}; the likely cause: ${causes}`;
  return { ...finding, message, fault: "misuse" };
}

function suspicionsOf({ suspicions, settings, metadata }: Examination): Suspicion[] {
  const hasScope = askedScopes(settings).length > 0;
  if (hasScope || productOf(metadata) !== "ZITADEL") return suspicions;
  const fix = "set SCOPE to openid, or more";
  return [...suspicions, { cause: "SCOPE is empty, and ZITADEL requires a scope", fix }];
}

/** Whether the same secret is taken outside of a Basic header. */
async function isTakenInTheForm(
  { code }: AuthError,
  options: TokenSourceOptions,
  { settings }: Examination,
): Promise<boolean> {
  const { clientId = "", clientSecret } = settings;
  if (code !== "credentials_refused" || clientSecret === undefined) return false;
  if (!isChangedByBasic(clientId + clientSecret)) return false;
  try {
    const clientAuth = "client_secret_post";
    await tokenSource({ ...options, clientAuth } as TokenSourceOptions).get();
    return true;
  } catch (error) {
    if (error instanceof AuthError) return false;
    throw error;
  }
}

function describe(token: Token, claims: Claims | undefined, secrets: string[]): string {
  const { accessToken } = token;
  const left = timeLeft(token);
  const life = left === Infinity ? "its end is not known" : `good for ${duration(left)}`;
  const parts = [`${kindOf(accessToken)}, ${accessToken.length} characters, ${life}`];
  if (claims) parts.push(describeClaims(claims, [...secrets, accessToken]));
  return parts.join("; ");
}

/** The form of a token. Five parts are an encrypted JWT. */
function kindOf(token: string): string {
  const parts = token.split(".").length;
  if (parts === 3) return "a JWT";
  return parts === 5 ? "an opaque token (JWE)" : "an opaque token";
}

function describeClaims(claims: Claims, secrets: string[]): string {
  const audiences = [claims.aud ?? []].flat();
  const named = audiences.length ? shownList(audiences, secrets) : "nobody";
  const roles = rolesOf(claims).map(([project, names]) => {
    const list = shownList(names, secrets);
    return `${list} in project ${shown(project, secrets)}`;
  });
  return `aud: ${named}; roles: ${roles.join(", ") || "none"}`;
}

/** ZITADEL's roles, by project. */
function rolesOf(claims: Claims): [project: string, roles: string[]][] {
  const projects = Object.keys(claims).flatMap(
    (name) => /^urn:zitadel:iam:org:project:([^:]+):roles$/.exec(name)?.[1] ?? [],
  );
  return projects.map((project) => [project, Object.keys(zitadel.roles(claims, project))]);
}

/** @returns `undefined` if it is no JWT */
function claimsOf(token: string): Claims | undefined {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1], "base64url").toString());
    return typeof claims === "object" && claims !== null ? (claims as Claims) : undefined;
  } catch {
    return undefined; // Three parts that are no JWT: the server's own affair.
  }
}
