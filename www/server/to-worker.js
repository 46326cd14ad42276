// @ts-check
// Hands a question of the test page's on to its Worker, when it is the page that asks: no other
// site may, by whatever means a browser gives it.

/** @typedef {{ url: string; pass: string }} PageWorker */
/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/**
 * @typedef {{
 *   status: number;
 *   type: string;
 *   content: string | Buffer;
 *   more?: Record<string, string>;
 * }} Answer
 */

export const WORKER_PATH = "/worker/";
/** In bytes: a token of 16 KiB, credentials and addresses. */
const LARGEST = 65_536;

/** @type {(request: IncomingMessage, worker: PageWorker | undefined) => Promise<Answer>} */
export async function toWorker(request, worker) {
  const { headers, url = "" } = request;
  if (!worker) return say(404, "this page has no Worker");

  const site = headers["sec-fetch-site"];
  if (headers.origin !== `http://${headers.host}` || (site !== undefined && site !== "same-origin"))
    return say(403, "only this page asks its Worker");
  if (!/^application\/json *(;|$)/i.test(headers["content-type"] ?? ""))
    return say(415, "a question is JSON");

  const body = await read(request);
  if (!body) return say(413, `a question has at most ${LARGEST} bytes`);

  const name = encodeURIComponent(url.slice(WORKER_PATH.length));
  const answer = await fetch(`${worker.url}/${name}`, {
    method: "POST",
    headers: { "x-pass": worker.pass },
    body: new Uint8Array(body),
  });
  return {
    status: answer.status,
    type: answer.headers.get("content-type") ?? "text/plain; charset=utf-8",
    content: Buffer.from(await answer.arrayBuffer()),
  };
}

/** @type {(status: number, text: string) => Answer} */
function say(status, text) {
  return { status, type: "text/plain; charset=utf-8", content: `${text}\n` };
}

/** @type {(request: IncomingMessage) => Promise<Buffer | undefined>} */
async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
