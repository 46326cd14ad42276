import { eventHandler } from "h3";
import { use } from "../../../use.js";

export default eventHandler((event) => {
  const { env = process.env } = event.context.cloudflare ?? {};
  return use(JSON.parse(env.SETTINGS));
});
