import { use } from "../use.js";

globalThis.result = use(globalThis.settings);
