import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LinkChannel } from '../link/channel.ts';
import type { Link } from '../link/link.ts';
import { errnoOf, RexaError } from '../protocol/errors.ts';
import type { Facts } from '../runtime/log.ts';
import type { Call, CallChannel } from './call.ts';
import { CHANNELS_PER_TURN } from './limits.ts';
import type { Costs, OpenCall, Patience, Service, Turn } from './service.ts';

/** What a process decides about the calls that it serves. */
export interface DispatcherOptions<Caller> {
  /** The registry: what may be asked for here. */
  readonly services: readonly Service<Caller>[];
  /** Takes a call, or not, before its request is read; null: there is no such service. @throws RexaError */
  admit(call: Call<Caller>, service: Service<Caller> | null): void;
  /** Checks what the rights of the caller say of a service, and of a request. @throws RexaError */
  permit?(service: Service<Caller>, caller: Caller, request: Facts | null): void;
  /** Waits until a call may start. Null: it was withdrawn. @throws RexaError */
  awaitTurn(call: Call<Caller>, costs: Costs, waiting: Waiting): Promise<Turn | null>;
  /** Told of a call that was not begun, and what the service says of it. */
  reportRefusal?(caller: Caller, error: unknown, refused: RefusedCall | null): void;
  /** Told of the last word of a call that failed. */
  reportFailure?(caller: Caller, error: RexaError): void;
  /** Told of a mistake of ours. @returns what its client is told */
  handleMistake(error: unknown): RexaError;
}

/** A call that waits for its turn. */
export interface Waiting {
  /** Resolves when nobody wants it any more. */
  readonly withdrawn: Promise<unknown>;
  /** Called once if its principal has as many commands as it may, with their number. */
  readonly report?: ((running: number) => void) | undefined;
}

/** What is audited of a request that was refused. */
export interface RefusedCall {
  readonly service: string;
  readonly facts: Facts;
}

/**
 * Serves calls by a registry of services: in the daemon, in the supervisor, and in a client, whose registry is empty. A call
 * is admitted, read, charged, authorized and served, in this order; whatever goes wrong is its last word.
 */
export interface Dispatcher<Caller> {
  /** Serves a call to its end. Never rejects. */
  serve(call: Call<Caller>): Promise<void>;
  /** Serves what the peer of a link opens; resolves when no more can come. */
  serveLink(link: Pick<Link, 'nextChannel'>, caller: (channel: LinkChannel) => Call<Caller>): Promise<void>;
  /** The channels that are open. */
  readonly open: ReadonlySet<CallChannel>;
  /** How long a call is worth waiting for; undefined for one that was refused. */
  patienceOf(channel: CallChannel): Patience | undefined;
}

export function createDispatcher<Caller>(options: DispatcherOptions<Caller>): Dispatcher<Caller> {
  const services = new Map(options.services.map((service) => [service.name, service]));
  const open = new Set<CallChannel>();
  const patiences = new WeakMap<CallChannel, Patience>();

  /** @throws RexaError SERVICE_UNKNOWN, REQUEST_WRONG_SHAPE, and as `admit` and `permit` */
  function openCall(call: Call<Caller>): readonly [Service<Caller>, OpenCall] {
    const name = call.channel.request['service'];
    const service = typeof name === 'string' ? services.get(name) : undefined;
    options.admit(call, service ?? null);
    if (service === undefined)
      throw new RexaError('SERVICE_UNKNOWN', [String(name), [...services.keys()].join(', ') || 'none']);
    options.permit?.(service, call.principal, null);
    const opened = service.open(call);
    patiences.set(call.channel, opened.patience);
    return [service, opened];
  }

  async function serveOpen(call: Call<Caller>, service: Service<Caller>, opened: OpenCall): Promise<void> {
    const { channel } = call;
    const { inbox, costs } = opened;
    const withdrawn = inbox === null ? channel.ended : Promise.race([channel.ended, inbox.withdrawn]);
    const turn = await options.awaitTurn(call, costs, { withdrawn, report: inbox?.reportWaiting });
    if (turn === null) throw new RexaError('CANCELED', [' before it was started']);
    try {
      const serveIt = auditRefusal(
        () => {
          // Again: the wait for a turn may have been long
          options.permit?.(service, call.principal, opened.request);
          return opened.authorize();
        },
        call,
        () => {
          const facts = opened.describe();
          return facts && { service: service.name, facts };
        },
      );
      await serveIt({
        started() {
          turn.started();
          channel.releaseRequest();
        },
        over: turn.over,
      });
    } finally {
      turn.over();
    }
  }

  function auditRefusal<T>(
    decide: () => T,
    { principal }: Call<Caller>,
    describe: () => RefusedCall | null,
  ): T {
    try {
      return decide();
    } catch (error) {
      options.reportRefusal?.(principal, error, describe());
      throw error;
    }
  }

  async function serve(call: Call<Caller>): Promise<void> {
    const { channel } = call;
    open.add(channel);
    void channel.ended.then(() => open.delete(channel));
    try {
      const [service, opened] = auditRefusal(
        () => openCall(call),
        call,
        () => null,
      );
      await serveOpen(call, service, opened);
    } catch (error) {
      const known = error instanceof RexaError ? error : options.handleMistake(error);
      const { code, message } = known;
      options.reportFailure?.(call.principal, known);
      const errno = errnoOf(known);
      channel.abort({ error: { code, message, ...(errno === null ? {} : { errno }) } });
    }
  }

  return {
    serve,
    async serveLink(link, callOf) {
      let count = 0;
      for (let channel = await link.nextChannel(); channel !== null; channel = await link.nextChannel()) {
        void serve(callOf(channel));
        // A thousand that came at once are not all looked at before anybody else is
        if (++count % CHANNELS_PER_TURN === 0) await nextTurn();
      }
    },
    open,
    patienceOf: (channel) => patiences.get(channel),
  };
}
