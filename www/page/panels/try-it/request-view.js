// @ts-check
// The request that would be sent: as it goes over the wire, as code for a shell, for JavaScript,
// and for a token source.
import { copyButton } from "../../shared/copy.js";
import { element, find } from "../../shared/dom.js";
import { curlOf, fetchOf, MASK, masked, sourceOf } from "./snippets.js";

/** @typedef {import("./snippets.js").RequestData} RequestData */
/**
 * @typedef {import("edge-credentials").TokenRequestOptions &
 *   import("edge-credentials").SecretCredentials} Options
 */
/** @typedef {{ request: RequestData; options: Options; secretShown: boolean }} Shown */

/** @param {(sentence: string) => void} announce */
export function createRequestView(announce) {
  /** @type {Record<string, string>} */
  const texts = { curl: "", fetch: "", source: "" };
  const names = {
    curl: "the curl command",
    fetch: "the fetch code",
    source: "the token source",
  };
  for (const [id, what] of Object.entries(names))
    find(`${id}-head`).append(copyButton(what, () => texts[id], announce));

  return {
    /** @param {Shown} shown */
    show(shown) {
      const { request, secretShown } = shown;
      Object.assign(texts, { curl: curlOf(shown), fetch: fetchOf(shown), source: sourceOf(shown) });
      find("wire").replaceChildren(...wire(secretShown ? request : masked(request)));
      for (const [name, text] of Object.entries(texts)) find(name).textContent = text;
      setThere(true);
    },
    /** Until what is wrong is put right. */
    hide() {
      setThere(false);
    },
  };
}

/** @param {boolean} isThere */
function setThere(isThere) {
  for (const id of ["wire", "codes"]) find(id).hidden = !isThere;
  find("no-request").hidden = isThere;
}

/** @param {RequestData} request */
function wire({ method, url, headers, body = "" }) {
  return [
    element("strong", {}, method),
    ` ${url}\n`,
    ...Object.entries(headers).flatMap(([name, value]) => [
      element("span", { class: "quiet" }, `${name}: `),
      ...marked(value),
      "\n",
    ]),
    "\n",
    // A line may break where a parameter begins.
    ...body.split(/(?=&)/).flatMap((part) => [element("wbr"), ...marked(part)]),
  ];
}

/** @param {string} text */
function marked(text) {
  const [before, ...rest] = text.split(MASK);
  return rest.length ? [before, element("span", { class: "masked" }, MASK), ...rest] : [text];
}
