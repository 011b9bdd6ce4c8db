import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRunner } from '../../../../src/process/runner/create-runner.ts';
import type { Runner, StartRequest } from '../../../../src/process/runner/runner.ts';
import { startChildReaper } from '../../../../src/process/system/child-reaper.ts';
import { openFallbackCalls } from '../../../../src/process/system/fallback.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';
import { readProcessTable } from '../../../../src/process/system/process-table.ts';
import type { Word } from '../../../../src/protocol/word.ts';
import { finish, makeRequest, startLine } from '../../../fixtures/process/start-command.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

const PATIENCE_MS = 60_000;
const system = await loadSystemCalls();
const reaper = startChildReaper(system, { adoptsOrphans: true });
const runner = createRunner(system, reaper);
const fallback = createRunner(openFallbackCalls('a test'), reaper);

const TERMINAL = { columns: 80, rows: 24, isUtf8: true };
const F_SETFD = 2;
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
/** All but NUL, which no program can be given. */
const ALL_BYTES = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
const PATH: readonly [string, string] = ['PATH', process.env['PATH'] ?? ''];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rexa-posix-spawn-'));
});
afterAll(() => {
  reaper.stop();
  rmSync(folder, { recursive: true });
});

/** What a file of /proc says of a sh that was started so; NUL ends each entry. */
async function readOwn(
  name: string,
  args: readonly Word[],
  changes: Partial<StartRequest>,
): Promise<string[]> {
  const line = `od -An -v -tx1 /proc/$$/${name}`;
  const { stdout } = await finish(await runner.start(makeRequest('/bin/sh', ['-c', line, ...args], changes)));
  return Buffer.from(stdout.toString().replaceAll(/\s/g, ''), 'hex')
    .toString('latin1')
    .split('\0')
    .slice(0, -1);
}

