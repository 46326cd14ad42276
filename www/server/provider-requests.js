// @ts-check
// Changes requests before `oidc-provider` sees them. A middleware that reads the body first would
// bring a warning at every start, so it is done where the body is kept.

/** @typedef {Record<string, unknown>} Form */

/**
 * @param {any} provider
 * @param {(form: Form) => Form} change
 */
export function changeRequests(provider, change) {
  class Context extends provider.OIDCContext {
    /** @type {Form} */
    #body = {};

    get body() {
      return this.#body;
    }

    set body(body) {
      this.#body = change(body);
    }
  }
  Object.defineProperty(provider, "OIDCContext", { value: Context });
}
