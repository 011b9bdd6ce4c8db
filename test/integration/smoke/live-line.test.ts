import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { startRexaOnTerminal } from '../../fixtures/local-pty.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

let daemon: TestDaemon;
let folder: string;

beforeAll(async () => {
  daemon = await startDaemon();
  folder = mkdtempSync(join(tmpdir(), 'rexa-smoke-'));
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a test that ends when the file `go` is there, on a terminal; `meanwhile` is called once it has started. */
async function smokeOnTerminal(
  env: NodeJS.ProcessEnv,
  words: readonly string[],
  meanwhile: (shown: () => string) => Promise<void>,
): Promise<{ readonly status: unknown; readonly shown: string }> {
  const [go, started, file] = ['go', 'started', 'smoke.yaml'].map((name) => join(folder, name));
  for (const old of [go, started]) rmSync(`${old}`, { force: true });
  writeFileSync(
    `${file}`,
    `tests: {waits: {argv: [sh, -c, 'echo >${started}; until [ -e ${go} ]; do sleep 0.02; done']}}\n`,
  );
  const all = ['smoke', `${file}`, '--host', daemon.address, ...words];
  const terminal = { columns: 200, rows: 24, isUtf8: true };
  const rexa = await startRexaOnTerminal(all, {
    terminal,
    env: { XDG_STATE_HOME: join(folder, 'state'), CI: undefined, ...env },
  });
  let shown = '';
  rexa.screen.on('data', (bytes: Buffer) => {
    shown += bytes.toString();
  });
  await meanwhile(() => shown);
  writeFileSync(`${go}`, '');
  const status = await rexa.exited;
  await waitUntil('the last line is shown', () => shown.includes(' skipped'));
  rexa.close();
  return { status, shown };
}

const untilStarted = (): Promise<void> =>
  waitUntil('the test has started', () => {
    try {
      rmSync(join(folder, 'started'));
      return true;
    } catch {
      return false;
    }
  });

describe('rexa smoke on a terminal', () => {
  it('shows the test and the host that run and how many are over, and removes that', async () => {
    const line = `0/1  [${daemon.address}] waits`;
    const { status, shown } = await smokeOnTerminal({}, [], (soFar) =>
      waitUntil('its seconds are counted', () => soFar().includes(`${line} 1 s`)),
    );
    expect(status).toBe(0);
    expect(shown.startsWith(line)).toBe(true);
    const [, behind] = shown.slice(shown.lastIndexOf('0/1')).split('\r\x1b[K', 2);
    expect(behind).toMatch(/^[^\r\n]*✓/);
    expect(shown).toContain('1 passed, 0 failed');
  });

  it.each([
    ['in CI', { CI: 'true' }, []],
    ['on a terminal that cannot erase', { TERM: 'dumb' }, []],
    ['with -q', {}, ['-q']],
  ])('shows no such line %s', async (_where, env, words) => {
    const { status, shown } = await smokeOnTerminal(env, words, untilStarted);
    expect([status, shown.includes('0/1'), shown.includes('\x1b[K')]).toEqual([0, false, false]);
  });
});
