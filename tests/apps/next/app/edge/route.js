import { use } from "../../../use.js";

export const runtime = "edge";

export async function GET() {
  return Response.json({
    runtime: globalThis.EdgeRuntime ?? "",
    ...(await use(JSON.parse(process.env.SETTINGS))),
  });
}
