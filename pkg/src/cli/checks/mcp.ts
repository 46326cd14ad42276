// Whether an MCP server may have the token, and takes it.
import { AuthError, tokenSource } from "edge-credentials";
import type { ErrorCategory } from "edge-credentials";
import { mcpAuth } from "edge-credentials/mcp";
import { failure, ok, warning } from "../check.js";
import type { Check, Examination, Finding } from "../check.js";
import { shown, shownList } from "../server-text.js";
import { askedScopes, secretsOf } from "../settings.js";
import { unreachable } from "../unreachable.js";

/** How long the server may take, ms. */
const TIMEOUT = 20_000;

/** The first message of a session (MCP's revisions up to 2025-11-25). */
const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "edge-credentials-doctor", version: "1" },
  },
};

export const mcp: Check = {
  name: "mcp",
  needs: ["issuer", "token"],
  async run(examination) {
    const { settings, token, mcp: url = "" } = examination;
    const source = tokenSource({ accessToken: token?.text ?? "" });
    let wanted: string[] = [];
    let accessToken: string;
    try {
      const { issuer } = settings;
      // Throws where the metadata do not permit it.
      accessToken = await mcpAuth(
        ({ scope }) => {
          wanted = scope.split(" ").filter(Boolean);
          return source;
        },
        { url, issuer },
      ).token();
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      return failure(error, error.hint, { url: "--mcp" });
    }

    let response;
    try {
      response = await fetch(url, {
        method: "POST",
        headers: {
          authorization: `Bearer ${accessToken}`,
          accept: "application/json, text/event-stream",
          "content-type": "application/json",
        },
        body: JSON.stringify(INITIALIZE),
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT),
      });
    } catch (error) {
      return unreachable("--mcp", new URL(url).origin, error);
    }
    await response.body?.cancel();
    const missing = wanted.filter((one) => !askedScopes(settings).includes(one));
    const secrets = [...secretsOf(settings), accessToken];
    const named = missing.length > 0 ? shownList(missing, secrets, " ") : undefined;
    return judge(response, named, examination);
  },
};

function judge(response: Response, missing: string | undefined, examination: Examination): Finding {
  const { status } = response;
  const fix = missing === undefined ? undefined : `add ${missing} to SCOPE, if you expect it`;
  if (![401, 403, 404, 405].includes(status) && status >= 200 && status < 500) {
    if (status >= 300 && status < 400) return refused(response, "misuse", REDIRECTS, examination);
    if (fix === undefined)
      return ok(`its metadata name ISSUER, and it takes the token (${status})`);
    return warning(`it takes the token (${status}), and names scopes that SCOPE lacks`, fix);
  }
  if (status === 401 || status === 403) {
    return refused(response, "rejected", fix ?? FIXES[status], examination);
  }
  const isDown = status >= 500;
  return refused(response, isDown ? "unavailable" : "misuse", isDown ? DOWN : WRONG, examination);
}

const REDIRECTS = "see that it redirects to your server, and pass that address";
const DOWN = "see the server's log";
const WRONG = "correct the address: MCP's streamable HTTP takes POST there";
const FIXES = {
  401: "let the server accept the token's `aud`: see the check `token`",
  403: "grant the role or the scope that the server requires: see its challenge and the check `token`",
};

function refused(
  { status, headers }: Response,
  category: ErrorCategory,
  fix: string,
  { settings, token }: Examination,
): Finding {
  const secrets = [...secretsOf(settings), token?.text ?? ""];
  const challenge = headers.get("www-authenticate");
  const words = challenge === null ? "" : `: ${shown(challenge, secrets)}`;
  return { status: "fail", message: `the server answers ${status}${words}`, fix, category };
}
