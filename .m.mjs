import "edge-credentials";
import { readToken, judgeClaims } from "./pkg/jwt-check.js";
import { frozen } from "./pkg/frozen.js";
import * as glue from "./pkg/wasm/glue.js";
const now = Math.floor(Date.now() / 1000);
const b = (x) => Buffer.from(typeof x === "string" ? x : JSON.stringify(x)).toString("base64url");
const N = 1000;
const tokens = Array.from({ length: N }, (_, i) => `${b({ alg: "RS256", kid: "317905284016505611", typ: "at+jwt" })}.${b({ sub: "317905284016374539" , client_id: "edge-worker", jti: "j" + i, scope: "openid profile", "urn:zitadel:iam:org:project:317905284016571148:roles": { writer: { "317905284016309003": "demo.localhost" } }, iss: "https://idp.example", aud: ["api", "317905284016571148"], iat: now, exp: now + 3600 })}.${Buffer.alloc(256, i).toString("base64url")}`);
const enc = new TextEncoder();
const rules = { issuer: "https://idp.example", audience: ["api"], leeway: 30000 };
const jwts = tokens.map((t) => readToken(t));
console.log(jwts[0], judgeClaims(jwts[0], rules));
const what = {
  encode: (t) => enc.encode(t),
  readRaw: (t) => glue.readJwt(enc.encode(t)),
  readToken: (t) => readToken(t),
  judge: (t, i) => judgeClaims(jwts[i], rules),
  noop: (t) => glue.run("x", "{}", ""),
};
for (const [n, f] of Object.entries(what)) { let all = []; for (let r = 0; r < 80; r++) { const u = process.cpuUsage(); tokens.forEach(f); const w = process.cpuUsage(u); all.push((w.user + w.system) / N); } all.sort((a, b) => a - b); console.log(n.padEnd(16), all[2].toFixed(2), all[40].toFixed(2)); }
