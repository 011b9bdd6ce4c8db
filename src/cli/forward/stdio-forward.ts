import type { Readable } from 'node:stream';
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
 * Joins our stdin and stdout with a place, as seen from a host (-W), until the place has sent all, or stdout is closed.
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
  const copy = copyOutput(stream as AsyncIterable<Uint8Array>, stdout, (error) => {
    failed.reject(error);
    stream.destroy();
  });
  await copy.done;
  if (stream.errored) failed.reject(stream.errored);
  await Promise.race([failed.promise, Promise.resolve()]);
  stream.destroy();
}
