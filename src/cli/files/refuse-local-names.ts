import { lstatSync } from 'node:fs';
import { loadConfig } from '../../client/config/load-config.ts';
import { isConfiguredHost } from '../../client/config/resolve-host-settings.ts';
import { readHostName } from '../../client/host-name.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { nodePath } from '../../files/byte-path.ts';

/**
 * Refuses an operand such as `2024-10:00.log` that is a file here, and whose host is neither configured nor an address.
 * @param words SRC and DST, in byte text @throws RexaError USAGE, CONFIG_*
 */
export async function refuseLocalNames(words: readonly string[], config: string | undefined): Promise<void> {
  for (const word of words) {
    const [, called = ''] = /^([^/:]+):[^/]*$/s.exec(word) ?? [];
    if (called === '' || lstatSync(nodePath(word), { throwIfNoEntry: false }) === undefined) continue;
    const { address } = readHostName(called);
    if (address === 'local' || isConfiguredHost(await loadConfig(config), address)) continue;
    throw usageError(
      `${quoteWord(word)} is a file here, and ${quoteWord(address)} is no configured host: write ./${word}`,
    );
  }
}
