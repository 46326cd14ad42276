/** ms since 1970. The beginning is checked too, since the clock may step back. */
export type Period = { from: number; until: number };

export function isNow<T extends Period>(period: T | undefined): period is T {
  const now = Date.now();
  return period !== undefined && period.from <= now && now < period.until;
}
