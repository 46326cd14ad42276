// @ts-check
// One cold start, in a process of its own: from before the import to the first request, built by
// the client that is named.
import { CLIENT, ENDPOINT, SCOPE } from "../support/stub.js";

const [, , client] = process.argv;
// Node loads what `fetch` needs when it is first touched; whoever sends the request pays for that,
// whatever built it.
new Headers();
const started = performance.now();
const { build } = await import(`./${client}.js`);
const request = await build({ ...CLIENT, tokenEndpoint: ENDPOINT, scope: SCOPE });
console.log(JSON.stringify({ time: performance.now() - started, request }));
