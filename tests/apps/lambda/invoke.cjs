// What Lambda's runtime does with the bundle: it requires it once, and calls the handler.
const { handler } = require("../out/lambda/handler.cjs");

handler({ rawPath: "/" }, { awsRequestId: "1" }).then(({ statusCode, body }) => {
  console.log(JSON.stringify({ statusCode, ...JSON.parse(body) }));
});
