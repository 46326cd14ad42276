// Calls the API.
import { tokenSource, zitadel } from "edge-credentials";
import type { ErrorCategory } from "edge-credentials";
import { mistake, ok, skipped } from "../check.js";
import type { Check, Examination, Finding } from "../check.js";
import { productOf } from "../product.js";
import { shown } from "../server-text.js";
import { askedScopes, secretsOf } from "../settings.js";
import { unreachable } from "../unreachable.js";

/** How long the API may take, ms. */
const TIMEOUT = 20_000;

export const call: Check = {
  name: "call",
  needs: ["token"],
  async run(examination) {
    const { settings, token } = examination;
    const { apiUrl } = settings;
    if (apiUrl === undefined) return skipped("API_URL is not set");
    if (!URL.canParse(apiUrl)) {
      return mistake("API_URL is no absolute address", "write it as https://host/path");
    }

    const { origin } = new URL(apiUrl);
    const accessToken = token?.text ?? "";
    const source = tokenSource({ accessToken, allowedOrigins: [origin] });
    let response;
    try {
      response = await source.fetch(apiUrl, { signal: AbortSignal.timeout(TIMEOUT) });
    } catch (error) {
      if (error instanceof TypeError || error instanceof DOMException) {
        return unreachable("API_URL", origin, error);
      }
      throw error;
    }
    await response.body?.cancel();
    return response.ok ? ok(`API_URL answers ${response.status}`) : refused(response, examination);
  },
};

function refused({ status, headers }: Response, examination: Examination): Finding {
  const { settings, token } = examination;
  const secrets = [...secretsOf(settings), token?.text ?? ""];
  const challenge = headers.get("www-authenticate");
  const words = challenge === null ? "" : `: ${shown(challenge, secrets)}`;
  return {
    status: "fail",
    message: `API_URL answers ${status}${words}`,
    fix: fixOf(status, examination),
    category: categoryOf(status),
  };
}

function categoryOf(status: number): ErrorCategory {
  if (status === 401 || status === 403) return "rejected";
  // A 500 is what the API's own mistakes get; nobody is overloaded.
  if (status === 500) return "misuse";
  return status > 500 || status === 429 ? "unavailable" : "misuse";
}

function fixOf(status: number, { settings, metadata }: Examination): string {
  const { issuer = "", apiUrl = "" } = settings;
  const isZitadels =
    productOf(metadata) === "ZITADEL" && new URL(apiUrl).origin === new URL(issuer).origin;
  const scope = zitadel.scopes.api();
  if (isZitadels && [401, 403].includes(status) && !askedScopes(settings).includes(scope)) {
    return `add ${scope} to SCOPE`;
  }
  if (isZitadels && [403, 404].includes(status)) {
    return "correct the path, or make the service user a manager of what it calls";
  }
  const addApi =
    settings.audience === undefined && settings.projectId === undefined
      ? "; or check the API's settings too, by `--env-file` with its file"
      : "";
  if (status === 401 || status === 403) {
    return `see the API's log for why it refuses the token${addApi}`;
  }
  if (status >= 300 && status < 400) return "set API_URL to where it redirects";
  if (status === 500) {
    return `see the API's log: its issuer, or its client for introspection, may be wrong${addApi}`;
  }
  return status >= 500 ? "see the API's log" : "correct API_URL: it is called by GET";
}
