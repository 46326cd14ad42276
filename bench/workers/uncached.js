// @ts-check
// oauth4webapi as its example of the client credentials grant has it: it keeps no tokens.
import * as oauth from "oauth4webapi";
import { serve } from "./serve.js";

export default serve(({ server, tokenEndpoint, clientId, clientSecret, scope }) => {
  const as = { issuer: server, token_endpoint: tokenEndpoint };
  const client = { client_id: clientId };
  const clientAuth = oauth.ClientSecretBasic(clientSecret);
  // The endpoint is on loopback.
  const options = { [oauth.allowInsecureRequests]: true };
  return async () => {
    const response = await oauth.clientCredentialsGrantRequest(
      as,
      client,
      clientAuth,
      new URLSearchParams({ scope: scope.join(" ") }),
      options,
    );
    const token = await oauth.processClientCredentialsResponse(as, client, response);
    return `Bearer ${token.access_token}`;
  };
});
