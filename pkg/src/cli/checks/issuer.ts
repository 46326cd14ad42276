// Whether the issuer can be reached and names itself as it is written.
import { AuthError, buildMetadataRequest, parseMetadataResponse } from "edge-credentials";
import type { RequestData, WellKnown } from "edge-credentials";
import { ok } from "../check.js";
import type { Check, Examination, Finding } from "../check.js";
import { productOf } from "../product.js";
import { unreachable } from "../unreachable.js";

/** How long the server may take, ms. */
const TIMEOUT = 10_000;

/** In the order in which the package asks them. ZITADEL has the first. */
const WELL_KNOWN: WellKnown[] = [
  "openid-configuration",
  "oauth-authorization-server",
  "oauth-authorization-server-appended",
];

export const issuer: Check = {
  name: "issuer",
  needs: ["variables"],
  async run(examination) {
    const issuer = examination.settings.issuer ?? "";
    const errors: AuthError[] = [];
    for (const wellKnown of WELL_KNOWN) {
      try {
        return await discover(issuer, wellKnown, examination);
      } catch (error) {
        if (!isElsewhere(error)) throw error;
        errors.push(error);
      }
    }
    throw errors[0];
  },
};

/** Whether an answer may mean that the metadata are at another address. */
function isElsewhere(error: unknown): error is AuthError {
  if (!(error instanceof AuthError) || error.status === undefined) return false;
  const { code, status } = error;
  return (status >= 300 && status <= 406) || code === "response_not_json";
}

async function discover(
  issuer: string,
  wellKnown: WellKnown,
  examination: Examination,
): Promise<Finding> {
  // First: it refuses an issuer that could hold a password.
  const request = buildMetadataRequest({ issuer, wellKnown });
  let answer;
  try {
    answer = await ask(request);
  } catch (error) {
    return unreachable("ISSUER", new URL(issuer).origin, error);
  }

  const { response, clock } = answer;
  examination.clock = clock;
  examination.metadata = parseMetadataResponse(response, { issuer });
  const product = productOf(examination.metadata);
  const words = product ? `; its paths are ${product}'s` : "";
  return ok(`${issuer} answers and names itself so${words}`);
}

async function ask({ url, ...init }: RequestData) {
  const sentAt = Date.now();
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT) });
  const ours = (sentAt + Date.now()) / 2;
  const { status, headers } = response;
  const date = Date.parse(headers.get("date") ?? "");
  return {
    response: { status, headers, body: await response.text() },
    clock: { ours, theirs: Number.isNaN(date) ? undefined : date },
  };
}
