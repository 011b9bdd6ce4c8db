import { isIPv6 } from 'node:net';
import { addressOf } from '../../config/ssh/address-of.ts';
import { loginOptionsOf } from '../../config/ssh/login-options.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { MAX_TIMEOUT_MS } from '../../protocol/limits.ts';
import { type HostOptions, shareOptionsOf } from '../host/host-plan.ts';
import { silenceLimitMs } from './silence-limit.ts';

const LOOKS_UNTIL_DEAD = 3;

/**
 * What the words of ssh, expanded, say of their host, where a configuration may say something else.
 * @param config the file of `--config`
 * @param own our environment
 * @throws RexaError USAGE for a port of what has none, and a path that stands for nothing
 */
export function hostOptionsOf(
  host: string,
  settings: SshSettings,
  config: string | undefined,
  own: NodeJS.ProcessEnv = process.env,
): HostOptions {
  const { hostName, port } = settings;
  const address = addressOf(host, settings);
  return {
    config,
    // The settings have what the files say
    sshConfig: false,
    // HOST may be an alias, whose address gets the port
    address: hostName === undefined && !isIPv6(host) ? undefined : address,
    port,
    ...loginOptionsOf(settings, own),
    jump: settings.proxyJump,
    proxyCommand: settings.proxyCommand,
    mayAsk: settings.batchMode !== true,
    ...aliveOptions(settings),
    ...shareOptions(settings),
  };
}

/** Without a ControlPath the configuration decides. */
function shareOptions(settings: SshSettings): Pick<HostOptions, 'share'> {
  const { controlPath: path } = settings;
  if (path === undefined) return {};
  return { share: path.toLowerCase() === 'none' ? null : shareOptionsOf(settings, path) };
}

/**
 * `ServerAliveInterval` and `ServerAliveCountMax` bound the whole wait for a host that is silent: in one half of that time
 * it is found dead, in the other half another connection is tried. Without an interval both are as rexa has them; with a
 * count of 0 nobody looks.
 */
function aliveOptions(settings: SshSettings): Pick<HostOptions, 'keepaliveMs' | 'reconnectForMs'> {
  const limitMs = silenceLimitMs(settings);
  if (limitMs === null)
    return { keepaliveMs: settings.serverAliveIntervalMs ? Number.POSITIVE_INFINITY : undefined };
  const halfMs = Math.min(limitMs / 2, MAX_TIMEOUT_MS);
  return { keepaliveMs: halfMs / LOOKS_UNTIL_DEAD, reconnectForMs: halfMs };
}
