// @ts-check
// @ts-ignore A bundler reads it: these are TypeScript.
import { call, install } from "../../../pkg/src/core/wasm.ts";
// @ts-ignore
import { buildTokenRequest } from "../../../pkg/src/index.ts";
// @ts-ignore They are there once `node scripts/build/build.js --trap` has run.
import module from "../../../target/trap/bytes.js";
// @ts-ignore
import * as glue from "../../../target/trap/glue.js";

install(glue, module);

/** @returns {import("edge-credentials").AuthError | undefined} */
export function trapped() {
  try {
    call((/** @type {any} */ glue) => glue.trap());
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
