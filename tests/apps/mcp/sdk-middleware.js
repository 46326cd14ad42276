// A server of the SDK's version 1, with the SDK's own middleware in front and a gate behind that.
import express from "express";
import {
  InsufficientScopeError,
  InvalidTokenError,
} from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { OAuthError, requireBearerAuth as requireBearerAuth2 } from "@modelcontextprotocol/server";
import { tokenVerifier } from "edge-credentials";
import { mcpGate } from "edge-credentials/mcp";

const RESOURCE = "https://mcp.example/mcp";

/** @returns what the middleware of version 1 and that of version 2 answer to a token */
export async function answers(options, tokens) {
  const verifier = tokenVerifier({ audience: RESOURCE, ...options });
  const errors = { invalid_token: InvalidTokenError, insufficient_scope: InsufficientScopeError };
  const one = mcpGate(verifier, {
    resource: RESOURCE,
    sdkError: (code, message) => new errors[code](message),
  });
  const two = mcpGate(verifier, {
    resource: RESOURCE,
    sdkError: (code, message) => new OAuthError(code, message),
  });
  const expectedResource = new URL(RESOURCE);
  const app = express();
  app.get("/", requireBearerAuth({ verifier: one, expectedResource }), ({ auth }, response) => {
    response.json(auth);
  });
  const server = app.listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const middleware = requireBearerAuth2({ verifier: two, expectedResource });
  try {
    const result = [];
    for (const token of tokens) {
      const headers = { authorization: `Bearer ${token}` };
      const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers });
      const answer2 = await middleware(new Request(RESOURCE, { headers }));
      const clientId = answer.ok ? (await answer.json()).clientId : undefined;
      result.push([
        answer.status,
        clientId,
        answer2 instanceof Response ? answer2.status : answer2.clientId,
      ]);
    }
    return result;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
