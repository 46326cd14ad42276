// @ts-check
// The packed package in Next 15, which keeps no answer that it is not told to keep.
import { testNext } from "./next-older.js";

await testNext("next-15");
