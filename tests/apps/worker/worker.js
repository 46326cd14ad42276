import { use } from "../use.js";

export default {
  async fetch(_, { SETTINGS }) {
    return Response.json(await use(JSON.parse(SETTINGS)));
  },
};
