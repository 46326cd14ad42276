// @ts-check
// The metadata, at each of the three addresses that are looked at, and the keys.
import { buildMetadataRequest } from "edge-credentials";
import { membersOf } from "./observe.js";
import { outcomeOf } from "./step.js";

const ADDRESSES = /** @type {const} */ ([
  "openid-configuration",
  "oauth-authorization-server",
  "oauth-authorization-server-appended",
]);

/** @type {(running: import("./types.js").Running) => import("./types.js").Case[]} */
export function discovery({ issuer, logins, usual }) {
  return [
    ...ADDRESSES.map((wellKnown) => metadata(issuer, wellKnown)),
    {
      name: "metadata, found by the issuer",
      expected: "token",
      run: ({ source }) => outcomeOf(source(logins[usual]).get(), "token"),
    },
    {
      name: "metadata of an issuer with a slash too many or too few",
      expected: "issuer_mismatch",
      run: ({ source }) =>
        outcomeOf(source({ ...logins[usual], issuer: otherSlash(issuer) }).get(), "token"),
    },
  ];
}

/** @type {(issuer: string, wellKnown: (typeof ADDRESSES)[number]) => import("./types.js").Case} */
function metadata(issuer, wellKnown) {
  return {
    name: `metadata at ${wellKnown}`,
    expected: "200",
    async run({ fetch, note }) {
      const { url } = buildMetadataRequest({ issuer, wellKnown });
      const response = await fetch(url);
      if (response.ok) note(membersOf(await response.json()));
      return String(response.status);
    },
  };
}

/** @param {string} issuer */
function otherSlash(issuer) {
  return issuer.endsWith("/") ? issuer.slice(0, -1) : `${issuer}/`;
}
