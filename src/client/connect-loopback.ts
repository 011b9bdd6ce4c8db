import { once } from 'node:events';
import net from 'node:net';
import { causedBy } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import { loopbackAddresses } from '../protocol/loopback.ts';

/**
 * Connects to a port of this machine, at every address that the name stands for.
 * @throws RexaError READY_NOT_LOOPBACK, CONNECT_FAILED, CONNECT_TIMEOUT: nothing was sent
 */
export async function connectLoopback(
  scheme: 'ready' | 'talk',
  host: string,
  port: number,
  timeoutMs: number,
): Promise<net.Socket> {
  const addresses = loopbackAddresses(host);
  if (addresses.length === 0) throw new RexaError('READY_NOT_LOOPBACK', [host, scheme]);
  let failure: unknown;
  for (const address of addresses) {
    try {
      return await connectAddress(address, port, timeoutMs);
    } catch (error) {
      failure = error;
    }
  }
  const where = `${scheme}://${host}:${port}`;
  if (failure instanceof Error && failure.name === 'AbortError') {
    throw new RexaError('CONNECT_TIMEOUT', [where, timeoutMs], { cause: failure });
  }
  throw causedBy('CONNECT_FAILED', failure, where);
}

async function connectAddress(host: string, port: number, timeoutMs: number): Promise<net.Socket> {
  const socket = net.connect({ host, port, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    return socket;
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
}
