// By itself Nitro puts the bytes into the code there, which Vercel forbids to compile.
const onVercel = process.env.NITRO_PRESET === "vercel-edge" && {
  wasm: { lazy: false, esmImport: true },
};

export default {
  compatibilityDate: "2026-04-01",
  telemetry: false,
  nitro: { experimental: { wasm: true }, ...onVercel },
};
