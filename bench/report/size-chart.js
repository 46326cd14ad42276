// @ts-check
// What a Worker is larger by: a bar for each, the smallest first.
import { kilobytes } from "./report.js";
import { EDGE, short, svg, text, WIDTH } from "./svg.js";

const TOP = 92;
const ROW = 38;
const BAR = 12;
const BOTTOM = 14;
/** What the longest bar leaves for its number. */
const NUMBER = 70;

/** @typedef {{ name: string; brotli: number; isOurs: boolean }} Sized bytes */

/** @param {{ sizes: Sized[] }} data */
export function sizeChart({ sizes }) {
  const sorted = sizes
    .map((size) => ({ ...size, name: size.name.replaceAll("`", "") }))
    .sort((a, b) => a.brotli - b.brotli);
  const scale = (WIDTH - 2 * EDGE - NUMBER) / Math.max(...sorted.map(({ brotli }) => brotli));
  const bars = sorted.flatMap(({ name, brotli, isOurs }, i) => {
    const y = TOP + i * ROW;
    const width = brotli * scale;
    const classes = `class="${isOurs ? "ours" : "theirs"}" stroke-width="0"`;
    const place = `x="${EDGE}" y="${y + 6}" width="${short(width)}" height="${BAR}"`;
    return [
      text(name, EDGE, y, isOurs ? "name" : ""),
      `<rect ${classes} ${place} rx="2"/>`,
      text(kilobytes(brotli), EDGE + width + 8, y + 6 + BAR - 1.5, "small"),
    ];
  });
  const spoken = sorted.map(({ name, brotli }) => `${name}: ${kilobytes(brotli)}`);
  const frame = {
    title: "What it adds to a Worker",
    subtitle: "Bundled and minified for workerd, compressed by brotli",
    description: `${spoken.join("; ")}.`,
    height: TOP + sorted.length * ROW + BOTTOM - 8,
  };
  return svg(frame, bars);
}
