// @ts-check
// The few things that every panel does with the document. What comes from servers or people goes in
// as text, never as markup.

/** @typedef {Node | string} Child */

/**
 * @type {(
 *   tag: string,
 *   attributes?: Record<string, string>,
 *   ...children: Child[]
 * ) => HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {string} id */
export function find(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * For whoever does not see the page. The same sentence twice would be said once.
 *
 * @type {(id: string) => (sentence: string) => void}
 */
export function announcer(id) {
  const region = find(id);
  return (sentence) => {
    region.textContent = region.textContent === sentence ? `${sentence}\u00a0` : sentence;
  };
}
