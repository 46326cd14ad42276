// @ts-check
// One cold start, in a process of its own: from before the import to the first request, which the
// named client gives to its `fetch`.
import { CLIENT, ENDPOINT, SCOPE } from "../support/stub.js";

const [, , client] = process.argv;
// Node loads what `fetch` needs when it is first touched; whoever sends the request pays for that,
// whatever built it.
new Headers();

const started = performance.now();
const { getToken } = await import(`./${client}.js`);
/** @type {import("../support/stub.js").Fetch} */
const fetch = (url, init) => {
  const time = performance.now() - started;
  const { method, headers, body } = init ?? {};
  const entries = Object.fromEntries(new Headers(headers));
  const request = { url: String(url), method, headers: entries, body: String(body) };
  console.log(JSON.stringify({ time, request }));
  // No answer: the request is all that is wanted. A source's timers would keep the process.
  process.exit();
};
await getToken({ ...CLIENT, tokenEndpoint: ENDPOINT, scope: SCOPE }, fetch);
