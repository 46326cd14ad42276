// @ts-check
// The packed package in Next 14, which keeps the answers of a `fetch` that does not forbid it.
import { testNext } from "./next-older.js";

await testNext("next-14");
