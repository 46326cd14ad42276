// The agent's end: the SDK's `AuthProvider`, made of a token source.
import type { TokenSource } from "edge-credentials";
import { causeOf, misuse } from "../core/error-constructors.js";
import { AuthError } from "../core/errors.js";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { namesOf, readAddress, shown } from "./address.js";
import { scopeOf, scopesIn } from "./challenge-scope.js";
import { discovery } from "./discovery.js";
import { givenOptions } from "./given-options.js";
import type { Asked, McpAuth, McpAuthOptions, McpSource } from "./types.js";

/**
 * Makes the `authProvider` of an MCP transport out of a token source. Concurrent calls share one
 * request for the server's metadata and one for a token.
 *
 * The SDK asks for a token before every request and does not say for which server. So none is given
 * before the metadata at `url` (RFC 9728) name this very server and the source's issuer. Use one
 * `mcpAuth` for one transport, with the same address.
 *
 * @param source a source, or a function that makes one of what the server asks for
 * @throws {AuthError} `option_invalid`, `url_insecure`
 */
export function mcpAuth(source: McpSource, options: McpAuthOptions): McpAuth {
  const given = givenOptions<McpAuthOptions>("mcpAuth", options, {
    url: "any",
    issuer: "string",
    fetch: "function",
    insecureHttp: "boolean",
  });
  if (given.url === undefined) {
    throw invalidOption("`url` is missing", "pass the address that the transport gets");
  }
  const { issuer, fetch, insecureHttp = false } = given;
  const url = readAddress("url", given.url, insecureHttp);
  const discover = discovery(url, namesOf(given.url, url), fetch);
  // Reported before the first request.
  if (typeof source !== "function") issuerOf(source, issuer);

  let last: { source: TokenSource; accessToken: string } | undefined;
  /** the scopes that the last 401 named */
  let challenged: string[] | undefined;
  /** the scopes that were added to them */
  let added: string[] = [];
  let otherServer: string | undefined;

  async function currentSource(): Promise<TokenSource> {
    const { resource, authorizationServers, scopes } = await discover();
    const scope = scopesIn([...(challenged ?? scopes), ...added]).join(" ");
    const chosen = typeof source === "function" ? make(source, { resource, scope }) : source;
    const own = issuerOf(chosen, issuer);
    if (!authorizationServers.some((one) => isSameIssuer(one, own))) {
      throw misuse(
        "issuer_mismatch",
        `the MCP server at ${shown(url.href)} takes no tokens of ${own}`,
        `no token was sent there: it names ${authorizationServers.slice(0, 3).map(shown).join(", ")}`,
      );
    }
    return chosen;
  }

  async function token(): Promise<string> {
    if (otherServer !== undefined) throw refusedServer(otherServer, url.href);
    const chosen = await currentSource();
    const { accessToken } = await chosen.get();
    last = { source: chosen, accessToken };
    return accessToken;
  }

  return Object.freeze({
    token,
    async onUnauthorized(context) {
      const { scope, address } = guardReads(() => ({
        scope: scopeOf(context.response.headers.get("www-authenticate")),
        address: String(context.serverUrl),
      }));
      if (!URL.canParse(address) || new URL(address).href !== url.href) {
        otherServer = address;
        throw refusedServer(address, url.href);
      }
      if (scope.length > 0) challenged = scope;
      // The source counts a token that has just replaced another as good.
      last?.source.invalidate(last.accessToken);
      await token();
    },
    stepUp(scope) {
      if (typeof source !== "function") {
        throw invalidOption(
          "`stepUp` needs a source that is a function",
          "write `mcpAuth(({ resource, scope }) => tokenSource({ … }), { url })`",
        );
      }
      const named = typeof scope === "string" ? scopesIn(scope) : [];
      if (named.length === 0)
        throw invalidOption("`scope` names no scope", "pass what a 403 named");
      added = scopesIn([...added, ...named]);
    },
  } satisfies McpAuth);
}

function make(source: Exclude<McpSource, TokenSource>, asked: Asked): TokenSource {
  try {
    return source(asked);
  } catch (thrown) {
    if (thrown instanceof AuthError) throw thrown;
    const message = "the function that makes the source threw an error";
    throw misuse("callback_failed", message, "see `cause`", causeOf(thrown));
  }
}

/**
 * Returns the issuer of a source's tokens.
 *
 * @throws {AuthError} `option_invalid`
 */
function issuerOf(source: TokenSource, given: string | undefined): string {
  const { get, invalidate, own } = guardReads(() => ({
    get: Object(source).get,
    invalidate: Object(source).invalidate,
    own: Object(source).issuer,
  }));
  if (typeof get !== "function" || typeof invalidate !== "function") {
    throw invalidOption(
      "`mcpAuth` takes a token source, or a function that gives one",
      "write `mcpAuth(tokenSource({ … }), { url })`",
    );
  }
  const issuer = own ?? given;
  if (typeof issuer === "string" && issuer !== "" && (given ?? issuer) === issuer) return issuer;
  throw issuer === undefined
    ? invalidOption(
        "the source names no issuer",
        "set `issuer` in the options of tokenSource, or of mcpAuth for an `accessToken`",
      )
    : invalidOption("`issuer` is not the source's", "leave it out");
}

/** The SDKs write an issuer without a path with and without a slash. */
function isSameIssuer(one: string, other: string): boolean {
  return one === other || one === `${other}/` || `${one}/` === other;
}

function refusedServer(address: string, url: string): AuthError {
  return misuse(
    "origin_refused",
    `the transport is for ${shown(address)}, and mcpAuth for ${shown(url)}`,
    "no further token is given: make an `mcpAuth` for each transport, with its address",
  );
}