function writeScript(name: Buffer, text: string): Buffer {
  const file = Buffer.concat([bytes(`${folder}/`), name]);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

const PLACES: readonly (readonly [string, Partial<StartRequest>])[] = [
  ['pipes', {}],
  ['a terminal', { terminal: TERMINAL }],
];

describe.runIf(system.name === 'linux').each(PLACES)('a command on %s', (_place, changes) => {
  it.each<[string, Word[]]>([
    ['every byte in one argument', [ALL_BYTES]],
    ['every byte in an argument of its own', [...ALL_BYTES].map((byte) => Buffer.of(byte))],
    ['bytes that end in half a character', [bytes('\xe4\xbd'), bytes('\xff')]],
    ['text beside bytes, and empty words', ['é', new Uint8Array(0), '', bytes('\xe9')]],
    ['10,000 arguments', Array.from({ length: 10_000 }, (_, index) => bytes(`\xd6\xd0${index}`))],
    ['an argument as long as one may be', [Buffer.alloc(128 * 1024 - 1, 0xd6)]],
  ])('gets %s', async (_what, args) => {
    const [, , , ...given] = await readOwn('cmdline', args, changes);
    expect(given).toEqual(args.map((word) => Buffer.from(word as string).toString('latin1')));
  });

  it('gets exactly the environment that was asked for, names in any bytes included', async () => {
    const environment = [
      PATH,
      [bytes('\xd6\xd0'), ALL_BYTES],
      ['a.b-c()%%', '() { :; }'],
      ['EMPTY', ''],
      ['UID', '7'],
      ['REXA_RUN_ID', 'not this one'],
    ] as const;
    const entries = await readOwn('environ', [], { ...changes, environment, runId: 'r1' });
    expect(entries).toEqual([
      PATH.join('='),
      `\xd6\xd0=${ALL_BYTES.toString('latin1')}`,
      'a.b-c()%%=() { :; }',
      'EMPTY=',
      'UID=7',
      'REXA_RUN_ID=r1',
    ]);
  });

  it('finds its own name in the bytes that were asked for', async () => {
    expect((await readOwn('cmdline', [], { ...changes, argv0: bytes('-\xff') }))[0]).toBe('-\xff');
  });

  it('runs in a folder whose name is not UTF-8', async () => {
    const cwd = Buffer.concat([bytes(folder), bytes("/\xd6\xd0 '\n")]);
    mkdirSync(cwd, { recursive: true });
    const line = 'cd -P . && printf %s "$PWD" | od -An -v -tx1';
    const { stdout } = await finish(await runner.start(makeRequest('sh', ['-c', line], { ...changes, cwd })));
    expect(stdout.toString().replaceAll(/\s/g, '')).toBe(cwd.toString('hex'));
  });

  it.each(['-\xd6\xd0', '=\xd6', 'a=b'])(
    'is a program named %j, by its path and by the PATH',
    async (name) => {
      const script = writeScript(bytes(name), '#!/bin/sh\nprintf "<%s>" "$(basename -- "$0")" "$@"\n');
      const byPath = await finish(await runner.start(makeRequest(script, [bytes('\xff')], changes)));
      const environment = [['PATH', `/nonexistent:${folder}:/usr/bin`]] as const;
      const byName = await finish(
        await runner.start(makeRequest(bytes(name), [bytes('\xff')], { ...changes, environment })),
      );
      expect([byPath, byName].map(({ stdout }) => stdout.toString('latin1'))).toEqual([
        `<${name}><\xff>`,
        `<${name}><\xff>`,
      ]);
    },
  );

  it.each([
    ['./shebang', '#!/bin/sh\n'],
    ['./plain', ''],
  ])(
    'that is the script %s finds its name as it was given, whether or not it names its interpreter',
    async (name, head) => {
      writeScript(bytes(name), `${head}echo "$0 $*"; exit 3\n`);
      const { stdout, exit } = await finish(
        await runner.start(makeRequest(name, ['a', 'b'], { ...changes, cwd: folder })),
      );
      expect({ text: stdout.toString().trimEnd(), exit }).toEqual({
        text: `${name} a b`,
        exit: { exitCode: 3, signal: null },
      });
    },
  );

  it('has no signal ignored or blocked, whatever this process ignores', async () => {
    const own = readFileSync('/proc/self/status', 'utf8');
    expect(/^SigIgn:\s+(\w+)/m.exec(own)?.[1]).not.toMatch(/^0+$/);
    const { stdout } = await finish(
      await runner.start(makeRequest('grep', ['-E', '^Sig(Blk|Ign)', '/proc/self/status'], changes)),
    );
    expect(stdout.toString().replaceAll('\r', '')).toBe(
      'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n',
    );
  });

  it('inherits no descriptor, be it close-on-exec or not', async () => {
    const fcntl = koffi.load(null).func('int fcntl(int fd, int command, int flags)') as (
      ...words: number[]
    ) => number;
    const descriptors = [openSync('/dev/null', 'r'), openSync('/dev/null', 'r')];
    fcntl(descriptors[0] ?? -1, F_SETFD, 0);
    const { stdout } = await finish(await startLine(runner, 'ls /proc/$$/fd', changes));
    for (const descriptor of descriptors) closeSync(descriptor);
    expect(stdout.toString().split(/\s+/).filter(Boolean)).toEqual(['0', '1', '2']);
  });

  it('is a child of this process that leads its session, with nothing in between', async () => {
    const running = await startLine(runner, 'cut -d " " -f 1,4,5,6,8 /proc/$$/stat', changes);
    const { stdout } = await finish(running);
    const { pid } = running;
    // tpgid: the group in front on the terminal, which is the command's own; -1 without one
    const front = changes.terminal === undefined ? -1 : pid;
    expect(stdout.toString().trim()).toBe(`${pid} ${process.pid} ${pid} ${pid} ${front}`);
  });

  it.each([34, 40, 63, 64])('is told to have ended by the real-time signal %i', async (signal) => {
    const { exit } = await finish(await startLine(runner, `kill -${signal} $$`, changes));
    expect(exit).toEqual({ exitCode: null, signal: `SIG${signal}` });
  });

  it.each<[string, string, Partial<StartRequest>, string, string]>([
    ['is nowhere', '/nonexistent/x', {}, 'FILE_NOT_FOUND', 'ENOENT'],
    ['is in no folder of the PATH', 'rexa-nonexistent', {}, 'FILE_NOT_FOUND', 'ENOENT'],
    ['is below a file', '/etc/passwd/x', {}, 'FILE_NOT_FOUND', 'ENOTDIR'],
    ['has too long a name', `/${'x'.repeat(300)}`, {}, 'FILE_NOT_FOUND', 'ENAMETOOLONG'],
    ['may not be executed', '/etc/passwd', {}, 'FILE_NOT_EXECUTABLE', 'EACCES'],
    ['is a folder', '/etc', {}, 'FILE_NOT_EXECUTABLE', 'EACCES'],
    [
      'has too large an environment',
      'true',
      { environment: [PATH, ['A', 'x'.repeat(200_000)]] },
      'ARGUMENTS_TOO_LONG',
      'E2BIG',
    ],
  ])('that %s fails as under Node', async (_what, file, more, code, causeCode) => {
    const error: unknown = await runner
      .start(makeRequest(file, [], { ...changes, ...more }))
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code, cause: { code: causeCode } });
  });
});

