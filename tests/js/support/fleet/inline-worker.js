// @ts-check
// A Worker with the inline form, as bundlers give it that do not know workerd's condition.
import { buildMetadataRequest } from "../../../../pkg/dist/esm/inline.js";

export default {
  fetch() {
    const { method } = buildMetadataRequest({ issuer: "https://idp.example" });
    return new Response(method);
  },
};
