// The options of a token verifier: types and checks.
import type { KeyInput, SignatureAlgorithm } from "../protocol/import-key.js";
import type { RoleRequirement } from "./requirements.js";
import type { Fetch } from "../io/fetch.js";
import type { SourceEvent } from "../io/events.js";
import { checkOptions, hasOption, invalidOption } from "../core/check-options.js";
import { AUDIENCE_HINT, REQUIREMENT_KINDS, requirementsOf } from "./requirements.js";
import { keyText } from "../protocol/webcrypto.js";

/** The default of `timeout`, ms. */
const TIMEOUT = 20_000;

/** The default of `leeway`, ms. */
const LEEWAY = 30_000;

/** The largest `leeway`, ms. */
const MAX_LEEWAY = 300_000;

/**
 * The options of `tokenVerifier`: whose tokens are accepted, for which audience, and what they must
 * have.
 */
export interface TokenVerifierOptions {
  /**
   * exactly as the server names itself; ZITADEL's is `https://<instance>`, without a slash at the
   * end
   */
  issuer: string;
  /**
   * accepted audiences. A token must name at least one. With ZITADEL it is the id of the API's
   * project, or the client id of its application. **Warning**: checking the audience is not
   * authorization. Any service user of a ZITADEL instance can request any project's audience, and
   * every personal access token of the instance passes an introspection: require a role.
   * **Warning**: an id_token without a mark (Entra's, Auth0's without `nonce`) cannot be
   * distinguished from an access token. If the audience is also a client's id, require a scope, a
   * role, or `typ: "at+jwt"`. **Warning**: a shared issuer (GitHub Actions, Google) gives anybody a
   * token with your audience: compare `sub`
   */
  audience: string | string[];
  /** the client that introspects tokens that are no JWTs (RFC 7662); without it they are refused */
  introspection?: IntrospectionClient;
  /**
   * `jwt`: no token is introspected. `opaque`: every token is introspected, JWTs too, so that a
   * revocation takes effect within a minute. By default JWTs are verified with the issuer's keys,
   * and all other tokens are introspected
   */
  accept?: "jwt" | "opaque";
  /**
   * requires this `typ` in the header of JWTs (RFC 9068 section 2.1), also with `accept: "opaque"`.
   * Without the option, `JWT` and no `typ` are accepted too. Set it if the audience is also a
   * client's id, since an id_token without a mark cannot be distinguished otherwise. It does not
   * apply to opaque tokens, which have no header: `accept: "jwt"` refuses them
   */
  typ?: "at+jwt";
  /** the ZITADEL project of roles that name none */
  projectId?: string;
  /**
   * scopes that every token must have. **Warning**: ZITADEL grants a service user any scope that it
   * requests, so a scope is no authorization there: require a role. A scope that requests roles of
   * ZITADEL is refused (`option_invalid`)
   */
  scope?: string | string[];
  /**
   * roles that every token must have: `"writer"` in the project `projectId`, or `{ role, project?,
   * organization? }`. A token must have all roles of a list
   */
  role?: RoleRequirement | RoleRequirement[];
  /** the address of the issuer's keys, by default from its metadata */
  jwksUri?: string;
  /** by default from the issuer's metadata */
  introspectionEndpoint?: string;
  /**
   * ms by which clocks may differ when a JWT begins or ends, by default 30 000, at most five
   * minutes
   */
  leeway?: number;
  /** ms that one call of `verify` may take, by default 20 000 */
  timeout?: number;
  /** used instead of the runtime's */
  fetch?: Fetch;
  /**
   * permits http to hosts other than loopback. **Warning**: tokens and credentials then cross the
   * network unencrypted, and an attacker on the network can replace the issuer's keys; use it only
   * in closed networks such as Docker's
   */
  insecureHttp?: boolean;
  /** is called with what happens; of equal verifiers, only the last one given is called */
  onEvent?: (event: SourceEvent) => void;
}

/** The client that introspects tokens; with ZITADEL an application of type API. */
export type IntrospectionClient = SecretIntrospectionClient | KeyIntrospectionClient;

export interface SecretIntrospectionClient {
  clientId: string;
  /**
   * for a secret that rotates a function, which is called once, and again when the server refuses
   * the credentials
   */
  clientSecret: string | (() => string | Promise<string>);
  /** by default `client_secret_basic` */
  clientAuth?: "client_secret_basic" | "client_secret_post";
}

