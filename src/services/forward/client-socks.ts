import type { Readable, Writable } from 'node:stream';
import { RexaError } from '../../protocol/errors.ts';
import type { SocketPlace } from '../../protocol/socket-place.ts';
import { createSocksServer, type SocksResult } from '../../protocol/socks.ts';
import { startAwakeTimer } from '../../runtime/awake-timer.ts';
import { SOCKS_REQUEST_MS } from '../limits.ts';

/** A connection that a SOCKS client has asked for. */
export interface SocksRequest {
  readonly to: SocketPlace;
  /** Tells the client that its connection is there. */
  grant(): void;
  /** Tells the client that it is not, and why as far as SOCKS can say it. */
  refuse(error: RexaError): void;
}

/**
 * Reads the handshake of a SOCKS client, for a limited time; what it has sent behind that stays in the stream.
 * @throws RexaError SOCKS_REFUSED, CLOSED
 */
export async function readSocksRequest(input: Readable, output: Writable): Promise<SocksRequest> {
  const timer = startAwakeTimer(() => input.destroy(), SOCKS_REQUEST_MS);
  return readRequest(input, output).finally(timer.stop);
}

async function readRequest(input: Readable, output: Writable): Promise<SocksRequest> {
  const server = createSocksServer();
  for (;;) {
    const bytes = await readSome(input);
    if (bytes === null) throw new RexaError('SOCKS_REFUSED', ['a client that has left']);
    const step = server.handleBytes(bytes);
    if (step.reply.length > 0) output.write(step.reply);
    if (step.kind === 'refused') {
      output.end();
      throw new RexaError('SOCKS_REFUSED', [step.reason]);
    }
    if (step.kind === 'more') continue;
    if (step.rest.length > 0) input.unshift(step.rest);
    return {
      to: step.to,
      grant: () => void output.write(server.answer('granted')),
      refuse: (error) => void output.end(server.answer(resultOf(error))),
    };
  }
}

/** The next bytes of a stream, which flows for no longer; null: it has ended. */
function readSome(input: Readable): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const look = (): void => {
      const bytes = input.read() as Buffer | null;
      if (bytes !== null) finish(bytes);
    };
    const end = (): void => finish(null);
    const finish = (bytes: Buffer | null): void => {
      input.off('readable', look).off('end', end).off('close', end);
      resolve(bytes);
    };
    input.on('readable', look).once('end', end).once('close', end);
    if (input.destroyed) end();
  });
}

const PROHIBITED: readonly unknown[] = ['FORWARD_DENIED', 'FORWARD_PROHIBITED', 'NOT_PERMITTED'];

function resultOf({ code, message }: RexaError): SocksResult {
  if (PROHIBITED.includes(code)) return 'prohibited';
  if (message.endsWith(': connection refused')) return 'refused';
  return /unreachable$|not known$|timed out$/.test(message) ? 'unreachable' : 'failed';
}
