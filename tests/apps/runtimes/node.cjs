// Node and Bun, by require.
const ec = require("edge-credentials");

import("./report.js").then(({ report }) => report(ec, process.argv[2]));
