import { isIPv6 } from 'node:net';
import type { HostOptions } from '../host/host-plan.ts';
import { addressOf } from './address-of.ts';
import { readPaths } from './read-paths.ts';
import type { SshSettings } from './settings.ts';
import { silenceLimitMs } from './silence-limit.ts';

/** `ask` is what is done anyway, where a configuration does not say otherwise. */
const UNKNOWN_HOSTS = {
  yes: 'refuse',
  ask: 'ask',
  'accept-new': 'accept-new',
  // A changed key is always an error, so trusting unknown keys is all that remains of `no`
  no: 'accept-new',
} as const;
const LOOKS_UNTIL_DEAD = 3;
const FAMILIES = { any: undefined, inet: 4, inet6: 6 } as const;

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
  const { hostName, port, strictHostKeyChecking: strict } = settings;
  const address = addressOf(host, settings);
  const paths = readPaths(settings, own);
  return {
    config,
    // HOST may be an alias, whose address gets the port
    address: hostName === undefined && !isIPv6(host) ? undefined : address,
    port,
    user: settings.user,
    ...paths,
    hostKeyAlias: settings.hostKeyAlias,
    // As in ssh, the agent's other keys are offered beside files that are named here, unless that is forbidden
    identitiesOnly: settings.identitiesOnly ?? (paths.identities === undefined ? undefined : false),
    family: FAMILIES[settings.addressFamily ?? 'any'],
    unknownHost: strict === undefined ? undefined : UNKNOWN_HOSTS[strict],
    mayAsk: settings.batchMode !== true,
    ...aliveOptions(settings),
  };
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
  const halfMs = limitMs / 2;
  return { keepaliveMs: halfMs / LOOKS_UNTIL_DEAD, reconnectForMs: halfMs };
}
