// Node and Bun, by require.
const ec = require("edge-credentials");
const hono = require("edge-credentials/hono");

import("./report.js").then(({ report }) => report(ec, hono, process.argv[2]));
