// Reports that a key file ends soon.
import type { SourceEvent } from "../core/events.js";
import type { SigningKey } from "../protocol/import-key.js";

const DAY = 86_400_000;

/** How many days before its end a key is reported, the last first. */
const THRESHOLDS = [7, 30] as const;

/**
 * Returns a function to call whenever a key signs. It reports each key once a threshold. ZITADEL
 * itself warns of no key that ends (zitadel/zitadel#6131).
 */
export function keyExpiryReporter(report: (event: SourceEvent) => void): (key: SigningKey) => void {
  let last: SigningKey | undefined;
  let reported = Infinity;

  return (key) => {
    if (key !== last) reported = Infinity;
    last = key;
    const { expiresAt } = key;
    if (expiresAt === null) return;
    const withinDays = THRESHOLDS.find((days) => expiresAt - Date.now() <= days * DAY);
    if (withinDays === undefined || withinDays >= reported) return;
    reported = withinDays;
    report({ type: "expiring", what: "key", expiresAt, withinDays });
  };
}
