// @ts-check
import { tokenSource } from "edge-credentials";

/** @param {import("edge-credentials").SecretSourceOptions} options */
export function build(options) {
  return new Promise((built, reject) => {
    /** @type {(url: any, init?: RequestInit) => Promise<Response>} */
    async function fetch(url, init) {
      built({ ...init, url });
      // Later, since making a `Response` loads much in Node; a refusal, since it ends the call and
      // its timers.
      await new Promise((done) => setTimeout(done));
      return new Response('{"error":"invalid_client"}', { status: 401 });
    }
    tokenSource({ ...options, fetch })
      .get()
      .catch(reject);
  });
}
