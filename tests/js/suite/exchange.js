// @ts-check
// Requests that the package built, sent by `fetch`.

/** @param {import("./index.js").Package} ec */
export function exchange(ec) {
  /** @param {import("edge-credentials").RequestData} request */
  async function send(request) {
    const response = await fetch(request.url, request);
    return { status: response.status, headers: response.headers, body: await response.text() };
  }

  /** @type {(server: { issuer: string }) => Promise<{ tokenEndpoint: string, revocationEndpoint: string }>} */
  async function discover({ issuer }) {
    const { tokenEndpoint, revocationEndpoint } = ec.parseMetadataResponse(await send(ec.buildMetadataRequest({ issuer })), { issuer });
    if (!tokenEndpoint || !revocationEndpoint) throw new Error("an endpoint is missing in the metadata");
    return { tokenEndpoint, revocationEndpoint };
  }

  return { send, discover };
}
