// What our Workers take from the runtime; a project of its own would have Cloudflare's types.
declare module "cloudflare:workers" {
  export class DurableObject {
    ctx: any;
    env: any;
    constructor(ctx: any, env: any);
  }
  export const env: Record<string, unknown>;
  export const waitUntil: ((promise: Promise<unknown>) => void) | undefined;
}
