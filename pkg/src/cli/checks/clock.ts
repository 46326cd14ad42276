// This machine's clock against the server's.
import { mistake, ok, skipped } from "../check.js";
import type { Check } from "../check.js";

/** How far clocks may be apart, ms: a verifier's leeway. Assertions are dated back as much. */
const TOLERATED = 30_000;

const FIX = "set the clock of this machine, by NTP";

export const clock: Check = {
  name: "clock",
  needs: ["issuer"],
  run(examination) {
    const { theirs, ours } = examination.clock ?? { theirs: undefined, ours: 0 };
    if (theirs === undefined) return skipped("the server sends no `date`");

    // `date` has whole seconds.
    const ahead = ours - (theirs + 500);
    const seconds = Math.round(Math.abs(ahead) / 1000);
    const words = `this clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} the server's`;
    if (Math.abs(ahead) <= TOLERATED) return ok("this clock and the server's agree");
    return mistake(words, FIX);
  },
};
