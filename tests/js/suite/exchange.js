// @ts-check
// Requests that the package built, sent by `fetch`.

/** @param {import("./index.js").Package} ec */
export function exchange(ec) {
  /** @param {import("edge-credentials").RequestData} request */
  async function send(request) {
    const response = await fetch(request.url, request);
    return { status: response.status, headers: response.headers, body: await response.text() };
  }

  /**
   * @type {(server: { issuer: string }) => Promise<{
   *   tokenEndpoint: string;
   *   revocationEndpoint: string;
   *   introspectionEndpoint: string;
   * }>}
   */
  async function discover({ issuer }) {
    const { tokenEndpoint, revocationEndpoint, introspectionEndpoint } = ec.parseMetadataResponse(
      await send(ec.buildMetadataRequest({ issuer })),
      { issuer },
    );
    if (!tokenEndpoint || !revocationEndpoint || !introspectionEndpoint)
      throw new Error("an endpoint is missing in the metadata");
    return { tokenEndpoint, revocationEndpoint, introspectionEndpoint };
  }

  return { send, discover };
}
