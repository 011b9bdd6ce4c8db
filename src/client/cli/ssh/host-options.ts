import type { HostOptions } from '../host-plan.ts';
import { addressOf } from './address-of.ts';
import type { SshSettings } from './settings.ts';

/** `ask` is what is done anyway, where a configuration does not say otherwise. */
const UNKNOWN_HOSTS = { yes: 'refuse', ask: undefined, 'accept-new': 'accept-new' } as const;

/**
 * What the words of ssh say of their host, where a configuration may say something else.
 * @param config the file of `-F` or `--config`
 * @throws RexaError USAGE for a port of what has none
 */
export function hostOptionsOf(host: string, settings: SshSettings, config: string | undefined): HostOptions {
  const address = addressOf(host, settings);
  return {
    config,
    // Without HostName, HOST may be an alias, whose address gets the port
    address: settings.hostName === undefined ? undefined : address,
    port: settings.port,
    identitiesOnly: settings.identitiesOnly === true,
    unknownHost: UNKNOWN_HOSTS[settings.strictHostKeyChecking ?? 'ask'],
    mayAsk: settings.batchMode !== true,
  };
}
