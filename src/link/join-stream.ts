import type { Duplex, Readable, Writable } from 'node:stream';
import type { JsonObject } from '../protocol/control.ts';
import { RexaError } from '../protocol/errors.ts';
import { describeSocketError } from '../runtime/socket-error.ts';
import type { ChannelEnd } from './channel.ts';

/** The channel of a forwarded connection: its stream 0, in both directions. */
export interface JoinedChannel {
  input(number: number): Readable & { readonly deliveredBytes?: number };
  output(number: number): Writable;
  close(last: JsonObject): void;
  /** Resolves once, never rejects. */
  readonly ended: Promise<ChannelEnd>;
}

/** What became of a forwarded connection. */
export interface Joined {
  /** From the socket to the channel. */
  readonly sentBytes: number;
  /** From the channel to the socket. */
  readonly receivedBytes: number;
  /** Null: both directions came to their end. */
  readonly error: RexaError | null;
}

/**
 * Joins a channel with a socket until both are over: backpressure both ways, and each direction ends apart. What breaks
 * off at one end is a reset at the other, behind what had arrived. Never rejects.
 */
export async function joinStream(channel: JoinedChannel, socket: Duplex): Promise<Joined> {
  const input = channel.input(0);
  const output = channel.output(0);
  let sentBytes = 0;
  let receivedBytes = 0;
  let failure: RexaError | null = null;

  function reset(): void {
    if (socket.destroyed) return;
    failure ??= new RexaError('FORWARD_RESET', ['the other end closed it']);
    resetSocket(socket);
  }

  socket.on('error', (error) => {
    failure ??= new RexaError('FORWARD_RESET', [describeSocketError(error)], { cause: error });
  });
  whenClosed(input, () => {
    if (!input.readableEnded) reset();
  });
  whenClosed(output, () => {
    if (output.writableFinished) return;
    // What came before is delivered first
    if (socket.writableFinished) reset();
    else socket.once('finish', reset);
  });
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // A server that does not read what came before would keep the connection of a client that is gone
  void channel.ended.then(({ kind }) => kind === 'link-ended' && reset());
  socket.pipe(output);
  input.pipe(socket);
  socket.on('data', (chunk: Buffer) => {
    sentBytes += chunk.length;
  });
  input.on('data', (chunk: Buffer) => {
    receivedBytes += chunk.length;
  });
  if (!socket.closed) await closed;
  const error = failure as RexaError | null;
  // An `error` would mean that the request came to nothing
  channel.close(error === null ? {} : { reset: error.message });
  return { sentBytes, receivedBytes, error };
}

/** The channel may have broken off while the socket was opened. */
function whenClosed(stream: Readable | Writable, handle: () => void): void {
  if (stream.closed) handle();
  else stream.once('close', handle);
}

/** Closes a socket so that its peer knows that something is missing: by RST, where it is TCP. */
export function resetSocket(socket: Duplex & { resetAndDestroy?(): unknown }): void {
  try {
    if (socket.resetAndDestroy) socket.resetAndDestroy();
    else socket.destroy();
  } catch {
    // A Unix socket has no RST
    socket.destroy();
  }
}
