// Builds requests to addresses that the core and the runtime read alike.
import type { RequestData } from "./http.js";
import { run } from "../core/wasm.js";
import { invalidOption } from "../core/check-options.js";
import { platform } from "../core/platform.js";

/**
 * Builds a request in the core, checks that the runtime reads its address as the core does, and
 * adds what the runtime needs.
 *
 * @param what the address is, in words
 * @param call the core's function
 * @param given its arguments
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function buildRequest(
  what: string,
  call: string,
  given: Parameters<typeof run>[1],
): RequestData {
  const request = JSON.parse(run(call, given));
  checkAddress(what, request.url);
  return { ...request, ...platform.noStore };
}

/**
 * @param what the address is, in words
 * @param address one that the core accepts
 * @throws {AuthError} `option_invalid`
 */
export function checkAddress(what: string, address: string) {
  if (runtimeAgrees(address)) return;
  const hint = "check its spelling: what begins with `xn--` has to be an international name";
  throw invalidOption(`${what} has a host name that the runtime does not read`, hint);
}

/**
 * Whether the runtime reads the host of an address as the core does. The runtime knows one thing
 * that the core does not: which names with `xn--` are international names.
 *
 * @param address one that the core accepts
 */
export function runtimeAgrees(address: string) {
  if (!URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  const [, name, port] = /^https?:\/\/(\[[^\]]*\]|[^/?:]*)(?::0*(\d+))?/i.exec(
    address,
  ) as RegExpExecArray;

  const defaultPort = protocol === "https:" ? "443" : "80";
  const isDefault = port === undefined || port === defaultPort;
  const written = name.toLowerCase() + (isDefault ? "" : `:${port}`);
  // Both parsed an IPv6 address, of which `host` is the short form.
  const isIPv6 = name.startsWith("[") && host.startsWith("[");
  return host === written || isIPv6;
}
