import { checkOptions, hasOption, invalidOption } from "../core/check-options.js";
import { AUDIENCE_HINT, REQUIREMENT_KINDS, requirementsOf } from "./requirements.js";
import { keyText } from "../protocol/webcrypto.js";

/** How long a call may take unless told otherwise, and how far clocks may be apart, ms. */
const [TIMEOUT, LEEWAY] = [20_000, 30_000];

/**
 * Whose tokens are taken, for whom they have to be, and what they must have.
 *
 * @typedef {object} TokenVerifierOptions
 * @property {string} issuer exactly as the server names itself; ZITADEL's is `https://<instance>`,
 *   without a slash at the end
 * @property {string | string[]} audience accepted audiences; a token must name at least one. With
 *   ZITADEL it is the id of the API's project, or the client id of its application. **Warning**:
 *   the audience is no authorization. Any service user of a ZITADEL instance can request any
 *   project's audience, and every personal access token of the instance passes by introspection:
 *   require a role. **Warning**: an id_token without any mark (Entra's, Auth0's without `nonce`)
 *   cannot be told from an access token. Where the audience is also a client's id, require a scope,
 *   a role, or `typ: "at+jwt"`. **Warning**: an issuer that everybody shares (GitHub Actions,
 *   Google) gives anybody a token with your audience: compare `sub`
 * @property {IntrospectionClient} [introspection] who asks the server about tokens that are no
 *   JWTs; without it they are refused
 * @property {"jwt" | "opaque"} [accept] `jwt`: nothing is introspected; `opaque`: everything is,
 *   JWTs too, so that a revocation counts within a minute. By default JWTs are checked by the
 *   issuer's keys, and everything else is introspected
 * @property {"at+jwt"} [typ] JWTs must have it in their header (RFC 9068), with `accept: "opaque"`
 *   too; without the option `JWT` and none at all do as well. Set it where the audience is also a
 *   client's id: an id_token without any mark cannot be told otherwise. It says nothing of opaque
 *   tokens, which have no header: `accept: "jwt"` refuses them
 * @property {string} [projectId] of ZITADEL's: where a role counts that names no project
 * @property {string | string[]} [scope] that every token must have. **Warning**: ZITADEL grants a
 *   service user any scope that it asks for, so there a scope authorises nobody: require a role. A
 *   scope by which ZITADEL is asked for roles is refused (`option_invalid`)
 * @property {import("./requirements.js").RoleRequirement | import("./requirements.js").RoleRequirement[]} [role]
 *   that every token must have: `"writer"`, in the project `projectId`, or `{ role, project?,
 *   organization? }`; of a list all
 * @property {string} [jwksUri] where the issuer's keys are, by default what its metadata say
 * @property {string} [introspectionEndpoint] by default what the metadata say
 * @property {number} [leeway] ms that clocks may be apart where a JWT begins or ends, by default 30
 *   000, at most five minutes
 * @property {number} [timeout] ms that one call of `verify` may take, by default 20 000
 * @property {import("../io/fetch.js").Fetch} [fetch] instead of the runtime's
 * @property {boolean} [insecureHttp] permits http to other hosts than loopback. **Warning**: tokens
 *   and credentials then cross the network in the clear, and whoever is in between can put keys of
 *   their own in the issuer's place; for closed networks such as Docker's only
 * @property {(event: import("../io/events.js").SourceEvent) => void} [onEvent] is told what
 *   happens; the one given last counts
 */

/**
 * Who introspects: with ZITADEL an application of type API.
 *
 * @typedef {SecretIntrospectionClient | KeyIntrospectionClient} IntrospectionClient
 */

/**
 * @typedef {object} SecretIntrospectionClient
 * @property {string} clientId
 * @property {string | (() => string | Promise<string>)} clientSecret a function is asked once, and
 *   again when the server refuses the credentials
 * @property {"client_secret_basic" | "client_secret_post"} [clientAuth] by default
 *   `client_secret_basic`
 */

