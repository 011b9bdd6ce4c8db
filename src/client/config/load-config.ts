import path from 'node:path';
import { configFolder } from '../../places/config-folder.ts';
import { RexaError } from '../../protocol/errors.ts';
import type { Config } from './config-schema.ts';

/**
 * Reads the client's configuration.
 * @param file one that must be there; `none`: do without. Default: `$REXA_CONFIG`, which is read likewise, else
 * `config.yaml` in the folder of the user's own files, if it is there
 * @throws RexaError CONFIG_INVALID, CONFIG_MISSING, AUTH_FILE_UNSAFE, AUTH_FILE_UNREADABLE, AUTH_FILE_TOO_LARGE
 */
export async function loadConfig(file = process.env['REXA_CONFIG']): Promise<Config | null> {
  const isNamed = file !== undefined && file !== '';
  if (file === 'none') return null;
  const chosen = isNamed ? path.resolve(file) : path.join(configFolder(), 'config.yaml');
  const config = await readConfig(chosen);
  if (config === null && isNamed) throw new RexaError('CONFIG_MISSING', [file]);
  return config;
}

/** The schema, and what reads a file, are made when there is one. */
async function readConfig(file: string): Promise<Config | null> {
  const { existsSync } = process.getBuiltinModule('node:fs');
  if (!existsSync(file)) return null;
  const [{ readConfigFile }, { CONFIG_SCHEMA }, { checkConfig }] = await Promise.all([
    import('../../config/config-file.ts'),
    import('./config-schema.ts'),
    import('./check-config.ts'),
  ]);
  const config = await readConfigFile(file, { schema: CONFIG_SCHEMA, check: checkConfig });
  if (config?.['ssh-config'] !== true) return config;
  const { readSshHost } = await import('./ssh-host.ts');
  const usesPort = config['ssh-config-port'] === true;
  return { ...config, readSshHost: (host, preceded) => readSshHost(host, preceded, usesPort) };
}
