import type { Socket } from 'node:net';
import { describePrincipal, type Principal } from '../../auth/principal.ts';
import { joinStream, resetSocket } from '../../link/join-stream.ts';
import { RexaError } from '../../protocol/errors.ts';
import { type SocketPlace, showPlace } from '../../protocol/socket-place.ts';
import { dialSocket } from '../../runtime/dial-socket.ts';
import { listenAt } from '../../runtime/listen-at.ts';
import type { Facts } from '../../runtime/log.ts';
import { describeSocketError } from '../../runtime/socket-error.ts';
import { type AuditLines, describeError } from '../audit-lines.ts';
import type { Call, CallChannel } from '../call.ts';
import { FORWARD_BUFFER_BYTES } from '../limits.ts';
import { checkExpiry } from '../rights.ts';
import { type Bill, type Costs, defineService, type Service, type Work } from '../service.ts';
import { authorizeDirect, authorizeListen, type ForwardPolicy, mayGoOn } from './authorize.ts';
import {
  type DirectRequest,
  directRequestSchema,
  type ListenRequest,
  listenRequestSchema,
} from './messages.ts';

/** What a daemon decides about forwarding. */
export interface Forwarding {
  /** Read at each request. */
  readonly policy: ForwardPolicy;
  /** Whether a port is a listener of this daemon that asks for nothing but the uid of its peer. */
  isPeerPort(port: number): boolean;
  /** Takes what a connection or a listener costs. @throws RexaError QUOTA_EXHAUSTED */
  charge(principal: Principal, costs: Costs, what: string): Bill;
}

/** What the services need of their daemon. */
interface ForwardServiceOptions {
  readonly audit: AuditLines;
  readonly forwarding: Forwarding;
}

const CONNECTION_COSTS: Costs = { forwards: 1, descriptors: 1 };
const LISTENER_COSTS: Costs = { listeners: 1, descriptors: 1 };

/** What of forwarding is under way. */
interface Under {
  readonly sockets: Set<Socket>;
  /** What closes each listener. */
  readonly listeners: Set<() => void>;
  /** Called when a socket is gone. */
  handleGone: () => void;
}

/** Creates the services `direct` and `listen`; docs/protocol.md, 12. */
export function createForwardServices(options: ForwardServiceOptions): {
  readonly services: readonly Service[];
  readonly work: Work;
} {
  const under: Under = { sockets: new Set(), listeners: new Set(), handleGone: () => undefined };
  return {
    services: [createDirect(options, under), createListen(options, under)],
    work: watchSockets(under),
  };
}

function createDirect(options: ForwardServiceOptions, under: Under): Service {
  return defineService<DirectRequest, SocketPlace>({
    name: 'direct',
    schema: directRequestSchema,
    openToBound: { fields: ['to'] },
    drain: 'refuse',
    authorize: ({ to }, principal) =>
      authorizeDirect(to, principal, options.forwarding.policy, options.forwarding.isPeerPort),
    audit: ({ to }, principal) => ({ ...describePrincipal(principal), to: showPlace(to) }),
    async serve(call, { request: to, turn }) {
      // Others do not wait for a host that does not answer
      turn.started();
      const facts = { to: showPlace(to) };
      try {
        await connect(options, under, call, to);
      } catch (error) {
        options.audit.note('direct-refused', call.principal, { ...facts, ...describeError(error) });
        throw error;
      }
    },
  });
}

/** @throws RexaError QUOTA_EXHAUSTED, FORWARD_FAILED */
async function connect(
  options: ForwardServiceOptions,
  under: Under,
  { channel, principal }: Call,
  to: SocketPlace,
): Promise<void> {
  const bill = options.forwarding.charge(principal, CONNECTION_COSTS, 'forwarded connections');
  try {
    const socket = await dial(options, principal, to, channel.ended);
    channel.send({ type: 'connected' });
    await carry(options, under, { channel, socket, principal }, ['direct', { to: showPlace(to) }]);
  } finally {
    bill.giveBack();
  }
}

/** @throws RexaError QUOTA_EXHAUSTED, FORWARD_FAILED */
async function dial(
  options: ForwardServiceOptions,
  principal: Principal,
  to: SocketPlace,
  given: Promise<unknown>,
): Promise<Socket> {
  const bill = options.forwarding.charge(
    principal,
    { dials: 1 },
    'forwarded connections that are being established',
  );
  try {
    return await dialSocket(to, given);
  } catch (cause) {
    throw new RexaError('FORWARD_FAILED', [showPlace(to), describeSocketError(cause)], { cause });
  } finally {
    bill.giveBack();
  }
}

/** One connection: its channel, its socket, and whose it is. */
interface Connection {
  readonly channel: CallChannel;
  readonly socket: Socket;
  readonly principal: Principal;
}

