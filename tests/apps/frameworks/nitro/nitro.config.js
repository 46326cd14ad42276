import { defineNitroConfig } from "nitropack/config";

// By itself Nitro puts the bytes into the code there, which Vercel forbids to compile.
const onVercel = process.env.NITRO_PRESET === "vercel-edge" && {
  wasm: { lazy: false, esmImport: true },
};

/** On edges the module is imported as a .wasm file, which Nitro takes by this option alone. */
export default defineNitroConfig({
  compatibilityDate: "2026-04-01",
  experimental: { wasm: true },
  ...onVercel,
});
