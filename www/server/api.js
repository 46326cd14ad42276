// @ts-check
// An API behind bearer tokens: the one call of ZITADEL's that every service user may make, answered
// in ZITADEL's shape.

/** @typedef {{ id: string; name: string }} ServiceUser */
/**
 * @typedef {{ clientId: string; forApi: boolean }} Caller whose token it is, and whether its
 *   audience is this API
 */

export const API_PATH = "/auth/v1/users/me";

/**
 * A middleware that answers at {@link API_PATH} and leaves every other path to the next one.
 *
 * @param {ServiceUser} user
 * @param {(token: string) => Promise<Caller | undefined>} validate undefined for a token that is
 *   not good
 * @returns {(ctx: any, next: () => Promise<void>) => Promise<void>}
 */
export function api(user, validate) {
  return async (ctx, next) => {
    if (ctx.path !== API_PATH) return next();
    allowLoopback(ctx);
    if (ctx.method === "OPTIONS") {
      ctx.status = 204;
    } else if (ctx.method === "GET") {
      await answer(ctx, user, validate);
    } else {
      ctx.status = 405;
      ctx.set("allow", "GET, OPTIONS");
    }
  };
}

/**
 * @type {(
 *   ctx: any,
 *   user: ServiceUser,
 *   validate: (token: string) => Promise<Caller | undefined>,
 * ) => Promise<void>}
 */
async function answer(ctx, { id, name }, validate) {
  const token = /^Bearer +(\S+)$/i.exec(ctx.get("authorization"))?.[1];
  if (!token) return refuse(ctx, "Bearer", "auth header missing");

  const caller = await validate(token);
  if (!caller) return refuse(ctx, 'Bearer error="invalid_token"', "Errors.Token.Invalid");
  if (!caller.forApi) return refuse(ctx, 'Bearer error="invalid_token"', "invalid audience");
  ctx.body = {
    user: { id, userName: caller.clientId, state: "USER_STATE_ACTIVE", machine: { name } },
  };
}

/** @type {(ctx: any, challenge: string, message: string) => void} */
function refuse(ctx, challenge, message) {
  ctx.status = 401;
  ctx.set("www-authenticate", challenge);
  // 16 is gRPC's UNAUTHENTICATED: ZITADEL's APIs are gRPC behind a gateway.
  ctx.body = { code: 16, message };
}

/** @param {any} ctx */
function allowLoopback(ctx) {
  ctx.vary("origin");
  if (!isLoopback(ctx.get("origin"))) return;
  ctx.set("access-control-allow-origin", ctx.get("origin"));
  ctx.set("access-control-allow-headers", "authorization");
  ctx.set("access-control-expose-headers", "www-authenticate");
}

/**
 * Whether a page comes from this machine, whatever its port.
 *
 * @param {string} origin
 */
export function isLoopback(origin) {
  return (
    URL.canParse(origin) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(origin).hostname)
  );
}
