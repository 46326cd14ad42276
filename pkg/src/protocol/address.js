// Builds requests to addresses that the core and the runtime read alike.
import { run } from "../core/wasm.js";
import { invalidOption } from "../core/check-options.js";
import { platform } from "../core/platform.js";

/**
 * Builds a request in the core, checks that the runtime reads its address as the core does, and
 * adds what the runtime needs.
 *
 * @param {string} what the address is, in words
 * @param {string} call the core's function
 * @param {Parameters<typeof run>[1]} given its arguments
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
 * @param {string} address one that the core accepts
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function checkAddress(what, address) {
  if (runtimeAgrees(address)) return;
  const hint = "check its spelling: what begins with `xn--` has to be an international name";
  throw invalidOption(`${what} has a host name that the runtime does not read`, hint);
}

/**
 * Whether the runtime reads the host of an address as the core does. The runtime knows one thing
 * that the core does not: which names with `xn--` are international names.
 *
 * @param {string} address one that the core accepts
 */
export function runtimeAgrees(address) {
  if (!URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  const [, name, port] = /** @type {RegExpExecArray} */ (
    /^https?:\/\/(\[[^\]]*\]|[^/?:]*)(?::0*(\d+))?/i.exec(address)
  );

  const defaultPort = protocol === "https:" ? "443" : "80";
  const isDefault = port === undefined || port === defaultPort;
  const written = name.toLowerCase() + (isDefault ? "" : `:${port}`);
  // Both parsed an IPv6 address, of which `host` is the short form.
  const isIPv6 = name.startsWith("[") && host.startsWith("[");
  return host === written || isIPv6;
}
