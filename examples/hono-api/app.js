// An API that takes access tokens. It runs wherever Hono does.
import { tokenVerifier } from "edge-credentials";
import { bearerAuth } from "edge-credentials/hono";
import { Hono } from "hono";

const { ISSUER, AUDIENCE, PROJECT_ID, API_CLIENT_ID, API_CLIENT_SECRET } = process.env;

const verifier = tokenVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  projectId: PROJECT_ID,
  introspection: { clientId: API_CLIENT_ID, clientSecret: API_CLIENT_SECRET },
  onEvent: (event) => console.log(JSON.stringify(event)),
});

export const app = new Hono();

app.get("/", (c) => c.text("GET /things with a token\n"));

// The role authorises. With ZITADEL neither the audience nor a scope does.
app.get("/things", bearerAuth(verifier, { role: "writer" }), (c) =>
  // `sub` identifies the caller; `client_id` does not.
  c.json({ things: ["a", "b"], caller: c.get("claims").sub }),
);

// For no service user of the demo.
app.get("/admin", bearerAuth(verifier, { role: "admin" }), (c) => c.text("hello, admin\n"));
