// @ts-check
// Serves clients' public keys, for servers that fetch them: the set of each algorithm at its name, all at `/`.
import { once } from "node:events";
import { createServer } from "node:http";

/** @param {import("./client-keys.js").ClientKey[]} keys */
export async function startKeyServer(keys) {
  const server = createServer((request, response) => {
    const asked = keys.filter(({ algorithm }) =>
      ["/", `/${algorithm}`].includes(request.url ?? ""),
    );
    response.writeHead(asked.length > 0 ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: asked.map(({ jwk }) => jwk) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
