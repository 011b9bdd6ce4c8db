import { resolveHostSettings } from '../../client/config/resolve-host-settings.ts';
import { usageError } from '../../command-line/usage-error.ts';
import type { CalledHost, HostOptions } from '../host/host-plan.ts';
import type { OwnConfig } from './resolve-host.ts';

/** Finds what holds for a jump host by itself. */
export type FindJump = (named: string) => Promise<CalledHost>;

/**
 * Finds the jump hosts on the way to a host, the nearest first. The nearest one is reached as it would be by itself, so
 * that its own jump hosts stand before it; the others are reached through the one before.
 * @param via names of the hosts that are reached through these
 * @throws RexaError USAGE for a jump host that is reached through itself
 */
export async function findJumps(
  jumps: readonly string[],
  find: FindJump,
  via: readonly string[] = [],
): Promise<readonly CalledHost[]> {
  const looped = jumps.find((jump, index) => via.includes(jump) || jumps.indexOf(jump) !== index);
  if (looped !== undefined) throw usageError(`jumphost loop via ${looped}`);
  const found = await Promise.all(jumps.map(find));
  const before = found[0]?.given.jump ?? [];
  return before.length === 0 ? found : [...(await findJumps(before, find, [...via, ...jumps])), ...found];
}

/** Plans the way through the jump hosts that the words of ssh, or the configuration, name; data that another process may get. */
export async function planJumps(
  host: string,
  given: HostOptions,
  { config }: OwnConfig,
  find: FindJump,
): Promise<Pick<HostOptions, 'jump' | 'ofJumps'>> {
  const isGiven = given.jump !== undefined || given.proxyCommand !== undefined;
  const named = isGiven ? given.jump : resolveHostSettings(config, host, given).jump;
  if (named === undefined || named.length === 0) return {};
  const ofJumps = await findJumps(named, find);
  return { jump: ofJumps.map((jump) => jump.named), ofJumps };
}
