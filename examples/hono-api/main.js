// Serves the API in Node.
import { serve } from "@hono/node-server";
import { app } from "./app.js";

const options = { fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" };
serve(options, ({ port }) => console.log(`listening on http://127.0.0.1:${port}`));
