import type { Config } from '../../client/config/config-schema.ts';
import { isConfiguredHost, resolveHostSettings } from '../../client/config/resolve-host-settings.ts';
import type { ResolvedWords } from './resolve.ts';
import type { SshSettings } from './settings.ts';

/**
 * Returns the settings without those of ssh's default files for which rexa's own configuration has a value: the command
 * line and the file of `-F` count before rexa's configuration, and that before the default files.
 * @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED
 */
export function preferConfig(
  { host, settings, origins }: Pick<ResolvedWords, 'host' | 'settings' | 'origins'>,
  config: Config | null,
): SshSettings {
  const isDefault = (name: string): boolean =>
    origins.get(name as keyof SshSettings)?.every((origin) => origin.isDefault) === true;
  if (config === null || !Object.keys(settings).some(isDefault)) return settings;
  const own = resolveHostSettings(config, host);
  const values: Partial<Record<keyof SshSettings, unknown>> = {
    hostName: isConfiguredHost(config, host) || undefined,
    port: isConfiguredHost(config, host) || undefined,
    user: own.user,
    identityFile: own.identities,
    identityAgent: own.agent,
    strictHostKeyChecking: own.acceptNew,
    connectTimeoutMs: own.connectTimeoutMs,
    escapeChar: own.escape,
  };
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([name]) => values[name as keyof SshSettings] === undefined || !isDefault(name),
    ),
  );
}
