import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EncodedCommand } from '../../src/daemon/transcode/encode-command.ts';
import { writeTrampoline } from '../../src/daemon/transcode/trampoline.ts';

/** Prints what it was started with: each argument in hexadecimal, its environment, its folder, its pid. */
const REPORTER = `
for (const argument of require('node:fs').readFileSync('/proc/self/cmdline').toString('latin1').split('\\0').slice(2, -1)) {
  console.log('arg ' + Buffer.from(argument, 'latin1').toString('hex'));
}
for (const entry of require('node:fs').readFileSync('/proc/self/environ').toString('latin1').split('\\0').slice(0, -1)) {
  console.log('env ' + Buffer.from(entry, 'latin1').toString('hex'));
}
console.log('cwd ' + Buffer.from(require('node:fs').readlinkSync('/proc/self/cwd', 'buffer')).toString('hex'));
console.log('pid ' + process.pid);
`;
const ALL_BYTES = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));

let folder = '';
let reporter = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-trampoline-'));
  reporter = join(folder, 'reporter.cjs');
  writeFileSync(reporter, REPORTER);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const hex = (part: Uint8Array): string => Buffer.from(part).toString('hex');

function command(parts: Partial<EncodedCommand>): EncodedCommand {
  return { file: bytes(process.execPath), args: [], cwd: bytes('/'), environment: [], ...parts };
}

