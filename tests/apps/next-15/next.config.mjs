import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Which folder the app is in. Left to guess, Next finds lockfiles further up, and says so. */
export default { outputFileTracingRoot: dirname(dirname(fileURLToPath(import.meta.url))) };
