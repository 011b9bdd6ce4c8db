import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeTestFolder } from '../../fixtures/auth/fixtures.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

/** Writes down, as the process ends, which of Node's own modules and which files it has loaded. */
const NOTE = `
import { registerHooks } from 'node:module';
import { writeFileSync } from 'node:fs';
const urls = [];
registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
process.on('exit', () => writeFileSync(process.env.NOTE_FILE, [...process.moduleLoadList, ...urls].join('\\n')));
`;

describe('rexa run on a Unix socket', () => {
  it('loads nothing of TLS, YAML, keys or questions', async () => {
    await using daemon = await startDaemon();
    const folder = makeTestFolder();
    const noteFile = join(folder, 'loaded');
    const { status } = await runRexa(['run', '-n', daemon.address, 'true'], {
      env: {
        HOME: folder,
        XDG_CONFIG_HOME: '',
        REXA_CONFIG: '',
        NOTE_FILE: noteFile,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(NOTE)}`,
      },
    });
    expect(status).toBe(0);
    const loaded = readFileSync(noteFile, 'utf8').split('\n');
    expect(loaded.some((name) => name.endsWith('client/cli/main.js'))).toBe(true);
    expect(loaded.filter((name) => /^NativeModule (?:internal\/)?tls\b|packages\//.test(name))).toEqual([]);
  });
});
