// For tests of code that uses the package, never for production. It needs no test runner, and
// imports nothing of Node.
export { fakeIssuer } from "./fake-issuer.js";
export { reset } from "./reset.js";
export { storeSuite } from "./store-suite.js";
export type { StoreSuiteOptions, StoreTest } from "./store-suite.js";
export { stubSource, stubVerifier } from "./stubs.js";
export type {
  FakeFailure,
  FakeIssuer,
  FakeIssuerOptions,
  FakeKeyFile,
  FakeRequest,
} from "./types.js";
