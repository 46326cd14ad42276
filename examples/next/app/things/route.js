// An API that takes access tokens.
import { verifier } from "../../lib/credentials.js";

export async function GET(request) {
  const { verify, challenge } = verifier();
  try {
    // `sub` identifies the caller; `client_id` does not.
    const { sub } = await verify(request);
    return Response.json({ things: ["a", "b"], caller: sub });
  } catch (error) {
    return challenge(error);
  }
}
