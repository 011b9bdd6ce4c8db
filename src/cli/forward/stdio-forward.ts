import type { Duplex, Readable } from 'node:stream';
import { isatty } from 'node:tty';
import type { SocketPlace } from '../../protocol/socket-place.ts';
import type { ForwardHost } from '../../services/forward/client-types.ts';
import type { ByteSink } from '../output/byte-sink.ts';
import { copyOutput } from '../run/copy-output.ts';

/** Our own stdin and stdout. */
export interface OwnStdio {
  openStdin(): Readable;
  readonly stdout: ByteSink;
}

/**
 * Joins our stdin and stdout with a place, as seen from a host (-W), until both directions have ended, or stdout is closed. A
 * person at a terminal need not end stdin.
 * @throws RexaError FORWARD_FAILED and what else `connect` fails with; Error of the system for stdout
 */
export async function forwardStdio(
  host: Pick<ForwardHost, 'connect'>,
  to: SocketPlace,
  { openStdin, stdout }: OwnStdio,
): Promise<void> {
  const stream = host.connect(to);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  stream.once('error', failed.reject);
  const connected = new Promise((resolve) => stream.once('connect', resolve));
  await Promise.race([connected, failed.promise]);
  const stdin = openStdin();
  stdin.on('error', () => stream.end());
  stdin.pipe(stream);
  const received = stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  const copy = copyOutput(received, stdout, (error) => {
    failed.reject(error);
    stream.destroy();
  });
  await copy.done;
  if (!isatty(0)) await untilSent(stream);
  if (stream.errored) failed.reject(stream.errored);
  await Promise.race([failed.promise, Promise.resolve()]);
  stream.destroy();
}

/** Resolves when all that was to be sent has arrived at the host, or none of it can any more. */
async function untilSent(stream: Duplex): Promise<void> {
  if (!stream.closed) await new Promise((resolve) => void stream.once('close', resolve));
}