export interface KeyIntrospectionClient {
  /**
   * an application's ZITADEL key file, a PEM or a JWK; for a key that rotates a function, which is
   * called once, and again when the server refuses the assertion
   */
  key: KeyInput | (() => KeyInput | Promise<KeyInput>);
  /** the owner of the key, if the key does not name it */
  clientId?: string;
  /** the key's name at the server, if the key does not hold it */
  keyId?: string;
  /** by default what the key says, otherwise RS256, ES256 or EdDSA, by the type of the key */
  algorithm?: SignatureAlgorithm;
}

export type CheckedOptions = ReturnType<typeof checkVerifierOptions>;

const KINDS = {
  issuer: "string!",
  ...REQUIREMENT_KINDS,
  audience: "strings!",
  introspection: "object",
  accept: "string",
  typ: "string",
  projectId: "string",
  jwksUri: "string",
  introspectionEndpoint: "string",
  leeway: "duration",
  timeout: "duration",
  fetch: "function",
  insecureHttp: "boolean",
  onEvent: "function",
} as const;

/**
 * Checks the options of `tokenVerifier` and returns them with their defaults.
 *
 * @throws {AuthError} `option_invalid`
 */
export function checkVerifierOptions(options: TokenVerifierOptions) {
  if (hasOption(options, "issuer") && !hasOption(options, "audience")) {
    throw invalidOption("`audience` is missing", AUDIENCE_HINT);
  }
  const checked = checkOptions("tokenVerifier", options, KINDS);
  checkValues(checked);

  const { issuer, accept, typ, projectId, jwksUri, introspectionEndpoint } = checked;
  const { leeway = LEEWAY, timeout = TIMEOUT, fetch, insecureHttp = false, onEvent } = checked;
  const client = checked.introspection && checkClient(checked.introspection);
  const introspects = client !== undefined && accept !== "jwt";
  const required = requirementsOf(checked, { projectId, introspects });

  return {
    issuer,
    required,
    client,
    introspects,
    accept,
    typ,
    projectId,
    jwksUri,
    introspectionEndpoint,
    leeway,
    timeout,
    fetch,
    insecureHttp,
    onEvent,
  };
}

function checkValues({
  accept,
  typ,
  introspection,
  projectId,
  timeout,
  leeway = LEEWAY,
}: TokenVerifierOptions) {
  if (accept !== undefined && accept !== "jwt" && accept !== "opaque") {
    throw invalidOption("`accept` is neither `jwt` nor `opaque`", "leave it out to take both");
  }
  if (typ !== undefined && typ !== "at+jwt") {
    throw invalidOption(
      "`typ` is not `at+jwt`",
      "leave it out to take JWTs whose `typ` is `JWT` or missing too",
    );
  }
  if (accept === "opaque" && !introspection) {
    throw invalidOption(
      "`introspection` is missing",
      "opaque tokens can only be asked about: say who asks, " +
        "with ZITADEL an application of type API",
    );
  }
  if (projectId === "") {
    throw invalidOption("`projectId` is empty", "write the id of the project whose roles count");
  }
  if (timeout === 0) {
    throw invalidOption("`timeout` is 0", "it is in milliseconds; leave it out for 20 seconds");
  }
  if (leeway > MAX_LEEWAY) {
    throw invalidOption(
      "`leeway` is more than five minutes",
      "it is in milliseconds; leave it out for 30 seconds",
    );
  }
}

function checkClient(client: IntrospectionClient): IntrospectionClient {
  const caller = "introspection";
  if (!hasOption(client, "key")) {
    return checkOptions(caller, client, {
      clientId: "string!",
      clientSecret: "secret!",
      clientAuth: "string",
    });
  }

  const checked = checkOptions(caller, client as KeyIntrospectionClient, {
    key: "keyOrFunction!",
    clientId: "string",
    keyId: "string",
    algorithm: "string",
  });
  if (typeof checked.key === "function") return checked;
  // Serialized once, since a second read of an object may give another key.
  return Object.assign(checked, { key: keyText(checked.key) });
}

/**
 * Returns what distinguishes verifiers: the data, and the functions, which are compared by
 * identity.
 */
export function verifierIdentity(
  checked: CheckedOptions,
): [data: unknown[], functions: (Function | undefined)[]] {
  const { fetch, onEvent: _, client, required, ...others } = checked;
  // Sorted, since the caller chooses the order.
  const clientEntries = Object.entries(client ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const functions = clientEntries.map(([, value]) =>
    typeof value === "function" ? (value as Function) : undefined,
  );
  const clientData = clientEntries.map(([name, value]) => [
    name,
    typeof value === "function" ? undefined : value,
  ]);

  const data = ["verifier", Object.entries(others), required.name, client && clientData];
  return [data, [fetch, ...functions]];
}
