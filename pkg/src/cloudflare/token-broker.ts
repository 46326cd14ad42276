// The Durable Object that holds one token for a fleet.
import { AuthError } from "edge-credentials";
import type { AuthErrorDetails, ErrorCause, Token, TokenSourceOptions } from "edge-credentials";
// @ts-ignore Only the runtime has it.
import { DurableObject as Base } from "cloudflare:workers";
import { causeOf, internal, misuse } from "../core/error-constructors.js";
import { isPromise, isRecord, kindOf } from "../core/values.js";
import { answerOf } from "./answer.js";
import type { Answer, Question } from "./answer.js";
import { brokerOf } from "./broker.js";
import type { Broker, ObjectStorage } from "./broker.js";

const DurableObject: new (context: ObjectContext, env: any) => { ctx: ObjectContext; env: any } =
  Base;

/** What of an object's context is used. */
interface ObjectContext {
  storage: ObjectStorage;
  id?: { name?: string };
}

/** How long before the end of a token the alarm asks for the next one: ms, and a share of its life. */
const AHEAD = { most: 600_000, share: 0.4 };

/**
 * The pauses of the alarm: after an error that says none, between two runs, and where a run found
 * again the token that was due, ms.
 */
const PAUSE = { failed: 60_000, least: 1_000, again: 30_000 };

/** What a broker is like, beside its source. */
export interface BrokerOptions {
  /**
   * renews the token by an alarm when it is due, also while nobody asks; by default the next
   * question after that does
   */
  keepWarm?: boolean;
}

/** A Durable Object that holds one token. `brokered` calls it. */
export interface TokenBroker {
  /** the mark by which Cloudflare's types know an object's class; there is no such member */
  readonly __DURABLE_OBJECT_BRAND: never;
  token(question?: Question): Promise<Answer>;
  alarm(): Promise<void>;
}

/**
 * Makes the class of a Durable Object that holds one token for any number of isolates. Export a
 * class of your own, and name it in wrangler's configuration:
 *
 * ```
 * export class Tokens extends tokenBroker((env) => ({ issuer: env.ISSUER, … })) {}
 * ```
 *
 * The secret is in the object's environment alone. The object keeps the token in its storage,
 * sealed, so that an eviction costs no request.
 *
 * @param optionsOf gives the options of `tokenSource`; `name` is the object's, where the runtime
 *   tells it
 */
export function tokenBroker<Env = any>(
  optionsOf: (env: Env, name: string | undefined) => TokenSourceOptions,
  { keepWarm = false }: BrokerOptions = {},
): new (ctx: any, env: any) => TokenBroker {
  const broker = class
    extends DurableObject
    implements Omit<TokenBroker, "__DURABLE_OBJECT_BRAND">
  {
    #broker: Broker | undefined;
    /** the token that the last alarm found, if it was to be renewed */
    #overdue: string | undefined;

    async token(question: Question = {}): Promise<Answer> {
      try {
        const token = await this.#get(question);
        if (keepWarm)
          await this.#setAlarm(async (storage) => {
            // Where an alarm was given up, as after seven failures, this begins anew.
            if ((await storage.getAlarm()) === null) {
              await storage.setAlarm(Math.max(Date.now() + PAUSE.least, dueTime(token)));
            }
          });
        return answerOf(token);
      } catch (thrown) {
        return { error: detailsOf(thrown) };
      }
    }

    async alarm(): Promise<void> {
      // One that a former version set.
      if (!keepWarm) return;
      let next = Date.now() + PAUSE.failed;
      try {
        const token = await this.#get({});
        const pause = token.accessToken === this.#overdue ? againIn(token) : PAUSE.least;
        next = Math.max(Date.now() + pause, dueTime(token));
        this.#overdue = dueTime(token) <= Date.now() ? token.accessToken : undefined;
      } catch (thrown) {
        // The source has reported it. An alarm that throws is repeated six times, and then given up.
        next = detailsOf(thrown).retryAt ?? next;
      } finally {
        await this.#setAlarm((storage) => storage.setAlarm(next));
      }
    }

    async #get(question: Question): Promise<Token> {
      this.#broker ??= brokerOf(this.#options(), this.ctx.storage);
      return this.#broker.get(question);
    }

    #options(): TokenSourceOptions {
      let options: TokenSourceOptions;
      try {
        options = optionsOf(this.env, this.ctx.id?.name);
      } catch (thrown) {
        throw functionFailed("threw an error", causeOf(thrown));
      }
      if (!isRecord(options as unknown) || isPromise(options)) {
        throw functionFailed(`gave ${kindOf(options)}`);
      }
      return options;
    }

    /** The token is there even if no alarm can be set: the next caller tries again. */
    async #setAlarm(set: (storage: ObjectStorage) => Promise<void>): Promise<void> {
      try {
        await set(this.ctx.storage);
      } catch {
        console.warn("edge-credentials: the broker's alarm could not be set");
      }
    }
  };
  return broker as unknown as new (ctx: any, env: any) => TokenBroker;
}

/** When the next token is due, ms since 1970: not before the source renews it. */
function dueTime({ obtainedAt, expiresAt }: Token): number {
  if (expiresAt === null) return Date.now() + PAUSE.failed;
  const ahead = Math.min(AHEAD.most, (expiresAt - obtainedAt) * AHEAD.share);
  return expiresAt - ahead;
}

/** How long to wait where the server gave no other token, ms: while this one is there, in vain. */
function againIn({ expiresAt }: Token): number {
  const left = Number(expiresAt) - Date.now();
  return Math.max(PAUSE.least, Math.min(PAUSE.again, left / 2));
}

/** Of what the function throws nothing is shown but its name: its texts may hold secrets. */
function functionFailed(problem: string, cause?: ErrorCause): AuthError {
  return misuse(
    "callback_failed",
    `the function of tokenBroker ${problem}`,
    "it has to return the options of tokenSource; what must be awaited is a function there, such as " +
      "`clientSecret: () => env.SECRET.get()`",
    cause,
  );
}

function detailsOf(thrown: unknown): AuthErrorDetails {
  const error =
    thrown instanceof AuthError ? thrown : internal("the broker failed", causeOf(thrown));
  const { name: _, ...details } = error.toJSON() as AuthErrorDetails & { name: string };
  return details;
}
