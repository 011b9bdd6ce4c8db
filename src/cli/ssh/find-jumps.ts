import { usageError } from '../../command-line/usage-error.ts';
import type { CalledHost } from '../host/host-plan.ts';

/** Finds what holds for a jump host by itself. */
export type FindJump = (named: string) => Promise<CalledHost>;

/**
 * Lists the jump hosts on the way to a host, the nearest first. The nearest one is reached as it would be by itself, so
 * that its own jump hosts stand before it; the others are reached through the one before.
 * @param via names of the hosts that are reached through these
 * @throws RexaError USAGE for a jump host that is reached through itself
 */
export async function listJumps(
  jumps: readonly string[],
  find: FindJump,
  via: readonly string[] = [],
): Promise<readonly string[]> {
  const [nearest] = jumps;
  if (nearest === undefined) return [];
  if (via.includes(nearest)) throw usageError(`jumphost loop via ${nearest}`);
  const { given } = await find(nearest);
  return [...(await listJumps(given.jump ?? [], find, [...via, ...jumps])), ...jumps];
}
