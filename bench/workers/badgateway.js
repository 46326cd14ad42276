// @ts-check
// As its README has it.
import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import { serve } from "./serve.js";

export default serve(({ scope, ...settings }) => {
  const client = new OAuth2Client(settings);
  const wrapper = new OAuth2Fetch({
    client,
    getNewToken: async () => client.clientCredentials({ scope }),
  });
  return async () => `Bearer ${await wrapper.getAccessToken()}`;
});