/** Carries a connection until its channel is over, and audits it: what waits in the channel for a client counts as well. */
async function carry(
  { audit }: ForwardServiceOptions,
  under: Under,
  { channel, socket, principal }: Connection,
  [what, facts]: readonly [string, Facts],
): Promise<void> {
  audit.note(`${what}-started`, principal, facts);
  channel.limitBuffers(FORWARD_BUFFER_BYTES);
  under.sockets.add(socket);
  const { sentBytes, receivedBytes, error } = await joinStream(channel, socket);
  under.sockets.delete(socket);
  under.handleGone();
  const bytes = { toClientBytes: sentBytes, fromClientBytes: receivedBytes };
  audit.note(`${what}-ended`, principal, { ...facts, ...bytes, reason: error?.message ?? null });
  await channel.ended;
}

function createListen(options: ForwardServiceOptions, under: Under): Service {
  return defineService<ListenRequest, ListenRequest>({
    name: 'listen',
    schema: listenRequestSchema,
    openToBound: { fields: ['at', 'grant'] },
    drain: 'refuse',
    authorize: ({ at, ...request }, principal) => ({
      ...request,
      at: authorizeListen(at, principal, options.forwarding.policy),
    }),
    audit: ({ at }, principal) => ({ ...describePrincipal(principal), at: showPlace(at) }),
    async serve(call, { request, turn }) {
      turn.started();
      const { channel, principal } = call;
      try {
        const bill = options.forwarding.charge(principal, LISTENER_COSTS, 'listeners');
        await listen(options, under, call, request).finally(bill.giveBack);
        channel.close({});
      } catch (error) {
        const facts = { at: showPlace(request.at), ...describeError(error) };
        options.audit.note('listen-refused', principal, facts);
        throw error;
      }
    },
  });
}

/** Listens until the channel, or the daemon, ends. @throws RexaError FORWARD_LISTEN_FAILED */
async function listen(
  options: ForwardServiceOptions,
  under: Under,
  call: Call,
  { at: asked, grant }: ListenRequest,
): Promise<void> {
  const { channel, principal } = call;
  const stopped = Promise.withResolvers<void>();
  under.listeners.add(stopped.resolve);
  const accept = (socket: Socket): void => acceptSocket(options, under, call, { socket, grant, asked, at });
  let at = asked;
  const listening = await listenAt(asked, accept).catch((cause: unknown) => {
    under.listeners.delete(stopped.resolve);
    throw new RexaError('FORWARD_LISTEN_FAILED', [showPlace(asked), describeSocketError(cause)], { cause });
  });
  at = listening.at;
  const facts = { at: showPlace(at) };
  options.audit.note('listen-started', principal, facts);
  channel.send({ type: 'listening', at });
  await Promise.race([channel.ended, stopped.promise]);
  under.listeners.delete(stopped.resolve);
  listening.close();
  options.audit.note('listen-ended', principal, facts);
}

/** A connection that a listener has accepted. */
interface Accepted {
  readonly socket: Socket;
  readonly grant: string;
  /** Where the listener was permitted. */
  readonly asked: SocketPlace;
  /** Where it listens: with the port that was chosen. */
  readonly at: SocketPlace;
}

/** Passes an accepted connection to the client; one that it cannot have is reset. */
function acceptSocket(
  options: ForwardServiceOptions,
  under: Under,
  call: Call,
  { socket, grant, asked, at }: Accepted,
): void {
  const { principal } = call;
  const from =
    socket.remoteAddress === undefined ? null : { host: socket.remoteAddress, port: socket.remotePort ?? 0 };
  const facts = { at: showPlace(at), from: from && showPlace(from) };
  socket.on('error', () => undefined);
  let bill: Bill | null = null;
  try {
    checkExpiry(principal, Date.now() / 1000);
    if (!mayGoOn(asked, options.forwarding.policy))
      throw new RexaError('FORWARD_PROHIBITED', [`a listener on ${showPlace(at)}`, '--allow-tcp-forwarding']);
    bill = options.forwarding.charge(principal, CONNECTION_COSTS, 'forwarded connections');
    const channel = call.open?.({ service: 'forwarded', grant, from }, [0]);
    if (channel === undefined) throw new RexaError('CLOSED', ['link']);
    void carry(options, under, { channel, socket, principal }, ['forwarded', facts]).then(bill.giveBack);
  } catch (error) {
    bill?.giveBack();
    resetSocket(socket);
    options.audit.note('forwarded-refused', principal, { ...facts, ...describeError(error) });
  }
}

/** Forwarded connections as the work of a daemon: a drain closes the listeners, and waits for the connections. */
function watchSockets(under: Under): Work {
  const { sockets, listeners } = under;
  const waiting = new Set<() => void>();
  under.handleGone = () => {
    if (sockets.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const whenIdle = (): Promise<void> =>
    sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.add(resolve));
  return {
    get count() {
      return sockets.size;
    },
    get isBusy() {
      return sockets.size > 0;
    },
    stopTaking() {
      for (const stop of listeners) stop();
    },
    cancelAll() {
      for (const socket of sockets) resetSocket(socket);
      return Promise.resolve();
    },
    killAll() {
      for (const socket of sockets) resetSocket(socket);
    },
    whenIdle,
  };
}
