// @ts-check
// A user who logs in: follows redirections, keeps cookies, fills in forms.

/** @typedef {{ url: string; init?: RequestInit }} Page */
/**
 * @typedef {object} Visit
 * @property {string} until the address at which the walk ends; it is not called
 * @property {Record<string, string>} fields what is filled in, by the field's name
 * @property {Map<string, string>} [cookies] of earlier visits
 * @property {(url: string) => Promise<string | undefined>} [answer] where a page of the walk's own
 *   leads to
 */

const MOST_PAGES = 20;

/**
 * @param {string} url
 * @param {Visit} visit
 * @returns {Promise<URL>} the address that begins with `until`
 */
export async function browse(url, { until, fields, cookies = new Map(), answer = noAnswer }) {
  /** @type {Page} */
  let page = { url };
  for (let count = 0; count < MOST_PAGES; count += 1) {
    if (page.url.startsWith(until)) return new URL(page.url);
    const elsewhere = await answer(page.url);
    page = elsewhere ? { url: elsewhere } : await next(page, cookies, fields);
  }
  throw new Error(`the log-in does not end: ${page.url}`);
}

/**
 * @type {(
 *   page: Page,
 *   cookies: Map<string, string>,
 *   fields: Record<string, string>,
 * ) => Promise<Page>}
 */
async function next({ url, init }, cookies, fields) {
  const cookie = [...cookies].map((pair) => pair.join("=")).join("; ");
  const headers = { ...init?.headers, cookie, accept: "text/html" };
  const response = await fetch(url, { ...init, headers, redirect: "manual" });
  for (const line of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    cookies.set(name, value);
  }
  const html = await response.text();
  const location = response.headers.get("location");
  if (location) return { url: new URL(location, url).href };
  if (!html.includes("<form")) throw new Error(`${url} answers ${response.status}: ${html}`);
  return submission(html, url, fields);
}

/** @type {(html: string, url: string, fields: Record<string, string>) => Page} */
function submission(html, url, fields) {
  const form = /<form[\s\S]*?<\/form>/.exec(html)?.[0] ?? html;
  const action = unescaped(attribute(form, "action") ?? url);
  const form_ = new URLSearchParams();
  for (const [input] of form.matchAll(/<input[^>]*>/g)) {
    const name = attribute(input, "name");
    const value = attribute(input, "value") ?? "";
    if (name) form_.set(name, fields[name] ?? unescaped(value));
  }
  return { url: new URL(action, url).href, init: { method: "POST", body: form_ } };
}

/** @type {(tag: string, name: string) => string | undefined} */
function attribute(tag, name) {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
}

/** @param {string} text */
function unescaped(text) {
  return text.replaceAll("&amp;", "&").replaceAll("&#x2F;", "/");
}

async function noAnswer() {
  return undefined;
}
