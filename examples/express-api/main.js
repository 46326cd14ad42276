// An API that takes access tokens, with Express.
import { tokenVerifier } from "edge-credentials";
import express from "express";

const { ISSUER, AUDIENCE, PROJECT_ID, API_CLIENT_ID, API_CLIENT_SECRET, PORT } = process.env;

const verifier = tokenVerifier({
  issuer: ISSUER,
  audience: AUDIENCE,
  projectId: PROJECT_ID,
  introspection: { clientId: API_CLIENT_ID, clientSecret: API_CLIENT_SECRET },
  onEvent: (event) => console.log(JSON.stringify(event)),
});

/** Accepts requests whose token meets the requirements; `req.claims` are what it says. */
function bearerAuth(requirements) {
  return async (req, res, next) => {
    try {
      req.claims = await verifier.verify(req, requirements);
    } catch (error) {
      const { status, headers } = verifier.challenge(error);
      if (status >= 500) console.error(error);
      res.status(status).set(Object.fromEntries(headers)).end();
      return;
    }
    next();
  };
}

const app = express();

app.get("/", (req, res) => {
  res.type("text").send("GET /things with a token\n");
});

// The role authorises. With ZITADEL neither the audience nor a scope does.
app.get("/things", bearerAuth({ role: "writer" }), (req, res) => {
  // `sub` identifies the caller; `client_id` does not.
  res.json({ things: ["a", "b"], caller: req.claims.sub });
});

// For no service user of the demo.
app.get("/admin", bearerAuth({ role: "admin" }), (req, res) => {
  res.type("text").send("hello, admin\n");
});

const server = app.listen(Number(PORT), "127.0.0.1", (error) => {
  if (error) throw error;
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
