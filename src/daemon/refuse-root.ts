import { RexaError } from '../protocol/errors.ts';
import type { ListenAddress } from '../transports/listen-address.ts';

/**
 * A root daemon that others can reach gives them root: only its own socket is safe without being asked for.
 * @throws RexaError ROOT_REFUSED
 */
export function refuseRoot(addresses: readonly ListenAddress[], allowed: boolean): void {
  const other = addresses.find(({ kind }) => kind !== 'local' && kind !== 'unix');
  if (!other || allowed || process.getuid?.() !== 0) return;
  throw new RexaError('ROOT_REFUSED', [`${other.kind}://`]);
}
