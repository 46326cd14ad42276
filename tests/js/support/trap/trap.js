// @ts-check
// Traps and goes on. Bundled with the module that traps, by `bundle.js`.
// @ts-ignore A bundler reads it: these are TypeScript.
import { call, install } from "../../../../pkg/src/core/wasm.ts";
// @ts-ignore
import { buildTokenRequest } from "../../../../pkg/src/index.ts";
// @ts-ignore
import base64 from "../../../../pkg/dist/wasm/base64.js";
// @ts-ignore
import { trap } from "../../../../pkg/dist/wasm/edge_credentials.js";

const bytes = Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
const module = new WebAssembly.Module(bytes);
install(() => module);

/** @returns {import("edge-credentials").AuthError | undefined} */
export function trapped() {
  try {
    call(trap);
  } catch (thrown) {
    return /** @type {import("edge-credentials").AuthError} */ (thrown);
  }
}

export function trapAndGoOn() {
  const error = trapped();
  if (!error) throw new Error("the trap did not trap");
  const { body } = buildTokenRequest({
    tokenEndpoint: "https://idp.example/token",
    clientId: "a",
    clientSecret: "b",
  });
  return { error, survived: body === "grant_type=client_credentials" };
}

export default {
  fetch() {
    const { error, survived } = trapAndGoOn();
    return Response.json({ code: error.code, survived });
  },
};
