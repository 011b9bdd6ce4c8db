import { formatDuration } from '../../command-line/duration.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import type { ConductedRun } from '../run/run-plan.ts';
import { DEFAULT_ALIVE_COUNT } from './print-settings.ts';
import { silenceLimitMs } from './silence-limit.ts';

/**
 * Returns what is said of a connection that was lost under limits of its user, with these: the waits that they come to are
 * rexa's own, and half as long. Null: the outcome has words of its own.
 */
export function describeSilence(
  { result }: ConductedRun,
  settings: Pick<SshSettings, 'serverAliveIntervalMs' | 'serverAliveCountMax'>,
): string | null {
  const limitMs = silenceLimitMs(settings);
  if (limitMs === null || result.outcome !== 'lost' || result.code !== 'LINK_LOST') return null;
  const { serverAliveIntervalMs: intervalMs = 0, serverAliveCountMax: count = DEFAULT_ALIVE_COUNT } =
    settings;
  return (
    `lost: no answer within ${formatDuration(limitMs)} (ServerAliveInterval ${formatDuration(intervalMs)}, ServerAliveCountMax ${count}); ` +
    `the command may or may not have run; ${result.reason ?? 'no reason was given'}`
  );
}
