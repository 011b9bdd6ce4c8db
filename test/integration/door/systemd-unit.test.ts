import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DEFAULT_DRAIN_MS } from '../../../src/daemon/limits.ts';
import { readDaemonOptions } from '../../../src/daemon/options.ts';
import { makeTestFolder } from '../../fixtures/auth/fixtures.ts';

const UNIT = fileURLToPath(new URL('../../../systemd/rexad@.service', import.meta.url));
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** The unit with a program that is there on every machine, and the words that it gives to rexad. */
function readUnit() {
  const unit = readFileSync(UNIT, 'utf8');
  const calls = [...unit.matchAll(/^(Exec\w+)=rexad (.*)$/gm)].map(
    ([, when = '', words = '']) => [when, words.split(' ')] as const,
  );
  return { text: unit.replaceAll('=rexad ', '=/bin/true '), calls };
}

describe('the unit of systemd', () => {
  it('gives rexad words that it has, and checks them before a start and a reload', () => {
    const config = '/etc/rexad/%i.yaml';
    expect(readUnit().calls.map(([when, words]) => [when, readDaemonOptions(words)])).toMatchObject([
      ['ExecStartPre', { action: 'check-config', config }],
      ['ExecStart', { action: 'serve', config }],
      ['ExecReload', { action: 'check-config', config }],
    ]);
  });

  it('lets a drain end before systemd kills the daemon, also the one in the manual', () => {
    const { text } = readUnit();
    const [, stop = ''] = /^TimeoutStopSec=(\d+)min$/m.exec(text) ?? [];
    const manual = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
    const drains = [...manual.matchAll(/^drain: (\d+)s$/gm)].map(([, seconds]) => Number(seconds));
    expect(drains.length).toBeGreaterThan(0);
    for (const seconds of [DEFAULT_DRAIN_MS / 1000, ...drains])
      expect(Number(stop) * 60).toBeGreaterThanOrEqual(2 * seconds);
  });

  it.runIf(hasSystemd)('is right, and leaves a service little to do harm with', () => {
    const file = join(makeTestFolder(), 'rexad@alice.service');
    writeFileSync(file, readUnit().text);
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect([verified.status, verified.stderr]).toEqual([0, '']);
    const words = ['security', '--offline=yes', '--threshold=25', '--no-pager', file];
    const judged = spawnSync('systemd-analyze', words, { encoding: 'utf8' });
    // At most 2.5 of 10
    expect([judged.status, judged.stdout]).toEqual([
      0,
      expect.stringMatching(/exposure level .*: [0-2]\.\d OK/),
    ]);
  });
});