describe.runIf(system.name === 'linux')('commands', () => {
  it(
    'by the thousand, with orphans beside them, each have their own output and exit status, and leave no zombie',
    async () => {
      let next = 0;
      async function startSome(): Promise<void> {
        for (let run = next++; run < 2000; run = next++) {
          const orphan = run % 10 === 0 ? '(true & ); ' : '';
          const running = await startLine(runner, `${orphan}echo $$ ${run}; exit ${run % 256}`);
          const { stdout, exit } = await finish(running);
          expect({ text: stdout.toString(), exit }).toEqual({
            text: `${running.pid} ${run}\n`,
            exit: { exitCode: run % 256, signal: null },
          });
        }
      }
      await Promise.all(Array.from({ length: 48 }, startSome));
      await waitUntil('no child is left', () => readProcessTable().childrenOf(process.pid).length === 0);
    },
    PATIENCE_MS,
  );

  it('that are started in one turn have each their own pid, and those that fail their own error', async () => {
    const results = await Promise.all(
      Array.from({ length: 200 }, async (_, run) => {
        if (run % 5 === 4) {
          const file = `/nonexistent/${run}`;
          const error: unknown = await runner.start(makeRequest(file, [])).catch((cause: unknown) => cause);
          return (error as Error).message.includes(file);
        }
        const running = await startLine(runner, `echo $$; kill -${run % 2 === 0 ? 'KILL' : 'TERM'} $$`);
        const { stdout, exit } = await finish(running);
        return (
          stdout.toString() === `${running.pid}\n` && exit.signal === (run % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
        );
      }),
    );
    expect(results).toEqual(results.map(() => true));
    await waitUntil('no child is left', () => readProcessTable().childrenOf(process.pid).length === 0);
  });
});

describe('where Node spawns', () => {
  it.each<[string, (runner: Runner) => unknown]>([
    ['argument 2', (by) => by.start(makeRequest('printf', ['%s', bytes('\xff')]))],
    ['the program', (by) => by.start(makeRequest(bytes('\xff'), []))],
    [
      'the environment',
      (by) => by.start(makeRequest('true', [], { environment: [PATH, [bytes('\xff'), 'x']] })),
    ],
  ])('bytes in %s are refused rather than replaced', async (what, start) => {
    await expect(start(fallback)).rejects.toMatchObject({
      code: 'BYTES_UNAVAILABLE',
      message: expect.stringContaining(`${what} is not valid UTF-8`) as string,
    });
  });

  it('bytes that are UTF-8 are given as they are', async () => {
    const { stdout } = await finish(await fallback.start(makeRequest('printf', ['%s', Buffer.from('é')])));
    expect(stdout.toString()).toBe('é');
  });
});
