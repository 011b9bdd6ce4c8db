import { readFile } from 'node:fs/promises';
import type { Config } from '../../client/config/config-schema.ts';
import { loadConfig } from '../../client/config/load-config.ts';
import { usageError } from '../../command-line/usage-error.ts';
import { readHostLines } from './plan/choose-targets.ts';
import type { SmokeValues } from './smoke-values.ts';

/** The configuration, and the hosts of the command line. @throws RexaError */
export async function loadHosts(
  values: SmokeValues,
): Promise<{ readonly config: Config | null; readonly hosts: readonly string[] }> {
  const files = await Promise.all(values['hosts-file'].map(readHostsFile));
  return { config: await loadConfig(values.config), hosts: [...values.host, ...files.flat()] };
}

async function readHostsFile(file: string): Promise<readonly string[]> {
  try {
    const hosts = readHostLines(await readFile(file, 'utf8'));
    if (hosts.length > 0) return hosts;
  } catch (error) {
    throw usageError(`--hosts-file: cannot read ${file}: ${(error as Error).message}`);
  }
  throw usageError(`--hosts-file: no hosts in ${file}`);
}
