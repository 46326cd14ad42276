// What all runners do: get the context, run the suite, hand back the results; and refuse a request
// by the middleware, which finds the package by its name.
import { suite } from "../suite/index.js";
import { runAll } from "../suite/run.js";

export async function report(ec, { bearerAuth }, url) {
  const middleware = bearerAuth(() => ({ issuer: "https://idp.example", audience: "api" }));
  const { status } = await middleware(
    { req: { raw: new Request("https://api.example/") }, set() {} },
    () => {},
  );
  if (status !== 401) throw new Error(`the middleware answers ${status}`);
  const context = await (await fetch(url)).json();
  const results = await runAll(suite({ ec, ...context }));
  await fetch(url, { method: "POST", body: JSON.stringify(results) });
}
