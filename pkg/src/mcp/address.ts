// The addresses of MCP servers and of their metadata.
import { misuse } from "../core/error-constructors.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";

const LOOPBACK = /^(?:localhost|.+\.localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Reads the address of a server.
 *
 * @param name of the option
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function readAddress(name: string, given: string | URL, insecureHttp: boolean): URL {
  const text = guardReads(() => String(given));
  if (!URL.canParse(text)) {
    throw invalidOption(`\`${name}\` is no URL`, "write it out, such as https://mcp.example/mcp");
  }
  const url = new URL(text);
  const { protocol, hostname, username, password, href } = url;
  if (protocol !== "https:" && protocol !== "http:") {
    throw invalidOption(`\`${name}\` is neither https nor http`, "MCP over HTTP needs one of them");
  }
  // What is behind `#` never reaches a server, and a quote would end the challenge's.
  if (username !== "" || password !== "" || href.includes("#") || href.includes('"')) {
    throw invalidOption(
      `\`${name}\` holds a user name, a password, a fragment or a quote`,
      "leave it out: a resource is named without it (RFC 8707 section 2)",
    );
  }
  if (protocol === "http:" && !insecureHttp && !LOOPBACK.test(hostname)) {
    throw misuse(
      "url_insecure",
      `\`${name}\` is http and not on loopback`,
      "use https, or set `insecureHttp` in a network of your own",
    );
  }
  return url;
}

/**
 * The texts by which a server may name itself: "identical to the protected resource's resource
 * identifier" (RFC 9728 section 3.3). As a URL has it, the slash after a host may be missing.
 */
export function namesOf(given: string | URL, { href, origin }: URL): string[] {
  return [guardReads(() => String(given)), href, ...(href === `${origin}/` ? [origin] : [])];
}

/**
 * Reads an address that others compare with theirs, as texts.
 *
 * @param name of the option
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function readExactAddress(name: string, given: string | URL, insecureHttp: boolean): URL {
  const url = readAddress(name, given, insecureHttp);
  const text = guardReads(() => String(given));
  if (text !== url.href && `${text}/` !== url.href) {
    throw invalidOption(`\`${name}\` is not written as URLs are`, `write ${url.href}`);
  }
  return url;
}

/** Where a resource's metadata are (RFC 9728 section 3.1): the name stands before the path. */
export function metadataAddress({ origin, pathname, search }: URL): string {
  const path = pathname === "/" ? "" : pathname;
  return `${origin}/.well-known/oauth-protected-resource${path}${search}`;
}

/** An address as messages show it: without a query, which may hold a secret, and not too long. */
export function shown(address: string): string {
  if (!URL.canParse(address)) return "an address that is no URL";
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`.slice(0, 200);
}
