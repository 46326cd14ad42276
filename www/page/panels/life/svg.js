// @ts-check
// SVG elements in one expression, as dom.js makes those of HTML.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @type {(
 *   tag: string,
 *   attributes?: Record<string, string | number>,
 *   ...children: Node[]
 * ) => SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}
