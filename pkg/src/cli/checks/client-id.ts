// The shape of the client id. It is never printed: it may be the secret, in the wrong place.
import { ok, skipped, suspect } from "../check.js";
import type { Check } from "../check.js";
import { productOf } from "../product.js";
import { shapeOf } from "../shape.js";

/** The number of a user or an application; older client ids of applications have an `@` too. */
const NUMBER = /^\d{15,20}(@.*)?$/;

const LOGIN_NAME =
  "set CLIENT_ID to the service user's login name: the user name in the console, under Users, " +
  "Service Accounts, or `name@domain` where that is how users log in";

export const clientId: Check = {
  name: "client id",
  needs: ["variables"],
  run(examination) {
    const { clientId, clientSecret } = examination.settings;
    if (clientId === undefined) return skipped("CLIENT_ID is not set; the key says whose it is");

    const found = shapeOf("CLIENT_ID", clientId, examination);
    if (found) return found;
    const isZitadel = productOf(examination.metadata) === "ZITADEL";
    if (isZitadel && clientSecret !== undefined && NUMBER.test(clientId)) {
      const owner = clientId.includes("@") ? "an application's id" : "a number";
      return suspect(
        examination,
        `CLIENT_ID is ${owner}, and ZITADEL wants the service user's login name`,
        LOGIN_NAME,
      );
    }
    return ok("looks right");
  },
};
