import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAEMON_NODE_OPTIONS } from '../../../src/runtime/node-variables.ts';
import { LAUNCHER_ENVIRONMENT, REXA_LAUNCHER, REXAD_LAUNCHER } from '../../fixtures/daemon.ts';

/** What comes out of a program, and its exit status. */
function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(file, args, {
    encoding: 'buffer',
    env: { ...process.env, ...LAUNCHER_ENVIRONMENT, ...env },
    timeout: 60_000,
  });
  return { status, stdout: stdout.toString('latin1'), stderr: stderr.toString() };
}

const VERSION = { status: 0, stdout: expect.stringMatching(/^rexa \d/), stderr: '' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-launch-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a launcher', () => {
  it('runs through a chain of symbolic links, relative and absolute', () => {
    const place = join(folder, 'links');
    mkdirSync(place);
    symlinkSync(REXA_LAUNCHER, join(place, 'one'));
    symlinkSync('one', join(place, 'two'));
    expect(run(join(place, 'two'), ['--version'])).toEqual(VERSION);
  });

  it.each(['with spaces and $(id) "quotes"', '-e', 'line\nfeed'])('runs in a folder named %j', (name) => {
    const place = join(folder, name);
    mkdirSync(place);
    const root = dirname(dirname(REXA_LAUNCHER));
    cpSync(join(root, 'bin'), join(place, 'bin'), { recursive: true });
    symlinkSync(join(root, 'dist'), join(place, 'dist'));
    expect(run(join(place, 'bin/rexa'), ['--version'])).toEqual(VERSION);
  });

  it.each([
    ['dash', []],
    ['bash', []],
    ['bash', ['--posix']],
    ['busybox', ['sh']],
    ['zsh', ['--emulate', 'sh']],
  ])('runs by %s %j', (shell, words) => {
    expect(run(shell, [...words, REXA_LAUNCHER, '--version'])).toEqual(VERSION);
    const set = { NODE_OPTIONS: '--require=/nowhere', NODE_DEBUG: "it's\nexport NODE_A=b" };
    expect(run(shell, [...words, REXA_LAUNCHER, '--version'], set)).toEqual(VERSION);
  });

  it('starts Node once, with options that a Node which is too old has, so that it can say so', () => {
    const witness = join(folder, 'node-once');
    writeFileSync(witness, '#!/bin/sh\necho "$*" >>"$0.calls"\n');
    chmodSync(witness, 0o755);
    expect(run(REXAD_LAUNCHER, ['--version'], { REXA_NODE: witness }).status).toBe(0);
    const calls = readFileSync(`${witness}.calls`, 'utf8').trimEnd().split('\n');
    const options = DAEMON_NODE_OPTIONS.join(' ');
    expect(calls).toEqual([expect.stringMatching(/^--openssl-config=\S+ /)]);
    expect(calls[0]?.replace(/^\S+ /, '')).toBe(`${options} ${REXAD_LAUNCHER} --version`);
  });

  it.each([REXA_LAUNCHER, REXAD_LAUNCHER])('gives Node no option that version 12 refuses: %s', (launcher) => {
    const old = join(folder, 'node-12');
    const known =
      '--inspect-port=*|--openssl-config=*|--use-openssl-ca|--no-concurrent-recompilation|--max-semi-space-size=*|--heap-growing-percent=*';
    writeFileSync(
      old,
      `#!/bin/sh\nfor word; do case $word in ${known}) ;; -*) echo "bad option: $word"; exit 9 ;; *) exit 7 ;; esac; done\n`,
    );
    chmodSync(old, 0o755);
    expect(run(launcher, ['--version'], { REXA_NODE: old })).toEqual({ status: 7, stdout: '', stderr: '' });
  });

  it.each(['dash', 'bash', 'busybox'])('hands over arguments byte by byte, by %s', (shell) => {
    const witness = join(folder, `node-${shell}`);
    writeFileSync(witness, '#!/bin/sh\nexec cat /proc/$$/cmdline\n');
    chmodSync(witness, 0o755);
    const bytes = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1)).toString('latin1');
    const octal = [...bytes].map((each) => `\\${each.charCodeAt(0).toString(8).padStart(3, '0')}`).join('');
    const program = shell === 'busybox' ? 'busybox sh' : shell;
    // What spawn would take as text is made by a shell
    const script = `exec env REXA_NODE="$1" ${program} "$2" "$(printf '${octal}x')" '' ' ' '*' -- "$(printf '\\351')"`;
    writeFileSync(
      witness,
      `#!/usr/bin/python3\nimport sys, os\nos.write(1, b'\\0'.join(map(os.fsencode, sys.argv[-6:])))\n`,
    );
    const { stdout } = run('dash', ['-c', script, 'dash', witness, REXA_LAUNCHER]);
    expect(stdout.split('\0')).toEqual([`${bytes}x`, '', ' ', '*', '--', '\xe9']);
  });

  it.each([
    ['rexa', REXA_LAUNCHER, 125],
    ['rexad', REXAD_LAUNCHER, 1],
  ])('%s says where to get Node if there is none', (name, launcher, status) => {
    const empty = join(folder, `empty-${name}`);
    mkdirSync(empty);
    for (const each of ['sh', 'env']) symlinkSync(`/usr/bin/${each}`, join(empty, each));
    expect(run(launcher, [], { PATH: empty, REXA_NODE: undefined })).toEqual({
      status,
      stdout: '',
      stderr: `${name}: there is no node on the PATH: install Node 22.18 or newer, or set REXA_NODE to its path\n`,
    });
  });

  it.each([REXA_LAUNCHER, REXAD_LAUNCHER])(
    'is started by Node where npm makes a shim for Windows: %s',
    async (launcher) => {
      const npm = spawnSync('npm', ['root', '--global'], { encoding: 'utf8' }).stdout.trim();
      const load = createRequire(import.meta.url);
      const makeShim = load(join(npm, 'npm/node_modules/cmd-shim')) as (
        from: string,
        to: string,
      ) => Promise<void>;
      const shim = join(folder, `shim-${dirname(launcher).length}-${launcher.length}`);
      await makeShim(launcher, shim);
      expect(readFileSync(`${shim}.cmd`, 'utf8')).toMatch(/SET "_prog=node"/);
      expect(readFileSync(`${shim}.ps1`, 'utf8')).toMatch(/& "node\$exe" {2}"\$basedir/);
      // What the shims then do
      expect(run(process.execPath, [launcher, '--version']).status).toBe(0);
    },
  );
});
