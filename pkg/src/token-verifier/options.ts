// The options of a token verifier: what is checked beyond their kinds.
import { tokenVerifierOptionsKinds } from "../core/calls.js";
import type {
  CheckedIntrospectionClient,
  CheckedTokenVerifierOptions,
  TokenVerifierOptions,
} from "../core/calls.js";
import { checkerOf, hasOption } from "../core/check.js";
import { invalidOption } from "../core/guard-reads.js";
import { AUDIENCE_HINT, requirementsOf } from "./requirements.js";
import type { Required } from "./requirements.js";

/** The default of `timeout`, ms. */
const TIMEOUT = 20_000;

/** The default of `leeway`, ms. */
const LEEWAY = 30_000;

/** The largest `leeway`, ms. */
const MAX_LEEWAY = 300_000;

/** The default of `maxTokenLength`, in characters. */
const MAX_TOKEN_LENGTH = 65_536;

/** The checked options, with their defaults. */
export interface VerifierOptions extends Omit<
  CheckedTokenVerifierOptions,
  "audience" | "scope" | "role"
> {
  leeway: number;
  timeout: number;
  maxTokenLength: number;
  insecureHttp: boolean;
  /** what every token must have */
  required: Required;
  /** who introspects tokens, if any are introspected */
  client: CheckedIntrospectionClient | undefined;
}

const check = checkerOf<CheckedTokenVerifierOptions>("tokenVerifier", tokenVerifierOptionsKinds);

/**
 * Checks the options of `tokenVerifier` and returns them with their defaults.
 *
 * @throws {AuthError} `option_invalid`
 */
export function checkVerifierOptions(options: TokenVerifierOptions): VerifierOptions {
  if (hasOption(options, "issuer") && !hasOption(options, "audience")) {
    throw invalidOption("`audience` is missing", AUDIENCE_HINT);
  }
  const { audience, scope, role, ...checked } = check(options);
  const { timeout = TIMEOUT, leeway = LEEWAY, insecureHttp = false } = checked;
  const { maxTokenLength = MAX_TOKEN_LENGTH } = checked;
  checkValues({ ...checked, timeout, leeway });

  const client = checked.accept === "jwt" ? undefined : checked.introspection;
  const given = { audience, scope, role };
  const required = requirementsOf(given, {
    projectId: checked.projectId,
    introspects: client !== undefined,
  });
  return { ...checked, timeout, leeway, maxTokenLength, insecureHttp, required, client };
}

type Values = Pick<
  CheckedTokenVerifierOptions,
  "accept" | "typ" | "introspection" | "projectId"
> & { timeout: number; leeway: number };

function checkValues({ accept, typ, introspection, projectId, timeout, leeway }: Values): void {
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