/**
 * @typedef {object} KeyIntrospectionClient
 * @property {import("../protocol/import-key.js").KeyInput
 *   | (() =>
 *       | import("../protocol/import-key.js").KeyInput
 *       | Promise<import("../protocol/import-key.js").KeyInput>)} key
 *   a ZITADEL key file of an application, PEM or a JWK; a function is asked once, and again when the
 *   server refuses the assertion
 * @property {string} [clientId] whose key it is, where the key does not say it
 * @property {string} [keyId] how the server knows the key, where the key does not say it
 * @property {import("../protocol/import-key.js").SignatureAlgorithm} [algorithm] by default what
 *   the key says, else RS256, ES256 or EdDSA
 */

/** @typedef {ReturnType<typeof checkVerifierOptions>} CheckedOptions */

/**
 * @param {TokenVerifierOptions} options
 * @throws {import("../core/errors.js").AuthError} `option_invalid`
 */
export function checkVerifierOptions(options) {
  if (hasOption(options, "issuer") && !hasOption(options, "audience"))
    throw invalidOption("`audience` is missing", AUDIENCE_HINT);
  const own = checkOptions("tokenVerifier", options, {
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
  });
  const {
    issuer,
    accept,
    typ,
    projectId,
    jwksUri,
    introspectionEndpoint,
    leeway = LEEWAY,
    timeout = TIMEOUT,
    fetch,
    insecureHttp = false,
    onEvent,
  } = own;
  if (accept !== undefined && accept !== "jwt" && accept !== "opaque")
    throw invalidOption("`accept` is neither `jwt` nor `opaque`", "leave it out to take both");
  if (typ !== undefined && typ !== "at+jwt")
    throw invalidOption(
      "`typ` is not `at+jwt`",
      "leave it out to take JWTs whose `typ` is `JWT` or missing too",
    );
  if (accept === "opaque" && !own.introspection)
    throw invalidOption(
      "`introspection` is missing",
      "opaque tokens can only be asked about: say who asks, with ZITADEL an application of type API",
    );
  if (projectId === "")
    throw invalidOption("`projectId` is empty", "write the id of the project whose roles count");
  if (timeout === 0)
    throw invalidOption("`timeout` is 0", "it is in milliseconds; leave it out for 20 seconds");
  if (leeway > 300_000)
    throw invalidOption(
      "`leeway` is more than five minutes",
      "it is in milliseconds; leave it out for 30 seconds",
    );
  const client = own.introspection && checkClient(own.introspection);
  const introspects = client !== undefined && accept !== "jwt";
  const required = requirementsOf(own, { projectId, introspects });
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

/**
 * @param {IntrospectionClient} client
 * @returns {IntrospectionClient}
 */
function checkClient(client) {
  const caller = "introspection";
  if (!hasOption(client, "key"))
    return checkOptions(caller, client, {
      clientId: "string!",
      clientSecret: "secret!",
      clientAuth: "string",
    });
  const own = checkOptions(caller, /** @type {KeyIntrospectionClient} */ (client), {
    key: "keyOrFunction!",
    clientId: "string",
    keyId: "string",
    algorithm: "string",
  });
  // Once and for all: what is read twice may differ.
  return typeof own.key === "function" ? own : Object.assign(own, { key: keyText(own.key) });
}

/**
 * What distinguishes verifiers, and what of it is compared by identity.
 *
 * @param {CheckedOptions} own
 * @returns {[data: unknown[], functions: (Function | undefined)[]]}
 */
export function verifierIdentity({ fetch, onEvent, client, required, ...others }) {
  // In an order of their own, not the caller's.
  const authentication = Object.entries(client ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const functions = authentication.map(([, value]) =>
    typeof value === "function" ? /** @type {Function} */ (value) : undefined,
  );
  const data = authentication.map(([name, value]) => [
    name,
    typeof value === "function" ? undefined : value,
  ]);
  return [
    ["verifier", Object.entries(others), required.name, client && data],
    [fetch, ...functions],
  ];
}
