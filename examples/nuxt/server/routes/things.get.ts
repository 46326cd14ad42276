// An API that takes access tokens.
export default defineEventHandler(async (event) => {
  const { verify, challenge } = verifierOf(event);
  try {
    // `sub` identifies the caller; `client_id` does not.
    const { sub } = await verify(event.node.req);
    return { things: ["a", "b"], caller: sub };
  } catch (error) {
    return challenge(error);
  }
});
