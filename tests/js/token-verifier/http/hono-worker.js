// @ts-check
// A Worker with Hono, as a reader would write it: options out of the bindings, which here are known
// in a request only.
import { Hono } from "hono";
import { bearerAuth } from "edge-credentials/hono";

/**
 * @typedef {{
 *   Bindings: { ISSUER: string; AUDIENCE: string; CLIENT_ID: string; CLIENT_SECRET: string };
 * }} Env
 */

/** @type {Hono<Env>} */
const app = new Hono();
const auth = bearerAuth(({ env }) => ({
  issuer: env.ISSUER,
  audience: env.AUDIENCE,
  introspection: { clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET },
}));
app.get("/open", (c) => c.text("open"));
app.get("/protected", auth, (c) => c.json({ sub: c.get("claims").sub }));
export default app;
