// @ts-check
// What the page asks servers, with the package: the same code in the browser and in the page's
// Worker (page-worker.js). Options come in and answers go out as plain data, errors too.

/** @typedef {typeof import("edge-credentials")} Package */
/** @typedef {import("edge-credentials").RequestData} RequestData */
/** @typedef {{ status: number; headers: Record<string, string>; body: string }} Answer */
/**
 * @typedef {Omit<import("edge-credentials").AuthErrorDetails, "cause">} Told an error's public
 *   members
 */
/** @typedef {{ answer?: Answer; error: Told }} Failure `answer` where the server gave one */

/** @typedef {{ issuer: string }} MetadataQuestion */
/** @typedef {{ issuer: string; audience: string | string[]; token: string }} VerifyQuestion */
/**
 * @typedef {object} IntrospectQuestion
 * @property {string} issuer
 * @property {string} clientId
 * @property {string} clientSecret
 * @property {string} token
 */

/** @typedef {{ metadata: import("edge-credentials").Metadata; error?: undefined }} Discovered */
/** @typedef {import("edge-credentials").Token} Token */
/** @typedef {{ answer: Answer; token: Token; error?: undefined }} Obtained */
/** @typedef {{ claims: Record<string, unknown>; error?: undefined }} Verified */
/**
 * @typedef {{
 *   answer: Answer;
 *   introspection: import("edge-credentials").Introspection;
 *   error?: undefined;
 * }} Introspected
 */

/** How long an answer may take, ms. */
const LONGEST = 10_000;
/** In characters. The package takes no longer answer to a token request. */
const LARGEST = 262_144;
const SHOWN_HEADERS = ["content-type", "cache-control", "date", "retry-after", "www-authenticate"];

/** @param {Package} ec */
export function exchangesWith(ec) {
  return {
    /** @type {(question: MetadataQuestion) => Promise<Discovered | Failure>} */
    metadata: (question) =>
      told(ec, async () => ({ metadata: await findMetadata(ec, question.issuer) })),

    /**
     * @type {(
     *   question: import("edge-credentials").TokenRequestOptions,
     * ) => Promise<Obtained | Failure>}
     */
    token: (question) =>
      told(ec, async (note) => {
        const request = ec.buildTokenRequest(question);
        const requestedAt = Date.now();
        const answer = note(await send(ec, request));
        return { answer, token: ec.parseTokenResponse(answer, { requestedAt, request }) };
      }),

    /** @type {(question: VerifyQuestion) => Promise<Verified | Failure>} */
    verify: (question) =>
      told(ec, async () => {
        const { issuer, audience, token } = question;
        const verifier = ec.tokenVerifier({ issuer, audience, accept: "jwt" });
        return { claims: await verifier.verify(token) };
      }),

    /** @type {(question: IntrospectQuestion) => Promise<Introspected | Failure>} */
    introspect: (question) =>
      told(ec, async (note) => {
        const { issuer, ...rest } = question;
        const { introspectionEndpoint } = await findMetadata(ec, issuer);
        if (!introspectionEndpoint)
          throw failure(ec, {
            code: "endpoint_unsuitable",
            category: "misuse",
            message: "the issuer's metadata name no introspection endpoint",
            hint: "check the issuer: this one does not say where tokens can be asked about",
          });

        const request = ec.buildIntrospectionRequest({ introspectionEndpoint, ...rest });
        const answer = note(await send(ec, request));
        return { answer, introspection: ec.parseIntrospectionResponse(answer, { request }) };
      }),
  };
}

/** @typedef {ReturnType<typeof exchangesWith>} Exchanges */

/**
 * An AuthError becomes data; with it goes the answer that it is about.
 *
 * @template T
 * @type {<T>(
 *   ec: Package,
 *   run: (note: (answer: Answer) => Answer) => Promise<T>,
 * ) => Promise<T | Failure>}
 */
async function told(ec, run) {
  /** @type {Answer | undefined} */
  let answer;
  try {
    return await run((given) => {
      answer = given;
      return given;
    });
  } catch (error) {
    if (!(error instanceof ec.AuthError)) throw error;
    return { ...(answer && { answer }), error: membersOf(error) };
  }
}

/** @param {import("edge-credentials").AuthError} error */
export function membersOf(error) {
  return /** @type {Told} */ (/** @type {object} */ (error.toJSON()));
}

/**
 * OpenID Connect's path first, which ZITADEL has, then RFC 8414's.
 *
 * @type {(ec: Package, issuer: string) => Promise<import("edge-credentials").Metadata>}
 */
async function findMetadata(ec, issuer) {
  const ask = async (/** @type {import("edge-credentials").MetadataRequestOptions} */ options) =>
    ec.parseMetadataResponse(await send(ec, ec.buildMetadataRequest(options)), { issuer });
  try {
    return await ask({ issuer });
  } catch (error) {
    if (!(error instanceof ec.AuthError && error.code === "endpoint_not_found")) throw error;
    return ask({ issuer, wellKnown: "oauth-authorization-server" });
  }
}

/** @type {(ec: Package, request: RequestData) => Promise<Answer>} */
async function send(ec, request) {
  try {
    const response = await fetch(request.url, { ...request, signal: AbortSignal.timeout(LONGEST) });
    const headers = SHOWN_HEADERS.flatMap((name) =>
      response.headers.has(name) ? [[name, response.headers.get(name) ?? ""]] : [],
    );
    return {
      status: response.status,
      headers: Object.fromEntries(headers),
      body: await textOf(response),
    };
  } catch (error) {
    // What was thrown is dropped but for its name: runtimes quote addresses and headers in it.
    const { origin } = new URL(request.url);
    if (Object(error).name === "TimeoutError")
      throw failure(ec, {
        code: "timed_out",
        category: "unavailable",
        message: `no answer from ${origin} within ${LONGEST / 1000} s`,
        hint: "try again, or see whether the server is overloaded",
      });
    throw failure(ec, {
      code: "network_failed",
      category: "unavailable",
      message: `no answer from ${origin}`,
      hint:
        "is the server there? To a browser a server that does not permit this page (CORS) " +
        "looks the same: try it through the Worker",
    });
  }
}

/**
 * One character more than the package takes, so that it is the one to refuse.
 *
 * @param {Response} response
 */
async function textOf(response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (reader && text.length <= LARGEST) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += value;
  }
  await reader?.cancel();
  return text;
}

/**
 * @type {(
 *   ec: Package,
 *   details: import("edge-credentials").AuthErrorDetails,
 * ) => import("edge-credentials").AuthError}
 */
function failure(ec, details) {
  return new ec.AuthError({ retryable: details.category === "unavailable", ...details });
}
