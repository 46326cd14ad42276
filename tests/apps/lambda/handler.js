import { use } from "../use.js";

export async function handler() {
  const body = await use(JSON.parse(process.env.SETTINGS));
  return { statusCode: 200, body: JSON.stringify(body) };
}
