import type { HostOptions } from '../host-plan.ts';
import { addressOf } from './address-of.ts';
import type { SshSettings } from './settings.ts';

/**
 * What the words of ssh say of their host.
 * @param config the file of `-F` or `--config`
 * @throws RexaError USAGE for a port of what has none
 */
export function hostOptionsOf(host: string, settings: SshSettings, config: string | undefined): HostOptions {
  const address = addressOf(host, settings);
  const { identityFile, identitiesOnly = false, batchMode } = settings;
  return {
    user: settings.user,
    config,
    // Without HostName, HOST may be an alias, whose address gets the port
    address: settings.hostName === undefined ? undefined : address,
    port: settings.port,
    family: FAMILIES[settings.addressFamily ?? 'any'],
    identities: identityFile?.filter((file) => file !== 'none'),
    identitiesOnly,
    agent: identitiesOnly && identityFile === undefined ? null : agentOf(settings.identityAgent),
    knownHosts: knownHostsOf(settings.userKnownHostsFile),
    unknownHost: UNKNOWN_HOSTS[settings.strictHostKeyChecking ?? 'ask'],
    mayAsk: batchMode !== true,
  };
}

const FAMILIES = { any: undefined, inet: 4, inet6: 6 } as const;
/** `ask` is what is done anyway, where a configuration does not say otherwise. */
const UNKNOWN_HOSTS = { yes: 'refuse', ask: undefined, 'accept-new': 'accept-new' } as const;

function agentOf(identityAgent: string | undefined): string | null | undefined {
  if (identityAgent === undefined || identityAgent === 'SSH_AUTH_SOCK') return undefined;
  if (identityAgent === 'none') return null;
  return identityAgent.startsWith('$') ? (process.env[identityAgent.slice(1)] ?? null) : identityAgent;
}

function knownHostsOf(files: readonly string[] | undefined): string | null | undefined {
  const [first] = files ?? [];
  return first === 'none' || first === '/dev/null' ? null : first;
}
