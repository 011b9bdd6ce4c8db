import type { SshSettings } from '../../config/ssh/settings.ts';
import { DEFAULT_ALIVE_COUNT } from './print-settings.ts';

/**
 * Returns for how long a host may be silent by `ServerAliveInterval` and `ServerAliveCountMax`, in milliseconds; null where
 * they set no limit.
 */
export function silenceLimitMs({
  serverAliveIntervalMs: intervalMs = 0,
  serverAliveCountMax: count = DEFAULT_ALIVE_COUNT,
}: Pick<SshSettings, 'serverAliveIntervalMs' | 'serverAliveCountMax'>): number | null {
  return intervalMs === 0 || count === 0 ? null : intervalMs * count;
}