/** Starts a trampoline with this shell in the place of /bin/sh, and the run's id as the runner adds it. */
function start(shell: string, encoded: EncodedCommand): SpawnSyncReturns<Buffer> {
  const { args, cwd, environment } = writeTrampoline(encoded);
  return spawnSync(shell, args, {
    argv0: 'sh',
    cwd,
    env: { ...environment, REXA_RUN_ID: 'run 1' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** What the reporter says, by the first word of each line. */
function report(
  shell: string,
  parts: Partial<EncodedCommand>,
): { pid: number; lines: (word: string) => string[] } {
  const { args = [] } = parts;
  const result = start(shell, command({ ...parts, args: [bytes(reporter), ...args] }));
  expect(result.stderr.toString()).toBe('');
  expect(result.status).toBe(0);
  const lines = result.stdout.toString().split('\n');
  return {
    pid: result.pid,
    lines: (word) =>
      lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1)),
  };
}

const SHELLS = ['/bin/sh', '/bin/dash', '/bin/bash', '/bin/busybox'].filter((path) => existsSync(path));

describe.skipIf(process.platform !== 'linux').each(SHELLS)('a trampoline of %s', (shell) => {
  it.each<[string, Uint8Array[]]>([
    ['every byte in one argument', [ALL_BYTES]],
    ['every byte in an argument of its own', [...ALL_BYTES].map((byte) => Buffer.of(byte))],
    [
      'every byte before a quote and a backslash',
      [...ALL_BYTES].map((byte) => Buffer.of(0xd6, byte, 0x27, byte, 0x5c)),
    ],
    [
      'characters of GBK that end in a backslash, a bar and a backquote',
      [bytes('\x95\x5c \x95\x7c \x95\x60')],
    ],
    ['newlines at the end', [bytes('\xc4\n\n\n'), bytes('\n'), bytes('\r\n')]],
    ['empty arguments', [bytes('\xff'), bytes(''), bytes('')]],
    [
      'what a shell would expand',
      [bytes('\xff$(exit 9)`exit 9`$HOME*?~ !!'), bytes("'"), bytes('%s%%\\n\\0101')],
    ],
    ['what looks like options', [bytes('-\xff'), bytes('--'), bytes('-e')]],
    ['10,000 arguments', Array.from({ length: 10_000 }, (_, index) => bytes(`\xd6\xd0${index}`))],
    ['120 KiB', [Buffer.alloc(120 * 1024, 0xd6), bytes('x')]],
    ['an argument as long as one may be', [Buffer.alloc(128 * 1024 - 1, 0xd6)]],
  ])('gives the program %s', (_what, args) => {
    expect(report(shell, { args }).lines('arg')).toEqual(args.map(hex));
  });

  it('gives exactly the environment asked for, and the run’s id', () => {
    const environment = [
      ['LC_ALL', 'zh_CN.GBK'],
      ['ALL', ALL_BYTES.toString('latin1')],
      ['EMPTY', ''],
      ['a.b-c()%%', '() { :; }'],
      ['\xd6\xd0', '\xff\n'],
      ['UID', '7'],
      ['PPID', '1'],
      ['SHELLOPTS', 'xtrace'],
      ['PWD', '/elsewhere'],
    ] as const;
    const expected = [['REXA_RUN_ID', 'run 1'], ...environment].map(([name, value]) =>
      hex(bytes(`${name}=${value}`)),
    );
    const given = environment.map(([name, value]) => [bytes(name), bytes(value)] as const);
    expect(report(shell, { environment: given }).lines('env').toSorted()).toEqual(expected.toSorted());
  });

  it('starts in a folder whose name is not UTF-8', () => {
    const cwd = Buffer.concat([bytes(folder), bytes("/\xd6\xd0 '\n")]);
    mkdirSync(cwd, { recursive: true });
    expect(report(shell, { cwd }).lines('cwd')).toEqual([hex(cwd)]);
  });

  it('starts a program whose path is not UTF-8, or has a = in it, or is looked up', () => {
    for (const name of ['-\xd6\xd0', '=\xd6', 'a=b']) {
      const file = Buffer.concat([bytes(folder), bytes(`/${name}`)]);
      writeFileSync(file, '#!/bin/sh\nprintf "<%s>" "$@"\n');
      chmodSync(file, 0o755);
      const full = start(shell, command({ file, args: [bytes('\xff'), bytes('b c')] }));
      expect(full.stdout.toString('latin1')).toBe('<\xff><b c>');
      const environment = [[bytes('PATH'), bytes(folder)]] as const;
      const found = start(shell, command({ file: bytes(name), args: [bytes('\xff')], environment }));
      expect(found.stdout.toString('latin1')).toBe('<\xff>');
    }
  });

  it('takes a program that looks like an option of env for a program', () => {
    const { args } = writeTrampoline(command({ file: bytes('-\xd6') }));
    // Without a variable env(1) looks in its own PATH.
    const result = spawnSync(shell, args, { argv0: 'sh', cwd: '/', env: { LC_ALL: 'C' } });
    expect(result.status).toBe(127);
    expect(result.stderr.toString('latin1')).toContain('No such file');
  });

  it('becomes the program: its pid, its exit status, its signal', () => {
    const { pid, lines } = report(shell, { args: [bytes('\xff')] });
    expect(lines('pid')).toEqual([String(pid)]);
    const sh = (line: string) =>
      start(shell, command({ file: bytes('/bin/sh'), args: [bytes('-c'), bytes(line)] }));
    expect(sh(': \xff; exit 37').status).toBe(37);
    expect(sh(': \xff; kill -TERM $$').signal).toBe('SIGTERM');
  });

  it('ends with 127 for a program that is not there and 126 for what can’t be run or entered', () => {
    expect(start(shell, command({ file: bytes('/\xff') })).status).toBe(127);
    expect(start(shell, command({ file: bytes('\xff') })).status).toBe(127);
    expect(start(shell, command({ file: bytes('/dev/null'), args: [bytes('\xff')] })).status).toBe(126);
    expect(start(shell, command({ cwd: bytes('/\xff') })).status).toBe(126);
  });

  it('leaves stdin to the program', () => {
    const { args, cwd, environment } = writeTrampoline(
      command({ file: bytes('/bin/cat'), args: [bytes('-'), bytes('--')] }),
    );
    const result = spawnSync(shell, args, { argv0: 'sh', cwd, env: environment, input: ALL_BYTES });
    expect(result.stdout).toEqual(ALL_BYTES);
  });
});

describe('what no trampoline can start', () => {
  it('is refused when an argument is longer than the system takes', () => {
    const args = [Buffer.alloc(128 * 1024, 0xd6)];
    expect(() => writeTrampoline(command({ args }))).toThrow(
      expect.objectContaining({ code: 'ARGUMENTS_TOO_LONG' }),
    );
  });

  it.each(['', 'a=b'])('is refused with a variable of the name %j', (name) => {
    const environment = [[bytes(name), bytes('\xff')]] as const;
    expect(() => writeTrampoline(command({ environment }))).toThrow(
      expect.objectContaining({ code: 'ENVIRONMENT_REFUSED' }),
    );
  });

  it('is ASCII, in arguments that are no longer than one may be', () => {
    const { args } = writeTrampoline(
      command({ args: [Buffer.alloc(100_000, 0xff), Buffer.alloc(100_000, 0x0a)] }),
    );
    expect(args.length).toBeGreaterThan(9);
    for (const argument of args) {
      expect(argument.length).toBeLessThan(128 * 1024);
      expect(argument).toMatch(/^[ -~]*$/);
    }
  });
});
