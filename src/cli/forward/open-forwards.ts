import type { ForwardSpec, ListenPlace } from '../../config/ssh/forward-spec.ts';
import { RexaError } from '../../protocol/errors.ts';
import { type SocketPlace, showPlace } from '../../protocol/socket-place.ts';
import type { Forward, ForwardHost } from '../../services/forward/client-types.ts';
import type { Messages } from '../output/messages.ts';
import { describeListenFailure, describeOpenFailure, nameSpec } from './describe-forward.ts';

/** What ssh_config says of all forwardings. */
export interface ForwardRules {
  /** Listeners here without a host take all addresses (`GatewayPorts`). */
  readonly gatewayPorts: boolean;
  /** Decides on what SOCKS clients on the host ask for (`PermitRemoteOpen`). Default: everything is permitted. */
  readonly permitRemoteOpen?: (to: SocketPlace) => boolean;
  /** A Unix socket that is in the way of a listener here is removed (`StreamLocalBindUnlink`). */
  readonly replaceSocket?: boolean;
  /** A forwarding that cannot listen is an error (`ExitOnForwardFailure`). */
  readonly exitOnFailure: boolean;
}

/** A forwarding that listens. */
export interface OpenForward {
  readonly spec: ForwardSpec;
  readonly forward: Forward;
}

/** The forwardings of one connection. */
export interface Forwards {
  readonly open: readonly OpenForward[];
  /** @returns whether it listens; why not was said @throws RexaError with `exitOnFailure` only */
  add(spec: ForwardSpec): Promise<boolean>;
  /** Stops listening there; false: nothing does. */
  cancel(letter: ForwardSpec['letter'], from: ListenPlace): Promise<boolean>;
  /** Resolves when no connection is open. */
  whenIdle(): Promise<void>;
  closeAll(): Promise<void>;
}

/** Between two looks whether connections are open. */
const IDLE_LOOK_MS = 50;

/** The forwardings of a host: none at first. Errors and what was chosen are said as ssh says it. */
export function createForwards(
  host: Pick<ForwardHost, 'forward'>,
  rules: ForwardRules,
  messages: Pick<Messages, 'fail' | 'warn' | 'debug'>,
): Forwards {
  const open: OpenForward[] = [];
  let channel = 0;
  const handleError = (error: RexaError): void => messages.fail(describeOpenFailure(++channel, error));

  return {
    open,
    async add(spec) {
      try {
        const ends = readEnds(spec, rules);
        const forward = await host.forward({ ...ends, ...readOptions(spec, rules), handleError });
        const entry = { spec, forward };
        open.push(entry);
        void forward.ended.then((error) => {
          open.splice(open.indexOf(entry), 1);
          if (error !== null) messages.debug(1, error.message);
        });
        announce(entry, messages);
        return true;
      } catch (error) {
        if (!(error instanceof RexaError)) throw error;
        const said = describeListenFailure(spec, error, rules.exitOnFailure);
        if (rules.exitOnFailure) throw new RexaError('FORWARD_REFUSED', [said], { cause: error });
        messages.fail(said);
        return false;
      }
    },
    async cancel(letter, from) {
      const found = open.find(({ spec }) => spec.letter === letter && isSame(spec.from, from));
      await found?.forward.close();
      return found !== undefined;
    },
    async whenIdle() {
      while (open.some(({ forward }) => forward.connectionCount > 0))
        await new Promise((resolve) => setTimeout(resolve, IDLE_LOOK_MS));
    },
    async closeAll() {
      await Promise.all(open.map(({ forward }) => forward.close()));
    },
  };
}

function isSame(one: ListenPlace, other: ListenPlace): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
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
