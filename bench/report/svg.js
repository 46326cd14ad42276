// @ts-check
// What the charts share: a frame that is readable in light and dark, with a name and a description
// for those who hear it.

export const WIDTH = 760;
export const EDGE = 20;

const STYLE = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328 }
  .paper { fill: #ffffff }
  .title { font-size: 17px; font-weight: 600 }
  .name { font-weight: 600 }
  .small { font-size: 12px }
  .quiet { fill: #59636e }
  .end { text-anchor: end }
  .middle { text-anchor: middle }
  .grid { stroke: #d1d9e0; fill: none }
  .axis { stroke: #818b98; fill: none }
  .ours { fill: #0969da; stroke: #0969da }
  .theirs { fill: #8c959f; stroke: #8c959f }
  text.ours { fill: #0969da; stroke: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .paper { fill: #0d1117 }
    .quiet { fill: #9198a1 }
    .grid { stroke: #2f353d }
    .axis { stroke: #656c76 }
    .ours { fill: #4493f8; stroke: #4493f8 }
    .theirs { fill: #7d8590; stroke: #7d8590 }
    text.ours { fill: #4493f8 }
  }`;

/**
 * @param {{ title: string; subtitle: string; description: string; height: number }} frame
 * @param {string[]} parts
 */
export function svg({ title, subtitle, description, height }, parts) {
  const size = `viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`;
  const name = 'role="img" aria-labelledby="title description"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${name}>
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>${STYLE}
</style>
<rect class="paper" width="${WIDTH}" height="${height}" rx="6"/>
${[text(title, EDGE, 34, "title"), text(subtitle, EDGE, 54, "quiet"), ...parts].join("\n")}
</svg>
`;
}

/** @type {(content: string, x: number, y: number, classes?: string) => string} */
export function text(content, x, y, classes = "") {
  const named = classes && ` class="${classes}"`;
  return `<text${named} x="${short(x)}" y="${short(y)}">${escaped(content)}</text>`;
}

/** @type {(classes: string, x1: number, y1: number, x2: number, y2: number) => string} */
export function line(classes, x1, y1, x2, y2) {
  return `<path class="${classes}" d="M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}"/>`;
}

/**
 * A step of a scale that has at most so many, of 1, 2 or 5 times a power of ten.
 *
 * @type {(most: number, steps: number) => number}
 */
export function stepOf(most, steps) {
  const power = 10 ** Math.floor(Math.log10(most / steps));
  return power * ([1, 2, 5].find((times) => most / (power * times) <= steps) ?? 10);
}

/** @param {number} value */
export function short(value) {
  return String(Math.round(value * 10) / 10);
}

/** @param {string} content */
function escaped(content) {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
