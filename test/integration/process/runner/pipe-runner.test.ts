import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Runner } from '../../../../src/process/runner/runner.ts';
import { openFallbackCalls } from '../../../../src/process/system/fallback.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';
import { writePattern } from '../../../fixtures/pattern.ts';
import {
  closeStreams,
  countDescriptors,
  createTestRunner,
  finish,
  makeRequest,
  readLines,
  startLine,
} from '../../../fixtures/process/start-command.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

const PATIENCE_MS = 60_000;
const native = createTestRunner(await loadSystemCalls());
const fallback = createTestRunner(openFallbackCalls('a test'));

let folder: string;
let patternFile: string;
let pattern: Buffer;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'rexa-runner-')));
  patternFile = path.join(folder, 'pattern');
  writePattern(patternFile, 1 << 20);
  pattern = readFileSync(patternFile);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.runIf(process.platform === 'linux').each<[string, Runner, number]>([
  ['real pipes', native, 200],
  ['the pipes of Node', fallback, 40],
])('a command on %s', (_name, runner, times) => {
  it.each<[string, string, object]>([
    ['its exit code', 'exit 7', { exitCode: 7, signal: null }],
    ['the largest exit code', 'exit 255', { exitCode: 255, signal: null }],
    ['the signal that ended it', 'kill -KILL $$', { exitCode: null, signal: 'SIGKILL' }],
    ['a signal that dumps core', 'kill -SEGV $$', { exitCode: null, signal: 'SIGSEGV' }],
  ])('ends with %s', async (_what, line, exit) => {
    expect((await finish(await startLine(runner, line))).exit).toEqual(exit);
  });

  it('gets its arguments as they are', async () => {
    const args = ['', ' ', 'a b', '"', "'", '$HOME', '*', '\\', '--', '1e3', '\n', '你好', '\u{1f600}'];
    const { stdout } = await finish(await runner.start(makeRequest('printf', ['%s\\0', ...args])));
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(args);
  });

  it("gets the environment that was asked for, and the run's id beside it", async () => {
    const environment = { PATH: process.env['PATH'] ?? '', Ä: 'ö=ü\n', EMPTY: '' };
    const { stdout } = await finish(
      await runner.start(
        makeRequest('env', ['-0'], { environment: Object.entries(environment), runId: 'r 1' }),
      ),
    );
    expect(stdout.toString().split('\0').slice(0, -1).toSorted()).toEqual(
      [`PATH=${environment.PATH}`, 'Ä=ö=ü\n', 'EMPTY=', 'REXA_RUN_ID=r 1'].toSorted(),
    );
  });

  it('runs where it was told to', async () => {
    const { stdout } = await finish(await runner.start(makeRequest('pwd', [], { cwd: folder })));
    expect(stdout.toString()).toBe(`${folder}\n`);
  });

  it('reads an empty stdin when there is none', async () => {
    const { stdout, exit } = await finish(await startLine(runner, 'cat; readlink /proc/self/fd/0'));
    expect(stdout.toString()).toBe('/dev/null\n');
    expect(exit.exitCode).toBe(0);
  });

  it('reads what is written to it up to the end, and answers', async () => {
    const running = await runner.start(makeRequest('cat', [], { stdin: 'pipe' }));
    running.stdin?.end(pattern);
    const { stdout, exit } = await finish(running);
    expect(stdout.equals(pattern)).toBe(true);
    expect(exit).toEqual({ exitCode: 0, signal: null });
  });

  it('leads a session of its own without a terminal, and holds nothing but its three streams', async () => {
    const line = 'cut -d " " -f 1,5,6,7 /proc/$$/stat; ls /proc/$$/fd';
    const running = await startLine(runner, line);
    const { stdout } = await finish(running);
    const { pid } = running;
    expect(stdout.toString()).toBe(`${pid} ${pid} ${pid} 0\n0\n1\n2\n`);
  });

  it('is told of as ended while a grandchild still holds its pipe', async () => {
    const running = await startLine(runner, 'sleep 300 & echo $!; exit 4');
    const [grandchild] = await readLines(running.stdout, 1);
    expect(await running.exit).toEqual({ exitCode: 4, signal: null });
    expect(running.stdout.readableEnded).toBe(false);
    expect(running.signal('SIGTERM')).toBe(true);
    const { stdout } = await finish(running);
    expect(stdout.toString()).toBe('');
    expect(Number(grandchild)).toBeGreaterThan(1);
  });

  it('gets signals with its whole group, and none when it is gone', async () => {
    const running = await startLine(
      runner,
      'trap "echo got; exit 3" USR1; echo up; while :; do sleep 0.01; done',
    );
    await readLines(running.stdout, 1);
    expect(running.signal('SIGUSR1')).toBe(true);
    const { stdout, exit } = await finish(running);
    expect(stdout.toString()).toContain('got');
    expect(exit.exitCode).toBe(3);
    await waitUntil('the group is gone', () => !running.signal('SIGUSR1'));
  });

  it(
    `says exactly what it says, ${times} times, and leaves no descriptor open, started or not`,
    async () => {
      await finish(await startLine(runner, 'exit 0'));
      const before = countDescriptors();
      for (let run = 0; run < times; run++) {
        if (run % 4 === 3) {
          const stdin = run % 8 === 3 ? 'pipe' : 'none';
          await expect(
            runner.start(makeRequest('/nonexistent/program', [], { stdin })),
          ).rejects.toMatchObject({
            code: 'FILE_NOT_FOUND',
          });
          continue;
        }
        const [out, err] = [(run * 7919) % 100_000, run * 10];
        const line = `head -c ${out} "$0"; head -c ${err} "$0" >&2; exit ${run}`;
        const result = await finish(await runner.start(makeRequest('sh', ['-c', line, patternFile])));
        expect(result.exit).toEqual({ exitCode: run, signal: null });
        expect(result.stdout.equals(pattern.subarray(0, out)), `stdout of run ${run}`).toBe(true);
        expect(result.stderr.equals(pattern.subarray(0, err)), `stderr of run ${run}`).toBe(true);
      }
      await waitUntil('all descriptors are closed', () => countDescriptors() === before);
    },
    PATIENCE_MS,
  );

  it('loses nothing when nobody reads before it has ended', async () => {
    const running = await runner.start(makeRequest('head', ['-c', '60000', patternFile]));
    await running.exit;
    await turn();
    const { stdout } = await finish(running);
    expect(stdout.equals(pattern.subarray(0, 60_000))).toBe(true);
  });

  it('that closes its stdin makes a write fail with EPIPE, which nobody has to listen for', async () => {
    const running = await startLine(runner, 'exec <&-; echo closed; exec sleep 300', { stdin: 'pipe' });
    await readLines(running.stdout, 1);
    const error = await new Promise((resolve) => {
      running.stdin?.write('x', resolve);
    });
    expect(error).toMatchObject({ code: 'EPIPE' });
    await running.endTree(1000);
    closeStreams(running);
  });

  it('that exits without reading lets nothing hang: its idle stdin is closed, a full one fails', async () => {
    const idle = await startLine(runner, 'exit 0', { stdin: 'pipe' });
    await finish(idle);
    await waitUntil('the idle stdin is closed', () => idle.stdin?.destroyed ?? false);
    const full = await startLine(runner, 'exec sleep 300', { stdin: 'pipe' });
    const failed = new Promise((resolve) => {
      full.stdin?.write(Buffer.alloc(10 << 20), resolve);
    });
    await full.endTree(1000);
    expect(await failed).toMatchObject({
      code: expect.stringMatching(/^(EPIPE|ECONNRESET|ERR_STREAM_DESTROYED)$/) as string,
    });
    closeStreams(full);
  });
});

