import type { LookupAddress } from 'node:dns';
import net from 'node:net';
import { RexaError } from '../../protocol/errors.ts';
import { NEXT_ADDRESS_MS } from '../limits.ts';

/** A place to connect to. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/**
 * All addresses of a host, the system's favourite first, the two families in turn (RFC 8305, section 4).
 * @param shown what the host is called in messages
 * @param only of this family
 * @throws RexaError CONNECT_FAILED
 */
export async function lookUp(
  host: string,
  port: number,
  shown: string,
  only?: 4 | 6,
): Promise<readonly Place[]> {
  const own = net.isIP(host.replace(/%.*$/, ''));
  if (own !== 0 && only !== undefined && own !== only) {
    throw new RexaError('CONNECT_FAILED', [
      shown,
      `it is an address of IPv${own}, and IPv${only} is asked for`,
    ]);
  }
  if (own !== 0) return [{ address: host, port }];
  const { lookup } = process.getBuiltinModule('node:dns/promises');
  let found: LookupAddress[];
  try {
    found = await lookup(host, { all: true, order: 'verbatim', family: only ?? 0 });
  } catch (cause) {
    throw new RexaError('CONNECT_FAILED', [shown, await describeLookUp(cause, host, only)], { cause });
  }
  const first = found[0]?.family;
  const favoured = found.filter(({ family }) => family === first);
  const others = found.filter(({ family }) => family !== first);
  return favoured
    .flatMap((each, index) => [each, others[index]])
    .concat(others.slice(favoured.length))
    .flatMap((each) => (each === undefined ? [] : [{ address: each.address, port }]));
}

/** A name that has addresses of the other family alone is another matter than one that nobody knows. */
async function describeLookUp(cause: unknown, host: string, only: 4 | 6 | undefined): Promise<string> {
  if (only === undefined || (cause as NodeJS.ErrnoException).code !== 'ENOTFOUND')
    return describeFailure(cause);
  const { lookup } = process.getBuiltinModule('node:dns/promises');
  const isKnown = await lookup(host).then(
    () => true,
    () => false,
  );
  return isKnown ? `no IPv${only} address for ${host}` : describeFailure(cause);
}

/** A TCP connection that nothing was written to. */
export interface Reached {
  readonly socket: net.Socket;
  readonly place: Place;
}

/**
 * The first of these places that can be reached: the next one is tried when one has failed, or is slow
 * (RFC 8305, section 5). The others are left.
 * @throws RexaError CONNECT_FAILED with the reason of each; whatever the signal was aborted with
 */
export function raceAddresses(
  places: readonly Place[],
  shown: string,
  signal: AbortSignal,
): Promise<Reached> {
  const { promise, resolve, reject } = Promise.withResolvers<Reached>();
  const sockets = new Set<net.Socket>();
  const failures: string[] = [];
  let next = 0;
  let timer: NodeJS.Timeout | undefined;

  function tryNext(): void {
    clearTimeout(timer);
    const place = places[next++];
    if (place === undefined) return;
    const socket = net.connect({ host: place.address, port: place.port, allowHalfOpen: true, noDelay: true });
    sockets.add(socket);
    socket.once('connect', () => finish({ socket, place }));
    socket.once('error', (error) => {
      sockets.delete(socket);
      failures.push(
        places.length === 1 ? describeFailure(error) : `${place.address}: ${describeFailure(error)}`,
      );
      if (failures.length === places.length)
        fail(new RexaError('CONNECT_FAILED', [shown, failures.join('; ')], { cause: error }));
      else if (sockets.size === 0) tryNext();
    });
    if (next < places.length) timer = setTimeout(tryNext, NEXT_ADDRESS_MS);
  }

  function stop(kept: net.Socket | null): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
    for (const socket of sockets) {
      if (socket === kept) continue;
      socket.on('error', () => {});
      socket.destroy();
    }
  }

  function finish(reached: Reached): void {
    stop(reached.socket);
    reached.socket.removeAllListeners('error');
    resolve(reached);
  }

  function fail(error: unknown): void {
    stop(null);
    reject(error);
  }

  function abort(): void {
    fail(signal.reason);
  }

  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  else tryNext();
  return promise;
}

const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was closed at once',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'it does not answer',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'its name cannot be looked up at the moment',
};

function describeFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return MEANINGS[code ?? ''] ?? message;
}
