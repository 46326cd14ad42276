// @ts-check
// The Worker of `npm start`, on a port of this machine: worker.js, but for requests that a foreign
// page could make. It is nothing to copy: worker.js is, which is to answer by its own name.
import { isLoopback } from "./api.js";
import worker from "../worker.js";

export default {
  /** @type {(request: Request) => Promise<Response>} */
  async fetch(request) {
    // A page whose name was made to mean this machine must not get in by that name.
    if (!isLoopback(request.url))
      return new Response("this Worker answers only to names of this machine\n", { status: 421 });
    const origin = request.headers.get("origin");
    if (origin !== null && !isLoopback(origin))
      return new Response("this Worker answers only pages of this machine\n", { status: 403 });
    return worker.fetch(request);
  },
};
