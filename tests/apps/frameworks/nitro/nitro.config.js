import { defineNitroConfig } from "nitropack/config";

/** On edges the module is imported as a .wasm file, which Nitro takes by this option alone. */
export default defineNitroConfig({
  compatibilityDate: "2026-04-01",
  experimental: { wasm: true },
});
