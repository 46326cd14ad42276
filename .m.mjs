import "edge-credentials";
import { run, call, taken } from "./pkg/core.js";
import { readToken } from "./pkg/jwt-check.js";
import { frozen } from "./pkg/frozen.js";
import { within } from "./pkg/transport.js";
import { bearerToken, ownCopy } from "./pkg/bearer.js";
import { Bounded } from "./pkg/bounded.js";
import * as glue from "./pkg/wasm/glue.js";
const now = Math.floor(Date.now() / 1000);
const b = (x) => Buffer.from(typeof x === "string" ? x : JSON.stringify(x)).toString("base64url");
const N = 4000;
const tokens = Array.from({ length: N }, (_, i) => `${b({ alg: "RS256", kid: "317905284016505611", typ: "at+jwt" })}.${b({ sub: "317905284016374539" , client_id: "edge-worker", jti: "j" + i, scope: "openid profile", "urn:zitadel:iam:org:project:317905284016571148:roles": { writer: { "317905284016309003": "demo.localhost" } }, iss: "https://idp.example", aud: ["api", "317905284016571148"], iat: now, exp: now + 3600 })}.${Buffer.alloc(256, i).toString("base64url")}`);
const args = { issuer: "https://idp.example", audience: "api", leeway: 30000, now: Date.now() };
const text = JSON.stringify(args);
const payload = readToken(tokens[0], { issuer: "https://idp.example", audience: ["api"], leeway: 30000 }).verdict;
const map = new Bounded(10000, 8 << 20);
const enc = new TextEncoder(), dec = new TextDecoder();
const what = {
  empty: (t) => t.length,
  bearerToken: (t) => bearerToken(t),
  ownCopy: (t) => ownCopy(t),
  readToken: (t) => readToken(t, { issuer: "https://idp.example", audience: ["api"], leeway: 30000 }),
  judgeRaw: (t) => glue.judgeToken(enc.encode(t), "https://idp.example", "api", 30000, now * 1000),
  noop: (t) => glue.run("x", "{}", ""),
  noopToken: (t) => glue.run("x", "{}", t),
  parse: (t) => JSON.parse(payload),
  parseFrozen: (t) => frozen(JSON.parse(payload)),
  encode: (t) => new TextEncoder().encode(t),
  encode2: (t) => enc.encode(t),
  bounded: (t) => map.set(t, {}, 100),
  stringify: (t) => JSON.stringify({ toJSON: undefined, ...args }),
};
for (const [n, f] of Object.entries(what)) { let best = Infinity, all = []; for (let r = 0; r < 12; r++) { const u = process.cpuUsage(); for (const t of tokens) f(t); const w = process.cpuUsage(u); all.push((w.user + w.system) / N); } all.sort((a, b) => a - b); console.log(n.padEnd(16), all[0].toFixed(2), all[6].toFixed(2)); }
{ const all = []; for (let r = 0; r < 12; r++) { const u = process.cpuUsage(); for (const t of tokens) await within(1000, "x", async () => t); const w = process.cpuUsage(u); all.push((w.user + w.system) / N); } all.sort((a, b) => a - b); console.log("within".padEnd(16), all[0].toFixed(2), all[6].toFixed(2)); }
