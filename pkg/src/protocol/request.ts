// Requests as plain data, to addresses that the core and the runtime read alike.
import * as core from "../core/calls.js";
import type { Form } from "../core/calls.js";
import { invalidOption } from "../core/guard-reads.js";
import { platform } from "../core/platform.js";
import type { RequestData } from "../core/types.js";

/** How many addresses are remembered that the runtime reads as the core does. */
const MAX_AGREED = 100;

const agreed: Set<string> = new Set();

/**
 * A request for a JSON document.
 *
 * @param what the address is, in words
 * @throws {AuthError} `option_invalid`
 */
export function getRequest(what: string, url: string): RequestData {
  requireAgreement(what, url);
  const headers = { accept: "application/json" };
  return { method: "GET", url, headers, redirect: "manual", ...platform.noStore };
}

/**
 * A request with a form.
 *
 * @param what the address is, in words
 * @throws {AuthError} `option_invalid`
 */
export function postRequest(what: string, url: string, { authorization, body }: Form): RequestData {
  requireAgreement(what, url);
  const headers: Record<string, string> = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  };
  if (authorization !== undefined) headers.authorization = authorization;
  return { method: "POST", url, headers, body, redirect: "manual", ...platform.noStore };
}

/**
 * Checks an address before it is used.
 *
 * @param what the address is, in words
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function checkAddress(what: string, address: string, insecureHttp: boolean): void {
  core.checkAddress({ what, insecureHttp, address });
  requireAgreement(what, address);
}

/**
 * @param what the address is, in words
 * @param address one that the core accepts
 * @throws {AuthError} `option_invalid`
 */
export function requireAgreement(what: string, address: string): void {
  if (agreed.has(address)) return;
  if (!runtimeAgrees(address)) {
    const hint = "check its spelling: what begins with `xn--` has to be an international name";
    throw invalidOption(`${what} has a host name that the runtime does not read`, hint);
  }
  if (agreed.size >= MAX_AGREED) agreed.clear();
  agreed.add(address);
}

/**
 * Whether the runtime reads the host of an address as the core does. The runtime knows one thing
 * that the core does not: which names with `xn--` are international names.
 *
 * @param address one that the core accepts
 */
export function runtimeAgrees(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  const match = /^https?:\/\/(\[[^\]]*\]|[^/?:]*)(?::0*(\d+))?/i.exec(address);
  const [, name, port] = match as RegExpExecArray;

  const defaultPort = protocol === "https:" ? "443" : "80";
  const isDefault = port === undefined || port === defaultPort;
  const written = name.toLowerCase() + (isDefault ? "" : `:${port}`);
  // Both parsed an IPv6 address, of which `host` is the short form.
  const isIPv6 = name.startsWith("[") && host.startsWith("[");
  return host === written || isIPv6;
}
