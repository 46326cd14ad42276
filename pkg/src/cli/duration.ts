/** In the largest unit that fits. */
export function duration(millis: number): string {
  const seconds = Math.round(millis / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

export function days(millis: number): string {
  const count = Math.ceil(millis / 86_400_000);
  return count === 1 ? "1 day" : `${count} days`;
}
