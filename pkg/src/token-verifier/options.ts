// The options of a token verifier: what is checked beyond their kinds.
import { tokenVerifierOptionsKinds } from "../core/calls.js";
import type {
  CheckedIntrospectionClient,
  CheckedTokenVerifierOptions,
  TokenVerifierOptions,
} from "../core/calls.js";
import { checkerOf, hasOption } from "../core/check.js";
import { invalidOption } from "../core/guard-reads.js";
import { AUDIENCE_HINT, requirementsOf } from "./requirements.js";
import type { Required, VerifierRules } from "./requirements.js";

/** The default of `timeout`, ms. */
const TIMEOUT = 20_000;

/** The default of `leeway`, ms. */
const LEEWAY = 30_000;

/** The largest `leeway`, ms. */
const MAX_LEEWAY = 300_000;

/** The default of `maxTokenLength`, in characters. */
const MAX_TOKEN_LENGTH = 65_536;

/** Stands for the token's `tid` in the issuer of Entra's many tenants. */
export const TENANT = "{tenantid}";

/** ZITADEL's ids, also the older ones of clients: digits, an `@` and the project's name. */
const ZITADEL_ID = /^\d{15,20}(?:@[^@]+)?$/;

/** The checked options, with their defaults. */
export interface VerifierOptions extends Omit<
  CheckedTokenVerifierOptions,
  "audience" | "clientId" | "scope" | "role" | "claims" | "tenants" | "roleClaim" | "projectId"
> {
  leeway: number;
  timeout: number;
  maxTokenLength: number;
  insecureHttp: boolean;
  /** what every token must have */
  required: Required;
  rules: VerifierRules;
  /** who introspects tokens, if any are introspected */
  client: CheckedIntrospectionClient | undefined;
}

const check = checkerOf<CheckedTokenVerifierOptions>("tokenVerifier", tokenVerifierOptionsKinds);

/**
 * Checks the options of `tokenVerifier` and returns them with their defaults.
 *
 * @throws {AuthError} `option_invalid`
 */
export function checkVerifierOptions(options: TokenVerifierOptions): VerifierOptions {
  const isGiven = (name: string) => hasOption(options, name);
  if (isGiven("issuer") && !isGiven("audience") && !isGiven("clientId")) {
    throw invalidOption("`audience` is missing", AUDIENCE_HINT);
  }
  const all = check(options);
  const { audience, clientId, scope, role, claims, tenants, roleClaim, projectId, ...checked } =
    all;
  const { timeout = TIMEOUT, leeway = LEEWAY, insecureHttp = false } = checked;
  const { maxTokenLength = MAX_TOKEN_LENGTH } = checked;
  const issuer = [...new Set(checked.issuer)];
  checkValues({ ...checked, projectId, leeway });
  checkIssuers({ ...checked, issuer, tenants });
  checkIntrospection(checked);
  for (const [name, texts] of Object.entries({ clientId, roleClaim, tenants })) {
    checkNames(name, texts);
  }
  if (roleClaim && projectId !== undefined) {
    throw invalidOption(
      "`projectId` and `roleClaim` are given",
      "`roleClaim` replaces ZITADEL's roles: leave one out",
    );
  }

  const client = checked.accept === "jwt" ? undefined : checked.introspection;
  const rules = {
    projectId,
    roleClaim: roleClaim ?? [],
    clientId: clientId ?? [],
    tenants: tenants ?? [],
    isZitadel: isZitadel(issuer, [projectId ?? "", ...(audience ?? [])]),
    introspects: client !== undefined,
  };
  const required = requirementsOf({ audience, scope, role, claims }, rules);
  return {
    ...checked,
    issuer,
    timeout,
    leeway,
    maxTokenLength,
    insecureHttp,
    required,
    rules,
    client,
  };
}

/** Whether the options say so: hints speak of a product only where it is known. */
function isZitadel(issuers: string[], ids: string[]): boolean {
  return ids.some((id) => ZITADEL_ID.test(id)) || issuers.some((issuer) => /zitadel/i.test(issuer));
}

type Values = Pick<CheckedTokenVerifierOptions, "accept" | "typ" | "projectId"> & {
  leeway: number;
};

function checkValues({ accept, typ, projectId, leeway }: Values): void {
  if (accept !== undefined && accept !== "jwt" && accept !== "opaque") {
    throw invalidOption("`accept` is neither `jwt` nor `opaque`", "leave it out to take both");
  }
  if (typ !== undefined && typ !== "at+jwt") {
    throw invalidOption(
      "`typ` is not `at+jwt`",
      "leave it out to take JWTs whose `typ` is `JWT` or missing too",
    );
  }
  if (projectId === "") {
    throw invalidOption("`projectId` is empty", "write the id of the project whose roles count");
  }
  if (leeway > MAX_LEEWAY) {
    throw invalidOption(
      "`leeway` is more than five minutes",
      "it is in milliseconds; leave it out for 30 seconds",
    );
  }
}

type IntrospectionOptions = Pick<
  CheckedTokenVerifierOptions,
  "accept" | "introspection" | "introspectionEndpoint"
>;

function checkIntrospection(options: IntrospectionOptions): void {
  const { accept, introspection, introspectionEndpoint } = options;
  if (introspection) return;
  const hint =
    "say who asks about tokens: a client id and a secret, a key, an access token, or " +
    '`{ clientAuth: "none" }`; with ZITADEL an application of type API';
  if (accept === "opaque") throw invalidOption("`introspection` is missing", hint);
  if (introspectionEndpoint === undefined) return;
  throw invalidOption("`introspectionEndpoint` is given without `introspection`", hint);
}

type IssuerOptions = Pick<
  CheckedTokenVerifierOptions,
  "issuer" | "tenants" | "jwks" | "jwksUri" | "introspection" | "introspectionEndpoint"
>;

function checkIssuers({ issuer, tenants, ...rest }: IssuerOptions): void {
  if (issuer.length === 0) {
    throw invalidOption("`issuer` is empty", "name whose tokens are accepted");
  }
  if (rest.jwks !== undefined && rest.jwksUri !== undefined) {
    throw invalidOption("`jwks` and `jwksUri` are given", "the keys are the one or at the other");
  }
  const hasTenants = issuer.some((one) => one.includes(TENANT));
  const asked = ["introspection", "introspectionEndpoint"] as const;
  // Tenants share their keys.
  const ofOne = issuer.length > 1 ? ([...asked, "jwks", "jwksUri"] as const) : asked;
  const given = ofOne.find((name) => rest[name] !== undefined);
  if (given && (issuer.length > 1 || hasTenants)) {
    throw invalidOption(
      `\`${given}\` is given, and several issuers or tenants`,
      "it is one issuer's: make a verifier for each",
    );
  }
  if (hasTenants && !tenants) {
    throw invalidOption(
      "`tenants` is missing",
      'name those whose tokens are accepted, or write `"any"`',
    );
  }
  if (tenants && !hasTenants) {
    throw invalidOption(
      "`tenants` is given, and no issuer has tenants",
      `Entra's is \`https://login.microsoftonline.com/${TENANT}/v2.0\``,
    );
  }
}

function checkNames(name: string, texts: string[] | undefined): void {
  if (texts === undefined || (texts.length > 0 && !texts.includes(""))) return;
  throw invalidOption(`\`${name}\` is empty, or holds an empty text`, "write it, or leave it out");
}
