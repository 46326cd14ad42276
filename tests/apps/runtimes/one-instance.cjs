// Says whether import and require share one instance.
const required = require("edge-credentials");

import("edge-credentials").then((imported) => {
  const names = ["AuthError", "tokenSource"];
  console.log(
    JSON.stringify(
      names.map(
        (name) => typeof imported[name] === "function" && imported[name] === required[name],
      ),
    ),
  );
});
