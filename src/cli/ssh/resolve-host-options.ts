import { loadConfig } from '../../client/config/load-config.ts';
import { resolveHostSettings } from '../../client/config/resolve-host-settings.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import type { HostOptions } from '../host/host-plan.ts';

/**
 * The settings with what the configuration says where the words say nothing, as `-G` prints them.
 * @throws RexaError CONFIG_*, AUTH_FILE_*, ADDRESS_INVALID, ADDRESS_UNSUPPORTED
 */
export async function resolveHostOptions(
  host: string,
  settings: SshSettings,
  given: HostOptions,
): Promise<SshSettings> {
  const { address, user, identities, agent, acceptNew, connectTimeoutMs } = resolveHostSettings(
    await loadConfig(given.config),
    host,
    given,
  );
  const place = address.kind === 'tls' ? { hostName: address.host, port: address.port } : {};
  return {
    ...(user === undefined ? {} : { user }),
    ...(identities === undefined ? {} : { identityFile: identities }),
    ...(agent === undefined ? {} : { identityAgent: agent ?? 'none' }),
    ...(acceptNew === true ? { strictHostKeyChecking: 'accept-new' } : {}),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
    ...settings,
    ...place,
  };
}
