import { run } from "../core/wasm.js";
import { invalidOption } from "../core/check-options.js";
import { platform } from "../core/platform.js";

/**
 * A request as the core builds it, to an address that `fetch` reads as the core does, with what
 * this runtime needs beside.
 *
 * @param {string} what the address is, in words
 * @param {string} call
 * @param {Parameters<typeof run>[1]} given
 * @returns {import("./http.js").RequestData}
 * @throws {import("../core/errors.js").AuthError} `option_invalid`, `url_insecure`
 */
export function buildRequest(what, call, given) {
  const request = JSON.parse(run(call, given));
  checkAddress(what, request.url);
  return { ...request, ...platform.noStore };
}

/**
 * @param {string} what the address is, in words
 * @param {string} address that the core takes
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function checkAddress(what, address) {
  if (runtimeAgrees(address)) return;
  const hint = "check its spelling: what begins with `xn--` has to be an international name";
  throw invalidOption(`${what} has a host name that the runtime does not read`, hint);
}

/**
 * Whether the runtime reads the host of an address that the core takes, and reads the same. It
 * knows what the core does not: which names with `xn--` are international ones.
 *
 * @param {string} address
 */
export function runtimeAgrees(address) {
  if (!URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  const [, name, port] = /** @type {RegExpExecArray} */ (
    /^https?:\/\/(\[[^\]]*\]|[^/?:]*)(?::0*(\d+))?/i.exec(address)
  );
  const isDefault = port === undefined || port === (protocol === "https:" ? "443" : "80");
  const written = name.toLowerCase() + (isDefault ? "" : `:${port}`);
  // Of an IPv6 address, which both have parsed, `host` is the short form.
  return host === written || (name.startsWith("[") && host.startsWith("["));
}
