// Whether the issuer can be reached and names itself as it is written.
import { AuthError, buildMetadataRequest, parseMetadataResponse } from "edge-credentials";
import type { RequestData, WellKnown } from "edge-credentials";
import { ok } from "../check.js";
import type { Check, Examination, Finding } from "../check.js";
import { productOf } from "../product.js";
import { unreachable } from "../unreachable.js";

/** How long the server may take, ms. */
const TIMEOUT = 10_000;

export const issuer: Check = {
  name: "issuer",
  needs: ["variables"],
  async run(examination) {
    const issuer = examination.settings.issuer ?? "";
    try {
      return await discover(issuer, "openid-configuration", examination);
    } catch (error) {
      if (!(error instanceof AuthError && error.code === "endpoint_not_found")) throw error;
      return discover(issuer, "oauth-authorization-server", examination);
    }
  },
};

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
