// @ts-check
import { tokenSource } from "edge-credentials";
import { serve } from "./serve.js";

export default serve(({ tokenEndpoint, clientId, clientSecret, scope }) => {
  const source = tokenSource({ tokenEndpoint, clientId, clientSecret, scope });
  return () => source.authorization();
});
