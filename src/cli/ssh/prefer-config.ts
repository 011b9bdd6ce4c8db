import type { Config } from '../../client/config/config-schema.ts';
import { isConfiguredHost, resolveHostSettings } from '../../client/config/resolve-host-settings.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import type { ResolvedWords } from './resolve.ts';

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
  const configured: readonly string[] = listConfigured(config, host);
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !configured.includes(name) || !isDefault(name)),
  );
}

/** Lists the settings for which rexa's own configuration has a value. @throws RexaError ADDRESS_INVALID, ADDRESS_UNSUPPORTED */
export function listConfigured(config: Config | null, host: string): readonly (keyof SshSettings)[] {
  const own = resolveHostSettings(config, host, { sshConfig: false });
  const isNamed = isConfiguredHost(config, host);
  const values: Partial<Record<keyof SshSettings, unknown>> = {
    hostName: isNamed || undefined,
    port: isNamed || undefined,
    user: own.user,
    identityFile: own.identities,
    identityAgent: own.agent,
    strictHostKeyChecking: own.acceptNew,
    connectTimeoutMs: own.connectTimeoutMs,
    escapeChar: own.escape,
    proxyJump: own.jump,
    proxyCommand: own.jump,
  };
  return (Object.keys(values) as (keyof SshSettings)[]).filter((name) => values[name] !== undefined);
}
