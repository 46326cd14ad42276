// @ts-check
// What the walk needs to know of a server.

/** @typedef {import("edge-credentials").TokenVerifier} TokenVerifier */
/** @typedef {import("edge-credentials").TokenVerifierOptions} VerifierOptions */

/**
 * Options for `tokenSource` that log a client in: credentials, and what this client has to say
 * beside them.
 *
 * @typedef {Record<string, unknown>} Login
 */

/**
 * A server that runs. What is left out, it cannot do: `lacks` says why.
 *
 * @typedef {object} Running
 * @property {string} issuer
 * @property {Record<string, Login>} logins by the name of the case: `client_secret_basic`,
 *   `client_secret_post`, `client_secret_jwt`, `private_key_jwt RS256`, `JWT profile RS256`, and so
 *   on
 * @property {Record<string, Login>} [asserted] what makes the assertions of `private_key_jwt` and
 *   `JWT profile`, where the login does not say it
 * @property {string} usual the login that all other cases use; it has a secret
 * @property {Partial<VerifierOptions>} verifier what judges the JWTs of `signed`
 * @property {Record<string, Login>} signed logins that get a JWT, by its algorithm
 * @property {Introspected} [introspected] what introspection is tried with
 * @property {Login} [other] a second client, which may not revoke the first one's tokens
 * @property {string} [introspectionEndpoint] where the metadata do not name it
 * @property {string} [application] the client of the user whose tokens are `otherTokens`
 * @property {() => Promise<Record<string, string>>} [otherTokens] what is no access token, by its
 *   name: `id_token`, `refresh_token`, `logout_token`
 * @property {() => Promise<string>} [rotateSecret] gives the usual login a new secret
 * @property {() => Promise<void>} [rotateKeys] makes the server sign with another key
 * @property {() => Promise<void>} [down] stops the server
 * @property {() => Promise<void>} [up] starts it again, at the same address
 * @property {() => Promise<void>} stop
 */

/**
 * @typedef {object} Introspected
 * @property {Login} login gets a token that its asker may introspect
 * @property {Login} [revoker] the client whose token it is, if the login does not say that
 * @property {import("edge-credentials").IntrospectionClient} asker
 * @property {import("edge-credentials").IntrospectionClient} [wrong] the asker with a wrong secret
 * @property {Partial<VerifierOptions>} verifier
 */

/**
 * A server of the walk: how it starts, and where it differs.
 *
 * @typedef {object} Server
 * @property {string} name
 * @property {string} version
 * @property {(tell: (line: string) => void) => Promise<void>} prepare gets and builds it, if that
 *   was not done before
 * @property {() => Promise<Running>} start
 * @property {Record<string, string>} lacks by the beginning of a case's name: why it cannot be
 *   walked here
 * @property {Record<string, Difference>} differs by the name of a case
 */
/** @typedef {{ outcome: string; because: string }} Difference what this server does instead */

/**
 * @typedef {object} Case
 * @property {string} name
 * @property {string} expected the outcome at a server that keeps to the specifications
 * @property {boolean} [known] whether `Running` has what it needs
 * @property {(step: Step) => Promise<string>} run returns the outcome
 */

/**
 * What a case works with.
 *
 * @typedef {object} Step
 * @property {import("./observe.js").Observer["fetch"]} fetch notes the answers
 * @property {(line: string) => void} note notes what no answer shows
 * @property {(login: Login) => import("edge-credentials").TokenSource} source
 * @property {(options: Partial<VerifierOptions>) => TokenVerifier} verifier
 */

/** @typedef {{ outcome: string; answers: string[] }} Result or why there is none, as outcome */

export {};
