// @ts-check
// What the Workers of all contenders have in common: the path says which token they answer with.
import { env } from "cloudflare:workers";

/**
 * @typedef {{
 *   server: string;
 *   tokenEndpoint: string;
 *   clientId: string;
 *   clientSecret: string;
 *   scope: string[];
 * }} Settings
 */

/**
 * @param {(settings: Settings) => () => Promise<string>} make once for each token endpoint; what it
 *   gives is called for each request, and gives the value of the header
 */
export function serve(make) {
  const { ISSUER, CLIENT_ID, CLIENT_SECRET, SCOPE, NO_TOKEN } = /** @type {Record<string, any>} */ (
    env
  );
  const settings = {
    server: ISSUER,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    scope: SCOPE,
  };
  /** @type {Record<string, () => Promise<string> | string>} */
  const answers = {
    "/short": make({ ...settings, tokenEndpoint: `${ISSUER}/short` }),
    "/long": make({ ...settings, tokenEndpoint: `${ISSUER}/long` }),
    "/none": () => NO_TOKEN,
  };
  return {
    /** @type {(request: Request) => Promise<Response>} */
    async fetch(request) {
      return new Response(await answers[new URL(request.url).pathname]());
    },
  };
}
