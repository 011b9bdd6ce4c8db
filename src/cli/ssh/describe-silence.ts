import { formatDuration } from '../../command-line/duration.ts';
import type { ConductedRun } from '../run/run-plan.ts';
import { DEFAULT_ALIVE_COUNT } from './print-settings.ts';
import type { SshSettings } from './settings.ts';

/**
 * Returns what is said of a connection that was lost under limits of its user, with these: the waits that they come to are
 * rexa's own, and half as long. Null: the outcome has words of its own.
 */
export function describeSilence(
  { result }: ConductedRun,
  {
    serverAliveIntervalMs: intervalMs = 0,
    serverAliveCountMax: count = DEFAULT_ALIVE_COUNT,
  }: Pick<SshSettings, 'serverAliveIntervalMs' | 'serverAliveCountMax'>,
): string | null {
  if (intervalMs === 0 || count === 0 || result.outcome !== 'lost' || result.code !== 'LINK_LOST')
    return null;
  const limit = formatDuration(intervalMs * count);
  return (
    `lost: no answer within ${limit} (ServerAliveInterval ${formatDuration(intervalMs)}, ServerAliveCountMax ${count}); ` +
    `the command may or may not have run; ${result.reason ?? 'no reason was given'}`
  );
}
