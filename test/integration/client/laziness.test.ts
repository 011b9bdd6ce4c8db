import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { REXA, startDaemon } from '../../fixtures/daemon.ts';

/** Writes down, as the process ends, which of Node's own modules and which files it has loaded, and whether it has split characters. */
const NOTE = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const urls = [];
const { Segmenter } = Intl;
Intl.Segmenter = class extends Segmenter {
  constructor(...words) {
    super(...words);
    urls.push('Intl.Segmenter');
  }
};
registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
process.on('exit', () => writeFileSync(process.env.NOTE_FILE, [...process.moduleLoadList, ...urls].join('\\n')));
`;

describe('rexa run on a Unix socket', () => {
  it('loads nothing of TLS, YAML, keys, questions or the width of characters', async () => {
    await using daemon = await startDaemon();
    const folder = makeTestFolder();
    const noteFile = join(folder, 'loaded');
    const note = `--import=data:text/javascript,${encodeURIComponent(NOTE)}`;
    execFileSync(process.execPath, [note, REXA, 'run', '-n', daemon.address, 'true'], {
      env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: '', REXA_CONFIG: '', NOTE_FILE: noteFile },
    });
    const loaded = readFileSync(noteFile, 'utf8').split('\n');
    expect(loaded.some((name) => name.endsWith('bin/run-program.js'))).toBe(true);
    expect(
      loaded.filter((name) => /^NativeModule (?:internal\/)?tls\b|packages\/|Segmenter/.test(name)),
    ).toEqual([]);
  });
});
