import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
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

/** Lists the files that hold the code of the client. */
const listCode = (): string[] =>
  readdirSync(compiled)
    .filter((name) => name.includes('-other-'))
    .map((name) => join(compiled, name));

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

  it('holds the code of a start, which the next one of its kind takes', () => {
    expect(start('022')).toBe(0);
    const [file = '', ...others] = listCode();
    expect(others).toEqual([]);
    const { mtimeNs } = statSync(file, { bigint: true });
    expect(start('022')).toBe(0);
    expect(listCode()).toEqual([file]);
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(mtimeNs);
  });

  it.each([
    ['cut', (code: Buffer) => code.subarray(0, 1000)],
    ['empty', () => Buffer.alloc(0)],
    [
      'changed',
      (code: Buffer) => Buffer.concat([code.subarray(0, -1), Buffer.from([(code.at(-1) ?? 0) ^ 1])]),
    ],
    [
      'zeroed in the middle',
      (code: Buffer) => Buffer.from(code).fill(0, code.length / 2, code.length / 2 + 4096),
    ],
  ])('is made anew where its file is %s', (_, damage) => {
    expect(start('022')).toBe(0);
    const [file = ''] = listCode();
    const damaged = damage(readFileSync(file));
    writeFileSync(file, damaged);
    expect(start('022')).toBe(0);
    expect(listCode()).toEqual([file]);
    expect(readFileSync(file).equals(damaged)).toBe(false);
  });

  it('loses what was not made for a month', () => {
    mkdirSync(compiled, { recursive: true, mode: 0o700 });
    for (const name of ['old', 'young']) writeFileSync(join(compiled, name), '');
    const monthAgo = Date.now() / 1000 - 31 * 24 * 3600;
    utimesSync(join(compiled, 'old'), monthAgo, monthAgo);
    expect(start('022')).toBe(0);
    const names = readdirSync(compiled);
    expect(names).toContain('young');
    expect(names).not.toContain('old');
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