describe.runIf(process.platform === 'linux')('a command on real pipes', () => {
  it('can open its streams by their names', async () => {
    const line = 'echo out >/dev/stdout; echo err >/dev/stderr; cat /dev/stdin';
    const running = await startLine(native, line, { stdin: 'pipe' });
    running.stdin?.end('in\n');
    const { stdout, stderr } = await finish(running);
    expect([stdout.toString(), stderr.toString()]).toEqual(['out\nin\n', 'err\n']);
  });

  it('is told to have ended by a signal that Node has no name for', async () => {
    const { exit } = await finish(await startLine(native, 'kill -40 $$'));
    expect(exit).toEqual({ exitCode: null, signal: 'SIG40' });
  });

  it('has holders of its pipes while there are any', async () => {
    const running = await startLine(native, 'sleep 300 & echo $!; exec sleep 300 2>/dev/null >/dev/null');
    const [grandchild] = await readLines(running.stdout, 1);
    await waitUntil('only the grandchild holds them', () => running.findPipeHolders().pids.length === 1);
    expect(running.findPipeHolders()).toEqual({ pids: [Number(grandchild)], filters: [] });
    await running.endTree(1000);
    await finish(running);
    expect(running.findPipeHolders()).toEqual({ pids: [], filters: [] });
  });

  it(
    'is one of 300 at a time',
    async () => {
      const results = await Promise.all(
        Array.from({ length: 300 }, async (_unused, run) => {
          const line = `head -c ${run * 100} "$0"; read _; exit ${run % 256}`;
          const running = await native.start(makeRequest('sh', ['-c', line, patternFile], { stdin: 'pipe' }));
          return { running, result: finish(running) };
        }),
      );
      for (const { running } of results) running.stdin?.end('\n');
      for (const [run, { result }] of results.entries()) {
        const { stdout, exit } = await result;
        expect(exit).toEqual({ exitCode: run % 256, signal: null });
        expect(stdout.equals(pattern.subarray(0, run * 100))).toBe(true);
      }
    },
    PATIENCE_MS,
  );
});
