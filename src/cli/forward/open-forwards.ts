import { isDeepStrictEqual } from 'node:util';
import type { ForwardSpec, ListenPlace } from '../../config/ssh/forward-spec.ts';
import { RexaError } from '../../protocol/errors.ts';
import { type SocketPlace, showPlace } from '../../protocol/socket-place.ts';
import { createUseCount, type UseCount } from '../../runtime/use-count.ts';
import type { Forward, ForwardHost } from '../../services/forward/client-types.ts';
import type { Messages } from '../output/messages.ts';
import { describeListenFailure, describeOpenFailure, nameSpec } from './describe-forward.ts';
import type { ForwardRules } from './forward-rules.ts';

/** A forwarding that listens. */
export interface OpenForward {
  readonly spec: ForwardSpec;
  readonly forward: Forward;
}

/** The forwardings of one connection. */
export interface Forwards {
  readonly open: readonly OpenForward[];
  /** Returns the one that the same words have opened. */
  find(spec: ForwardSpec): OpenForward | undefined;
  /** @throws RexaError FORWARD_REFUSED why it does not listen */
  listen(spec: ForwardSpec): Promise<OpenForward>;
  /**
   * The same, with messages on what was chosen, and on why it does not listen.
   * @param isNeeded whether it is an error that it does not listen (`ExitOnForwardFailure`)
   * @returns whether it listens @throws RexaError FORWARD_REFUSED with `isNeeded` only
   */
  add(spec: ForwardSpec, isNeeded?: boolean): Promise<boolean>;
  /** Stops listening there; false: nothing does. */
  cancel(letter: ForwardSpec['letter'], from: ListenPlace): Promise<boolean>;
  /** Resolves when no connection is open, of these forwardings and of whoever else counts in `use`. */
  whenIdle(): Promise<void>;
  closeAll(): Promise<void>;
}

/**
 * The forwardings of a host: none at first. Errors and what was chosen are said as ssh says it.
 * @param use counts their open connections
 */
export function createForwards(
  host: Pick<ForwardHost, 'forward'>,
  rules: ForwardRules,
  messages: Pick<Messages, 'fail' | 'warn' | 'debug'>,
  use: UseCount = createUseCount(),
): Forwards {
  const open: OpenForward[] = [];
  let channel = 0;
  const handleError = (error: RexaError): void => messages.fail(describeOpenFailure(++channel, error));

  /** @throws RexaError as `ForwardHost.forward` */
  async function listen(spec: ForwardSpec): Promise<OpenForward> {
    let connections = 0;
    const handleCount = (count: number): void => {
      use.add(count - connections);
      connections = count;
    };
    const ends = readEnds(spec, rules);
    const forward = await host.forward({ ...ends, ...readOptions(spec, rules), handleError, handleCount });
    const entry = { spec, forward };
    open.push(entry);
    void forward.ended.then((error) => {
      open.splice(open.indexOf(entry), 1);
      if (error !== null) messages.debug(1, error.message);
    });
    return entry;
  }

  return {
    open,
    find: (spec) => open.find((each) => isSame(each.spec, spec)),
    listen: (spec) =>
      listen(spec).catch((error: unknown) => {
        throw refusal(spec, error);
      }),
    async add(spec, isNeeded = false) {
      try {
        announce(await listen(spec), messages);
        return true;
      } catch (error) {
        if (isNeeded || !(error instanceof RexaError)) throw refusal(spec, error);
        messages.fail(describeListenFailure(spec, error, false));
        return false;
      }
    },
    async cancel(letter, from) {
      const found = open.find(({ spec }) => spec.letter === letter && isSame(spec.from, from));
      await found?.forward.close();
      return found !== undefined;
    },
    whenIdle: () => use.whenUnusedFor(0),
    async closeAll() {
      await Promise.all(open.map(({ forward }) => forward.close()));
    },
  };
}

/** An error of a program is passed on. */
function refusal(spec: ForwardSpec, cause: unknown): unknown {
  if (!(cause instanceof RexaError)) return cause;
  return new RexaError('FORWARD_REFUSED', [describeListenFailure(spec, cause, true)], { cause });
}

function isSame(one: ListenPlace | ForwardSpec, other: ListenPlace | ForwardSpec): boolean {
  return isDeepStrictEqual(one, other);
}

function readEnds({ letter, from, to }: ForwardSpec, { gatewayPorts }: ForwardRules) {
  if (letter === 'R')
    return {
      from: { remote: placeOf(from, 'localhost') },
      to: to === null ? 'socks' : { local: to },
    } as const;
  const place = placeOf(from, gatewayPorts ? '*' : 'localhost');
  return { from: { local: place }, to: to === null ? 'socks' : { remote: to } } as const;
}

function readOptions({ letter }: ForwardSpec, { permitRemoteOpen, replaceSocket = false }: ForwardRules) {
  const isLimited = letter === 'R' && permitRemoteOpen !== undefined;
  return { replaceSocket, ...(isLimited ? { permit: permitRemoteOpen } : {}) };
}

function placeOf(from: ListenPlace, host: string): SocketPlace {
  return 'path' in from ? from : { host: from.host ?? host, port: from.port };
}

/** What was chosen in the place of what was asked for. */
function announce(
  { spec, forward: { address } }: OpenForward,
  messages: Pick<Messages, 'warn' | 'debug'>,
): void {
  messages.debug(1, `${nameSpec(spec)} listens on ${showPlace(address)}`);
  if ('path' in address || 'path' in spec.from) return;
  if (spec.from.port === 0) {
    const to = spec.to === null ? 'socks' : showPlace(spec.to);
    messages.warn(
      `Allocated port ${address.port} for ${spec.letter === 'R' ? 'remote' : 'local'} forward to ${to}`,
    );
  }
  const { host } = spec.from;
  if (spec.letter !== 'R' || host === null || host === address.host) return;
  if (address.host === 'localhost' && !['127.0.0.1', '::1'].includes(host))
    messages.warn(
      `${nameSpec(spec)} listens on localhost: the daemon allows no other address (--gateway-ports)`,
    );
}
