// Whether your API would take the token: runs the verifier.
import { AuthError, tokenVerifier, zitadel } from "edge-credentials";
import type { TokenVerifierOptions } from "edge-credentials";
import { failure, mistake, ok, skipped, warning } from "../check.js";
import type { Check, Claims, Examination, Finding } from "../check.js";
import { productOf } from "../product.js";
import { shownList } from "../server-text.js";
import { shapeOf } from "../shape.js";
import { askedScopes, secretsOf } from "../settings.js";
import type { Settings } from "../settings.js";

const CLIENT = { clientId: "API_CLIENT_ID", clientSecret: "API_CLIENT_SECRET" };

export const api: Check = {
  name: "api",
  needs: ["token"],
  async run(examination) {
    const { settings, token } = examination;
    const { audience, projectId, apiClientId, apiClientSecret } = settings;
    if ((audience ?? projectId) === undefined) {
      return skipped("set AUDIENCE, at ZITADEL PROJECT_ID, to check what your API would say");
    }
    if ((apiClientId === undefined) !== (apiClientSecret === undefined)) {
      const [missing, given] = apiClientId === undefined ? ["ID", "SECRET"] : ["SECRET", "ID"];
      return mistake(`API_CLIENT_${given} is set, API_CLIENT_${missing} is not`, "set both");
    }

    const shape = apiClientSecret && shapeOf("API_CLIENT_SECRET", apiClientSecret, examination);
    if (shape && shape.status === "fail") return shape;

    try {
      const claims = await tokenVerifier(optionsOf(examination)).verify(token?.text ?? "");
      return judge(claims, examination);
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      return explain(error, examination);
    }
  },
};

function optionsOf({ settings, role }: Examination): TokenVerifierOptions {
  const { issuer = "", audience, projectId, apiClientId, apiClientSecret } = settings;
  return {
    issuer,
    audience: audience ?? projectId ?? "",
    ...(projectId !== undefined && { projectId }),
    // A role of a project is judged afterwards, since the claims say what the token has instead.
    ...(role !== undefined && projectId === undefined && { role }),
    ...(apiClientId !== undefined &&
      apiClientSecret !== undefined && {
        introspection: { clientId: apiClientId, clientSecret: apiClientSecret },
      }),
  };
}

/** The token is taken. Whether it opens anything is another matter. */
function judge(claims: Claims, examination: Examination): Finding {
  const { settings, token, metadata, role } = examination;
  const by = token?.text.split(".").length === 3 ? "its signature" : "introspection";
  const { projectId } = settings;
  if (projectId === undefined) {
    if (productOf(metadata) !== "ZITADEL") return ok(`your API would take it, by ${by}`);
    return warning(
      `your API would take it, by ${by}; no role is checked, and any service user gets this far`,
      "set PROJECT_ID, and let your API require a role",
    );
  }

  const roles = Object.keys(zitadel.roles(claims, projectId));
  if (role === undefined && roles.length === 0) return withoutRole(settings, claims);
  if (role !== undefined && !roles.includes(role)) {
    return withoutRole(settings, claims, `the role "${role}"`);
  }
  const names = shownList(roles, [...secretsOf(settings), token?.text ?? ""]);
  return ok(`your API would take it, by ${by}; roles: ${names}`);
}

function withoutRole(settings: Settings, claims: Claims, role = "any role"): Finding {
  const finding = {
    status: "fail",
    code: "role_insufficient",
    category: "rejected",
  } as const;
  if (projectsIn(claims).some((project) => project !== settings.projectId)) {
    return {
      ...finding,
      message: `the token lacks ${role} in the project PROJECT_ID; it has roles in another one`,
      fix: "see that PROJECT_ID is the id of the API's project",
    };
  }
  const asked = askedScopes(settings);
  const isAsked = [zitadel.scopes.roles(), "urn:zitadel:iam:org:project:role:"].some((scope) =>
    asked.some((one) => one.startsWith(scope)),
  );
  return {
    ...finding,
    message: `the token lacks ${role} in the project PROJECT_ID`,
    fix: isAsked
      ? "grant the service user the role: in the console, in the project, under Authorizations"
      : `add ${zitadel.scopes.roles()} to SCOPE, and grant the service user the role`,
  };
}

/** The projects whose roles the token has. */
function projectsIn(claims: Claims): string[] {
  return Object.keys(claims).flatMap(
    (name) => /^urn:zitadel:iam:org:project:(\d+):roles$/.exec(name)?.[1] ?? [],
  );
}

function explain(error: AuthError, examination: Examination): Finding {
  const { settings } = examination;
  switch (error.code) {
    case "audience_refused":
    case "token_inactive":
      return explainAudience(error, examination);
    case "token_invalid":
      return failure(error, settings.apiClientId === undefined ? INTROSPECT : error.hint);
    case "credentials_refused": {
      const finding = failure(error, CLIENT_FIX, CLIENT);
      return { ...finding, message: `introspection by API_CLIENT_ID: ${finding.message}` };
    }
    default:
      return failure(error, error.hint, CLIENT);
  }
}

const INTROSPECT =
  "set API_CLIENT_ID and API_CLIENT_SECRET (at ZITADEL of an application of type API), so that " +
  "the API can ask about opaque tokens; or let the server give this client JWTs";

const AUDIENCE_SCOPE = /^urn:zitadel:iam:org:project:id:(\d+):aud$/;

const CLIENT_FIX =
  "set API_CLIENT_ID and API_CLIENT_SECRET to those of the API itself (at ZITADEL of an " +
  "application of type API in the project), not to the service user's";

function explainAudience(error: AuthError, { settings, metadata }: Examination): Finding {
  const { audience, projectId } = settings;
  const isInactive = error.code === "token_inactive";
  const because = (cause: string, fix: string): Finding => {
    const finding = failure(error, fix);
    return {
      ...finding,
      message: `${finding.message}; the likely cause: ${cause}`,
      fault: "misuse",
    };
  };
  const product = productOf(metadata);
  if (product === "Keycloak") {
    const wanted = isInactive ? "API_CLIENT_ID" : "AUDIENCE";
    const fix = `give the client an audience mapper, by a client scope, that adds ${wanted} to \`aud\``;
    return because(`the client has no audience mapper for ${wanted}`, fix);
  }
  if (product !== "ZITADEL") return failure(error);

  const project = projectId ?? audience ?? "";
  const scope = /^\d+$/.test(project) ? zitadel.scopes.audience(project) : undefined;
  const others = askedScopes(settings).flatMap((one) => AUDIENCE_SCOPE.exec(one)?.[1] ?? []);
  if (scope && others.length > 0 && !others.includes(project)) {
    const name = projectId === undefined ? "AUDIENCE" : "PROJECT_ID";
    return because(
      `SCOPE asks for the project ${others.slice(0, 3).join(", ")}, and ${name} is ${project}`,
      `see which of them is the API's project, and set ${name} or SCOPE to it`,
    );
  }
  if (scope && !askedScopes(settings).includes(scope)) {
    return because("SCOPE asks for a token for other projects, or none", `add ${scope} to SCOPE`);
  }
  if (!isInactive) return failure(error);
  return because(
    "API_CLIENT_ID is of another project, or the service user was deactivated",
    "take API_CLIENT_ID from an application of the project; see that the user is active",
  );
}
