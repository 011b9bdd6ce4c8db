import * as v from 'valibot';
import { RexaError } from '../../protocol/errors.ts';
import { type SocketPlace, socketPlaceSchema } from '../../protocol/socket-place.ts';
import type { ForwardEnd, ForwardOptions } from './client-types.ts';

/** A forwarding whose options are valid. */
export interface CheckedForward {
  /** Which end listens. */
  readonly from: 'local' | 'remote';
  /** Where. */
  readonly place: SocketPlace;
  /** Null: where each SOCKS client asks for. */
  readonly to: SocketPlace | null;
}

/** @throws RexaError USAGE */
export function checkForward({ from, to }: ForwardOptions): CheckedForward {
  const [fromEnd, place] = checkEnd(from, 'from', 0);
  if (to === 'socks') return { from: fromEnd, place, to: null };
  const [toEnd, target] = checkEnd(to, 'to', 1);
  if (fromEnd === toEnd)
    throw new RexaError('USAGE', [
      `from and to of forward are both ${fromEnd}; one is local, the other remote`,
    ]);
  return { from: fromEnd, place, to: target };
}

function checkEnd(end: ForwardEnd, name: string, leastPort: 0 | 1): ['local' | 'remote', SocketPlace] {
  if (typeof end === 'object' && end !== null) {
    if ('local' in end) return ['local', checkPlace(end.local, `${name}.local`, leastPort)];
    if ('remote' in end) return ['remote', checkPlace(end.remote, `${name}.remote`, leastPort)];
  }
  throw new RexaError('USAGE', [`${name} of forward is { local: … } or { remote: … }`]);
}

/**
 * Validates a place. @param what names it in the message @param leastPort 0 where the system may choose one
 * @throws RexaError USAGE
 */
export function checkPlace(place: unknown, what: string, leastPort: 0 | 1): SocketPlace {
  const given = typeof place === 'object' && place !== null ? place : {};
  const read = v.safeParse(socketPlaceSchema, 'port' in given ? { host: 'localhost', ...given } : given);
  if (read.success && ('path' in read.output || read.output.port >= leastPort)) return read.output;
  throw new RexaError('USAGE', [`${what} is not { host?, port } or { path }: port is ${leastPort} to 65535`]);
}
