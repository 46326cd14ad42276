// A token source that asks a broker.
import { tokenSource } from "edge-credentials";
import type { Fetch, SourceEvent, TokenSource } from "edge-credentials";
import { guardReads, invalidOption } from "../core/guard-reads.js";
import { isRecord } from "../core/values.js";
import { noBroker, responseOf } from "./answer.js";
import { withName } from "./function-names.js";

/** The binding of a broker's class: a namespace of Durable Objects. */
export interface BrokerNamespace {
  idFromName: (name: string) => unknown;
  get: (id: any, options?: any) => any;
}

/** What a source that asks a broker is like. */
export interface BrokeredOptions {
  /** the name of the object, by default `edge-credentials`; each has a token of its own */
  object?: string;
  /** where the object starts if it is new, such as `weur` */
  locationHint?: string;
  /** where `fetch` may send the token, such as `https://api.example` */
  allowedOrigins?: string[];
  /** used instead of the runtime's for what `source.fetch` calls */
  apiFetch?: Fetch;
  /** ms that one call of `get` may take, by default 20 000 */
  timeout?: number;
  /** permits http to hosts other than loopback in `allowedOrigins` */
  insecureHttp?: boolean;
  /** stands in every event, as `name`; free text */
  name?: string;
  /** is called with what happens in this isolate */
  onEvent?: (event: SourceEvent) => void;
}

/** What one isolate asks of one object. */
interface Asker {
  request: () => Promise<Response>;
  hear: (event: SourceEvent) => void;
}

const askers: WeakMap<object, Map<string, Asker>> = new WeakMap();

/**
 * Makes a source whose token a broker holds. The isolate keeps a copy, so it asks the object once
 * in the life of a token. Equal options give the same source, so it may be called in every
 * request.
 *
 * @param namespace the binding of the class that `tokenBroker` made
 * @throws {AuthError} `option_invalid`
 */
export function brokered(namespace: BrokerNamespace, options: BrokeredOptions = {}): TokenSource {
  const isNamespace = guardReads(
    () =>
      typeof Object(namespace).idFromName === "function" &&
      typeof Object(namespace).get === "function",
  );
  if (!isNamespace) {
    throw invalidOption(
      "`brokered` takes a namespace of Durable Objects",
      "add it to `durable_objects` in wrangler's configuration, and pass the binding",
    );
  }
  if (!isRecord(options as unknown)) {
    throw invalidOption("the options of `brokered` are no object", "write `{ allowedOrigins }`");
  }
  const { object = "edge-credentials", locationHint, onEvent, ...others } = options;
  for (const text of [object, locationHint ?? "any"]) {
    if (typeof text === "string" && text !== "") continue;
    throw invalidOption("`object` or `locationHint` is no text", "write a name, or leave it out");
  }

  const { request, hear } = askerOf(namespace, { ...others, object, locationHint });
  return tokenSource({
    ...others,
    request,
    onEvent(event) {
      hear(event);
      return onEvent?.(event);
    },
  });
}

type AskerOptions = Omit<BrokeredOptions, "object" | "onEvent"> & { object: string };

/** The asker of one source: each source knows its own token, and equal options give one source. */
function askerOf(namespace: BrokerNamespace, options: AskerOptions): Asker {
  const known = askers.get(namespace) ?? new Map<string, Asker>();
  askers.set(namespace, known);
  const { apiFetch, object, locationHint, ...others } = options;
  const key = guardReads(() =>
    JSON.stringify([object, locationHint, idOf(apiFetch), ...Object.entries(others).sort()]),
  );
  const forget = () => void known.delete(key);
  const asker = known.get(key) ?? newAsker(namespace, object, locationHint, forget);
  known.set(key, asker);
  return asker;
}

const fetches: WeakMap<object, number> = new WeakMap();
let fetchCount = 0;

function idOf(apiFetch: Fetch | undefined): number {
  if (typeof apiFetch !== "function") return 0;
  const id = fetches.get(apiFetch) ?? (fetchCount += 1);
  fetches.set(apiFetch, id);
  return id;
}

function newAsker(
  namespace: BrokerNamespace,
  object: string,
  locationHint: string | undefined,
  forget: () => void,
): Asker {
  let answered: string | undefined;
  /** the token that the source took */
  let held: string | undefined;
  let refused: string | undefined;

  return {
    request: withName("asker", request),

    hear(event) {
      // The source that takes its place knows no token, so it must not ask for the next one.
      if (event.type === "drop") forget();
      if (event.type === "fetch" || event.type === "refresh") held = answered;
      if (event.type !== "invalidate" || !event.counted) return;
      // One that the object has not been told of yet is not forgotten.
      refused = held ?? refused;
      held = undefined;
    },
  };

  async function request() {
    // Another stub for each request: one of an object that was reset is of no more use.
    const stub = namespace.get(namespace.idFromName(object), locationHint && { locationHint });
    const question = { held, refused };
    const response = responseOf(await ask(stub, question));
    const { access_token: accessToken } = (await response.clone().json()) as any;
    if (refused === question.refused) refused = undefined;
    answered = accessToken;
    return response;
  }
}

/** What workerd says where the class is another. */
const NO_METHOD = /does not implement the method|does not support RPC/;

async function ask(stub: any, question: object): Promise<unknown> {
  try {
    return await stub.token(question);
  } catch (thrown) {
    if (NO_METHOD.test(String(Object(thrown).message))) throw noBroker();
    throw thrown;
  }
}
