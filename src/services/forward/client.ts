import type { Socket } from 'node:net';
import type { AskedHost } from '../../client/asked-host.ts';
import type { ForwardingHost } from '../../client/forwarded-channels.ts';
import { joinStream, resetSocket } from '../../link/join-stream.ts';
import { RexaError } from '../../protocol/errors.ts';
import { type SocketPlace, showPlace } from '../../protocol/socket-place.ts';
import { dialSocket } from '../../runtime/dial-socket.ts';
import { listenAt } from '../../runtime/listen-at.ts';
import { removeSocket } from '../../runtime/remove-socket.ts';
import { describeSocketError } from '../../runtime/socket-error.ts';
import type { CallChannel } from '../call.ts';
import { openBegun, openDirect } from './client-channel.ts';
import { checkForward, checkPlace } from './client-options.ts';
import { readSocksRequest, type SocksRequest } from './client-socks.ts';
import { createHostStream } from './client-stream.ts';
import type { Forward, ForwardHost } from './client-types.ts';
import { listeningSchema } from './messages.ts';

/** Gives a host its forwarding. */
export function hostForward(host: ForwardingHost): ForwardHost {
  return {
    connect: (to) => createHostStream(openDirect(host, checkPlace(to, 'connect', 1))),
    async forward(options) {
      const { from, place, to } = checkForward(options);
      const { permit = () => true, handleError = () => undefined, handleCount = () => undefined } = options;
      const open: OpenConnections = { count: 0, permit, handleError, handleCount };
      if (from === 'local' && 'path' in place && options.replaceSocket === true) removeSocket(place.path);
      if (from === 'local') return listenHere(place, (socket) => carryToHost(host, open, to, socket), open);
      return listenThere(host, place, (channel) => carryHere(open, to, channel), open);
    },
  };
}

/** The connections of one forwarding. */
interface OpenConnections {
  count: number;
  /** Of what SOCKS clients ask for. */
  readonly permit: (to: SocketPlace) => boolean;
  readonly handleError: (error: RexaError) => void;
  readonly handleCount: (count: number) => void;
}

/** @throws RexaError FORWARD_LISTEN_FAILED */
async function listenHere(
  place: SocketPlace,
  carry: (socket: Socket) => Promise<void>,
  open: OpenConnections,
): Promise<Forward> {
  const ended = Promise.withResolvers<null>();
  const listening = await listenAt(place, (socket) => {
    socket.on('error', () => undefined);
    void count(open, carry(socket));
  }).catch((cause: unknown) => {
    throw new RexaError('FORWARD_LISTEN_FAILED', [showPlace(place), describeSocketError(cause)], { cause });
  });
  return createForward(open, listening.at, ended.promise, async () => {
    listening.close();
    ended.resolve(null);
  });
}

/** @throws RexaError what the daemon refuses with */
async function listenThere(
  host: ForwardingHost,
  place: SocketPlace,
  carry: (channel: CallChannel) => Promise<void>,
  open: OpenConnections,
): Promise<Forward> {
  const { forwarded } = host;
  const grant = forwarded.grant((channel) => count(open, carry(channel)));
  const { channel, begun, ended } = openBegun(host, { service: 'listen', at: place, grant }, listeningSchema);
  void ended.then(() => forwarded.revoke(grant));
  const { at } = await begun;
  let state: 'listening' | 'closing' = 'listening';
  const stopped = ended.then((error) => {
    if (state === 'closing') return null;
    return (
      error ?? new RexaError('FORWARD_LISTEN_FAILED', [showPlace(at), 'the daemon has stopped listening'])
    );
  });
  return createForward(open, at, stopped, async () => {
    state = 'closing';
    forwarded.revoke(grant);
    channel.close({});
    await ended;
  });
}

function createForward(
  open: OpenConnections,
  address: SocketPlace,
  ended: Promise<RexaError | null>,
  close: () => Promise<void>,
): Forward {
  return {
    address,
    get connectionCount() {
      return open.count;
    },
    ended,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function count(open: OpenConnections, carried: Promise<void>): Promise<void> {
  open.handleCount(++open.count);
  await carried.finally(() => open.handleCount(--open.count));
}

/** @throws RexaError FORWARD_DENIED */
function checkPermitted(to: SocketPlace, permit: OpenConnections['permit']): SocketPlace {
  if (permit(to)) return to;
  throw new RexaError('FORWARD_DENIED', [`a connection to ${showPlace(to)}`]);
}

/** A connection that was accepted here. */
async function carryToHost(
  host: AskedHost,
  { permit, handleError }: OpenConnections,
  fixed: SocketPlace | null,
  socket: Socket,
): Promise<void> {
  let request: SocksRequest | null = null;
  try {
    let to = fixed;
    if (to === null) {
      request = await readSocksRequest(socket, socket);
      to = checkPermitted(request.to, permit);
    }
    const { channel, begun } = openDirect(host, to);
    await begun;
    request?.grant();
    await joinStream(channel, socket);
  } catch (error) {
    request?.refuse(error as RexaError);
    // Behind the answer of SOCKS, and otherwise at once
    if (fixed === null) socket.destroySoon();
    else resetSocket(socket);
    handleError(error as RexaError);
  }
}

/** A connection that the host has accepted. */
async function carryHere(
  { permit, handleError }: OpenConnections,
  fixed: SocketPlace | null,
  channel: CallChannel,
): Promise<void> {
  let request: SocksRequest | null = null;
  try {
    let to = fixed;
    if (to === null) {
      request = await readSocksRequest(channel.input(0), channel.output(0));
      to = checkPermitted(request.to, permit);
    }
    const socket = await dial(to, channel.ended);
    request?.grant();
    await joinStream(channel, socket);
  } catch (error) {
    request?.refuse(error as RexaError);
    const { message } = error as RexaError;
    if (fixed === null) channel.close({ reset: message });
    else channel.abort({ reset: message });
    handleError(error as RexaError);
  }
}

/** @throws RexaError FORWARD_FAILED */
async function dial(to: SocketPlace, given: Promise<unknown>): Promise<Socket> {
  return dialSocket(to, given).catch((cause: unknown) => {
    throw new RexaError('FORWARD_FAILED', [showPlace(to), describeSocketError(cause)], { cause });
  });
}
