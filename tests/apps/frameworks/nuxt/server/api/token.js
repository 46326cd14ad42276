import { use } from "../../../../use.js";

export default defineEventHandler((event) => {
  const { env = process.env } = event.context.cloudflare ?? {};
  return use(JSON.parse(env.SETTINGS));
});
