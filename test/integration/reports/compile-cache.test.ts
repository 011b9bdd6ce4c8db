import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { LAUNCHER_ENVIRONMENT, REXA_LAUNCHER } from '../../fixtures/daemon.ts';

let home: string;
let compiled: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rexa-cache-'));
  compiled = join(home, '.cache/rexa/compile');
  const made = home;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

/** Starts the client under a umask. @returns its exit status */
function start(umask: string, HOME = home): number | null {
  const { XDG_CACHE_HOME: _, ...own } = process.env;
  return spawnSync('sh', ['-c', `umask ${umask}; exec "$0" --version`, REXA_LAUNCHER], {
    env: { ...own, ...LAUNCHER_ENVIRONMENT, HOME },
    stdio: 'ignore',
    timeout: 60_000,
  }).status;
}

const modeOf = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

describe('the cache of compiled code', () => {
  it.each(['0', '022', '777'])('is for its owner alone under umask %s', (umask) => {
    expect(start(umask)).toBe(0);
    for (const folder of ['.cache', '.cache/rexa', '.cache/rexa/compile'])
      expect([folder, modeOf(join(home, folder))]).toEqual([folder, '700']);
    expect(readdirSync(compiled)).not.toEqual([]);
  });

  it('is made anew where others could have put code into it', () => {
    mkdirSync(compiled, { recursive: true });
    writeFileSync(join(compiled, 'foreign'), '');
    chmodSync(compiled, 0o777);
    expect(start('022')).toBe(0);
    expect(modeOf(compiled)).toBe('700');
    expect(readdirSync(compiled)).not.toContain('foreign');
  });

  it.each(['.cache', '.cache/rexa'])('is not kept below a folder that others may write to: %s', (folder) => {
    mkdirSync(join(home, '.cache/rexa'), { recursive: true });
    chmodSync(join(home, folder), 0o777);
    expect(start('022')).toBe(0);
    expect(existsSync(compiled)).toBe(false);
  });

  it('follows no symbolic link of another owner, and no file in its place', () => {
    mkdirSync(join(home, '.cache/rexa'), { recursive: true });
    symlinkSync(tmpdir(), compiled);
    expect(start('022')).toBe(0);
    expect(existsSync(tmpdir())).toBe(true);
    rmSync(compiled, { recursive: true });
    writeFileSync(compiled, '');
    expect(start('022')).toBe(0);
  });

  it.each(['/proc', '/dev/null', '/nowhere/home'])('is done without where HOME is %s', (HOME) => {
    expect(start('022', HOME)).toBe(0);
    expect(existsSync(join(HOME, '.cache'))).toBe(false);
  });
});
