import type { Principal } from '../auth/principal.ts';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import { RESUME_FOR_SILENT_MS } from '../protocol/limits.ts';
import type { Facts } from '../runtime/log.ts';
import type { Call, CallChannel } from './call.ts';
import { RESUME_FOR_RUNS_MS } from './limits.ts';

/** What is shared by all principals of a daemon. */
export type Resource =
  | 'connections'
  | 'channels'
  | 'requestBytes'
  | 'starts'
  | 'runs'
  | 'forwards'
  | 'dials'
  | 'listeners'
  | 'talkers'
  | 'rooms'
  | 'transfers'
  | 'descriptors';

const RESOURCES: Readonly<Record<Resource, true>> = {
  connections: true,
  channels: true,
  requestBytes: true,
  starts: true,
  runs: true,
  forwards: true,
  dials: true,
  listeners: true,
  talkers: true,
  rooms: true,
  transfers: true,
  descriptors: true,
};

/** What a call takes of that from its start to its end. */
export type Costs = Readonly<Partial<Record<Resource, number>>>;

/** A call whose turn has come. Both may be called again, for nothing. */
export interface Turn {
  /** It has started: others may start. */
  started(): void;
  /** It is over, and costs nothing any more. */
  over(): void;
}

/** What a bound principal may ask of a service. All else is refused to it, and so is whatever comes later. */
export interface OpenToBound {
  readonly fields: readonly string[];
  /** Values of other fields that change nothing; `null`, `false` and a missing field never do. */
  readonly harmless?: Readonly<Record<string, unknown>>;
  /** Whether it is open to keys that may use terminal sessions and nothing else. */
  readonly toSessionKeys?: true;
  /** What other fields ask for, in words. */
  readonly meanings?: Readonly<Record<string, string>>;
}

/** How long a call is worth waiting for another connection. */
export interface Patience {
  readonly lostMs: number;
  /** For a client that was only silent: one that is stopped may go on. */
  readonly silentMs: number;
}

/** Of a call with a program before it. */
export const PROGRAM_PATIENCE: Patience = { lostMs: RESUME_FOR_RUNS_MS, silentMs: RESUME_FOR_SILENT_MS };

/** What a client says from its request on, while the call waits for its turn. */
export interface Inbox {
  /** Resolves when its client does not want it any more, though the channel is open. */
  readonly withdrawn: Promise<unknown>;
  /** Tells its client that it waits for one of so many commands of its principal to end; at most once. */
  reportWaiting(running: number): void;
}

/** What a service is given with a call that has been authorized, and whose turn has come. */
export interface Served<Authorized, Heard> {
  readonly request: Authorized;
  readonly turn: Turn;
  /** Null where the service does not listen. */
  readonly inbox: Heard | null;
}

/** Everything that is known of a service, in one place: no other code knows a field of its requests. */
export interface ServiceDefinition<Request extends object, Authorized, Heard, Caller> {
  readonly name: string;
  /** Reads a request; what it does not know is left out. @throws RexaError REQUEST_WRONG_SHAPE */
  read(request: JsonObject): Request;
  /**
   * Decides on a request that is asked for now.
   * @returns what is to be served in its place
   * @throws RexaError NOT_PERMITTED and the like
   */
  authorize(request: Request, caller: Caller): Authorized;
  /**
   * Serves it to its end, and says on the way when it has started. A rejection with a RexaError of CHANNEL_ERRORS
   * becomes the channel's last word.
   */
  serve(call: Call<Caller>, served: Served<Authorized, Heard>): Promise<void> | void;
  /** What the audit says of a request that is refused, beside who asked, and why not. */
  readonly audit?: (request: Request, caller: Caller) => Facts;
  /** Absent: a question that costs nothing. Amounts are whole numbers; a request with other costs is refused. */
  readonly costs?: (request: Request) => Costs;
  readonly patience?: (request: Request) => Patience;
  /** Absent: nothing of it is open to bound principals. */
  readonly openToBound?: OpenToBound;
  /** What a daemon that drains does with a new call: `refuse` for what may go on for long. */
  readonly drain: 'refuse' | 'serve';
  /** Hears the client from its request on. Absent, or null: the call waits until its channel ends. */
  readonly listen?: (channel: CallChannel, request: Request) => (Heard & Inbox) | null;
}

/** A service as a dispatcher sees it. */
export interface Service<Caller = Principal> {
  readonly name: string;
  readonly drain: 'refuse' | 'serve';
  readonly openToBound: OpenToBound | null;
  /** Reads a request; nothing of it is done yet. @throws RexaError REQUEST_WRONG_SHAPE */
  open(call: Call<Caller>): OpenCall;
}

/** A request that was read, and waits for its turn. */
export interface OpenCall {
  readonly request: JsonObject;
  readonly costs: Costs;
  readonly patience: Patience;
  readonly inbox: Inbox | null;
  /** Null: the service has nothing of its own to say. */
  describe(): Facts | null;
  /** Decides on it. @returns what serves it @throws RexaError */
  authorize(): (turn: Turn) => Promise<void>;
}

/** Makes a service of its definition. */
export function makeService<Request extends object, Authorized, Heard = unknown, Caller = Principal>(
  definition: ServiceDefinition<Request, Authorized, Heard, Caller>,
): Service<Caller> {
  const { name, drain, openToBound = null } = definition;
  return {
    name,
    drain,
    openToBound,
    open(call) {
      const request = definition.read(call.channel.request);
      const heard = definition.listen?.(call.channel, request) ?? null;
      return {
        request: request as JsonObject,
        costs: checkCosts(name, definition.costs?.(request) ?? {}),
        patience: definition.patience?.(request) ?? PROGRAM_PATIENCE,
        inbox: heard,
        describe: () => definition.audit?.(request, call.principal) ?? null,
        authorize() {
          const authorized = definition.authorize(request, call.principal);
          return async (turn) => definition.serve(call, { request: authorized, turn, inbox: heard });
        },
      };
    },
  };
}

/** Services of other programs come without types. @throws RexaError INTERNAL */
function checkCosts(service: string, costs: Costs): Costs {
  const wrong = Object.entries(costs).find(
    ([resource, amount]) =>
      !Object.hasOwn(RESOURCES, resource) || !Number.isSafeInteger(amount) || amount < 0,
  );
  if (wrong === undefined) return costs;
  throw new RexaError('INTERNAL', [`the service ${service} costs ${wrong.map(String).join(': ')}`]);
}

/** What was taken together. */
export interface Bill {
  /** Once: all of it is given back. Later calls do nothing. */
  giveBack(): void;
}

/** What a service has under way, for a daemon that drains. */
export interface Work {
  readonly count: number;
  /** Called when a drain begins: nothing that was under way takes new work. Absent where nothing does. */
  stopTaking?(): void;
  /** Something of it goes on, here or elsewhere. */
  readonly isBusy: boolean;
  /** Ends all of it. Resolves when nothing runs any more, although output may still wait for a reader. */
  cancelAll(): Promise<void>;
  /** Kills what is being ended, whatever time its request gives it. */
  killAll(): void;
  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void>;
}
