import type { Config } from '../../client/config/config-schema.ts';
import { listPreceded } from '../../client/config/resolve-host-settings.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import type { ResolvedWords } from './resolve.ts';

/**
 * Returns the settings without those of ssh's default files for which rexa's own configuration has a value: the command
 * line and the file of `-F` count before rexa's configuration, and that before the default files.
 */
export function preferConfig(
  { host, settings, origins }: Pick<ResolvedWords, 'host' | 'settings' | 'origins'>,
  config: Config | null,
): SshSettings {
  const isDefault = (name: string): boolean =>
    origins.get(name as keyof SshSettings)?.every((origin) => origin.isDefault) === true;
  if (config === null || !Object.keys(settings).some(isDefault)) return settings;
  const configured: readonly string[] = listPreceded(config, host);
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !configured.includes(name) || !isDefault(name)),
  );
}
