export default defineNuxtConfig({
  compatibilityDate: "2026-04-01",
  telemetry: false,
  // For the server alone. The environment has the values: NUXT_ISSUER and so on.
  runtimeConfig: {
    issuer: "",
    clientId: "",
    clientSecret: "",
    apiUrl: "",
    projectId: "",
    apiClientId: "",
    apiClientSecret: "",
  },
});
