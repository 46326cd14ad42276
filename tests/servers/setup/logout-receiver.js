// @ts-check
// An application's end of OpenID Connect's back-channel logout.
import { once } from "node:events";
import { createServer } from "node:http";

const TIMEOUT = 20_000;

export async function startLogoutReceiver() {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text) => (body += text));
    request.on("end", () => {
      server.emit("logout", new URLSearchParams(body).get("logout_token"));
      response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/logout`,
    /**
     * The logout token that follows on a logout.
     *
     * @param {() => Promise<unknown>} logOut
     * @returns {Promise<string>}
     */
    async tokenOf(logOut) {
      const arrival = once(server, "logout", { signal: AbortSignal.timeout(TIMEOUT) });
      const [[token]] = await Promise.all([arrival, logOut()]);
      return token;
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
