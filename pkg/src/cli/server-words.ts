// What servers mean by their words, where the package's own hint cannot be as exact.
import type { AuthError } from "edge-credentials";
import type { Suspicion } from "./check.js";

const WORDS: [pattern: RegExp, meaning: Suspicion][] = [
  [
    /^Invalid client or Invalid client credentials/,
    {
      cause: "CLIENT_ID or CLIENT_SECRET is wrong, or the client is disabled",
      fix: "compare both with the client's in Keycloak, tab Credentials",
    },
  ],
  [
    /^Client not enabled to retrieve service account/,
    {
      cause: "the client has no service account",
      fix: "turn on the client's Service account roles in Keycloak, under Capability config",
    },
  ],
  [
    /^Public client not allowed to retrieve service account/,
    {
      cause: "the client is public",
      fix: "turn on Client authentication in Keycloak, under Capability config",
    },
  ],
  [
    /client_assertion_type is missing/,
    {
      cause: "the client authenticates by a signed JWT, not by a secret",
      fix: "set CLIENT_ID and KEY_FILE, and no CLIENT_SECRET",
    },
  ],
  [
    /^DPoP proof is missing/,
    {
      cause: "the client must bind its tokens to a key (DPoP), which is not supported here",
      fix: "turn off Require DPoP bound tokens for the client",
    },
  ],
  [
    /issued in the future|^Token is not active/,
    { cause: "this clock is wrong", fix: "set the clock of this machine, by NTP" },
  ],
];

export function meaningOf({ errorDescription = "" }: AuthError): Suspicion | undefined {
  return WORDS.find(([pattern]) => pattern.test(errorDescription))?.[1];
}
