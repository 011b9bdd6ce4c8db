import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { printSettings } from '../../../../src/cli/ssh/print-settings.ts';
import { resolveWords } from '../../../../src/cli/ssh/resolve.ts';
import { SSH_COMMAND } from '../../../../src/cli/tables/ssh.ts';
import { parseWords } from '../../../../src/command-line/parse-words.ts';
import { applyFiles } from '../../../../src/config/ssh/apply-files.ts';
import { expandSettings } from '../../../../src/config/ssh/expand-settings.ts';
import { RexaError } from '../../../../src/protocol/errors.ts';
import {
  type ArbitraryConfig,
  arbitraryConfig,
  FOLDER_MARK,
  HONOURED_KEYWORDS,
} from '../../../fixtures/ssh-config/arbitrary-config.ts';
import { readSettings } from '../../../fixtures/ssh-config/read-settings.ts';

const home = mkdtempSync(join(tmpdir(), 'rexa-ssh-config-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

let count = 0;

/** Writes the files, and returns the words of the command line. */
function write({ files, options, host }: ArbitraryConfig): readonly string[] {
  const folder = join(home, String(count++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(folder, name), text.replaceAll(FOLDER_MARK, folder), { mode: 0o600 });
  return ['-F', join(folder, 'config'), ...options, host];
}

/** What `rexa ssh -G` prints; null if it fails. */
async function askRexa(words: readonly string[]): Promise<string | null> {
  try {
    const { said, values } = parseWords(SSH_COMMAND, words);
    const { host, settings } = resolveWords(said, (draft, name) =>
      applyFiles(draft, name, {
        file: values.F.at(-1),
        command: '',
        usesPort: false,
        fail: () => undefined,
      }),
    );
    return await printSettings(host, expandSettings(host, settings), settings);
  } catch (error) {
    if (error instanceof RexaError) return null;
    throw error;
  }
}

function askSsh(words: readonly string[]): string | null {
  const { status, stdout, error } = spawnSync('ssh', ['-G', ...words], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  // ssh has two names for that level
  return status === 0 ? stdout.replace('loglevel SILENT', 'loglevel QUIET') : null;
}

const bareSettings = new Map<string, ReadonlyMap<string, string>>();

/** What ssh prints without files. */
function askBare(host: string, option: string): ReadonlyMap<string, string> {
  const key = `${option} ${host}`;
  const known = bareSettings.get(key) ?? readSettings(askSsh(['-F', 'none', '-o', option, host]) ?? '');
  bareSettings.set(key, known);
  return known;
}

describe('rexa ssh -G, with generated files and options', () => {
  it('prints what ssh -G prints of every keyword that they set, and fails where ssh fails', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryConfig, async (config) => {
        const words = write(config);
        const theirs = askSsh(words);
        const ours = await askRexa(words);
        expect(ours === null).toBe(theirs === null);
        if (ours === null || theirs === null) return;
        const [found, expected] = [readSettings(ours), readSettings(theirs)];
        // Without files and options both have their own defaults. Debian's ssh has another interval with BatchMode.
        const batch = `BatchMode=${expected.get('batchmode')}`;
        const bare = askBare(config.host, batch);
        const set = HONOURED_KEYWORDS.filter(
          (keyword) => keyword === 'batchmode' || expected.get(keyword) !== bare.get(keyword),
        );
        const pick = (from: ReadonlyMap<string, string>) =>
          set.map((keyword) => [keyword, from.get(keyword)]);
        expect(pick(found)).toEqual(pick(expected));
      }),
      { numRuns: 300 },
    );
  });
});
