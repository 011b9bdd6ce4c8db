import { afterAll, describe, expect, it } from 'vitest';
import { createRunner } from '../../../../src/process/runner/create-runner.ts';
import type { Running } from '../../../../src/process/runner/runner.ts';
import { startChildReaper } from '../../../../src/process/system/child-reaper.ts';
import { openFallbackCalls } from '../../../../src/process/system/fallback.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';
import { readProcessTable } from '../../../../src/process/system/process-table.ts';
import {
  closeStreams,
  finish,
  isAlive,
  readLines,
  startLine,
} from '../../../fixtures/process/start-command.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

const PATIENCE_MS = 60_000;
/** Longer than any test: whoever waits for this to be over has not been ended. */
const LONG_GRACE_MS = 600_000;
const isLinux = process.platform === 'linux';

const system = await loadSystemCalls();
const reaper = startChildReaper(system, { adoptsOrphans: true });
const runner = createRunner(system, reaper);

afterAll(() => reaper.stop());

async function readPids(running: Running, count: number): Promise<number[]> {
  return (await readLines(running.stdout, count)).map(Number);
}

describe.runIf(isLinux)('ending a tree', () => {
  it.each<[string, string, number]>([
    ['a child', 'sleep 300 & echo $!; wait', 1],
    ['one that left the session', "setsid sh -c 'echo $$; exec sleep 300' & wait", 1],
    [
      'those that forked twice and left the session',
      'setsid sh -c "(sleep 300 & echo \\$!; sleep 301 & echo \\$!) & exit"; sleep 302',
      2,
    ],
    ['one in a process group of its own', 'set -m; sleep 300 & echo $!; wait', 1],
    ['one that emptied its environment', 'env -i sleep 300 & echo $!; wait', 1],
    ['a child that is stopped', 'sleep 300 & kill -STOP $!; echo $!; wait', 1],
  ])('finds %s', async (_what, line, count) => {
    const running = await startLine(runner, line);
    const pids = await readPids(running, count);
    expect(pids.map(isAlive)).not.toContain(false);
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
    expect(pids.map(isAlive)).not.toContain(true);
    expect((await finish(running)).exit).toEqual({ exitCode: null, signal: 'SIGTERM' });
  });

  it('finds who outlived the command, left its session and lost its parent', async () => {
    const running = await startLine(runner, 'setsid sh -c "sleep 300 & echo \\$!" & wait; exit 5');
    const [pid = 0] = await readPids(running, 1);
    expect(await running.exit).toEqual({ exitCode: 5, signal: null });
    expect(isAlive(pid)).toBe(true);
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
    expect(isAlive(pid)).toBe(false);
    closeStreams(running);
  });

  it('kills who does not listen, once the grace is over', async () => {
    const running = await startLine(runner, 'trap "" TERM; echo; while :; do sleep 0.01; done');
    await readLines(running.stdout, 1);
    expect(await running.endTree(100)).toEqual([]);
    expect((await finish(running)).exit).toEqual({ exitCode: null, signal: 'SIGKILL' });
  });

  it('kills at once where there is no grace', async () => {
    const running = await startLine(
      runner,
      'trap "echo heard; exit 1" TERM; echo; while :; do sleep 0.01; done',
    );
    await readLines(running.stdout, 1);
    expect(await running.endTree(0)).toEqual([]);
    expect(await finish(running)).toMatchObject({
      stdout: Buffer.alloc(0),
      exit: { exitCode: null, signal: 'SIGKILL' },
    });
  });

  it('lets a command that is stopped hear of it', async () => {
    const running = await startLine(
      runner,
      'trap "exit 9" TERM; echo; kill -STOP $$; while :; do sleep 0.01; done',
    );
    await readLines(running.stdout, 1);
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
    expect((await finish(running)).exit).toEqual({ exitCode: 9, signal: null });
  });

  it('gives the programs that a command cleans up with the same grace', async () => {
    const line =
      'trap "sh -c \'sleep 0.1; echo cleaned\'; exit 7" TERM; echo up; while :; do sleep 0.01; done';
    const running = await startLine(runner, line);
    await readLines(running.stdout, 1);
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
    expect(await finish(running)).toMatchObject({
      stdout: Buffer.from('cleaned\n'),
      exit: { exitCode: 7, signal: null },
    });
  });

  it(
    'ends 50 that start each other and do not listen',
    async () => {
      const bomb =
        'trap "" TERM; [ "$1" -gt 0 ] && { sh -c "$0" "$0" $(($1 - 1)) & } || echo last; while :; do sleep 0.05; done';
      const running = await startLine(runner, `exec sh -c '${bomb}' '${bomb}' 50`);
      await readLines(running.stdout, 1);
      expect(await running.endTree(50)).toEqual([]);
      closeStreams(running);
      await running.exit;
      expect(
        readProcessTable().processes.filter(
          ({ session, isAlive: lives }) => lives && session === running.pid,
        ),
      ).toEqual([]);
    },
    PATIENCE_MS,
  );

  it('ends a chain of processes that each start the next and leave', async () => {
    const hop = 'trap "" TERM; echo; sh -c "$0" "$0" & exit';
    const running = await startLine(runner, `exec sh -c '${hop}' '${hop}'`);
    running.stderr.resume();
    await readLines(running.stdout, 5);
    running.stdout.resume();
    expect(await running.endTree(20)).toEqual([]);
    await waitUntil('nobody is in the group', () => !running.signal('SIGCONT'));
  });

  it('can be asked for again, with less patience', async () => {
    const running = await startLine(runner, 'trap "" TERM; echo; while :; do sleep 0.01; done');
    await readLines(running.stdout, 1);
    const patient = running.endTree(LONG_GRACE_MS);
    expect(await running.endTree(0)).toEqual([]);
    expect(await patient).toEqual([]);
    await finish(running);
  });

  it('has nothing to do when all is over', async () => {
    const running = await startLine(runner, 'exit 0');
    await finish(running);
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
  });

  it('tells what a command started when it was told, once that has ended', async () => {
    const line = `trap 'sleep 300 & sleep 0.3; exit 4' TERM; echo; while :; do sleep 0.01; done`;
    const running = await startLine(runner, line);
    await readLines(running.stdout, 1);
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
    expect((await finish(running)).exit).toEqual({ exitCode: 4, signal: null });
  });

  it('leaves other runs alone', async () => {
    const other = await startLine(runner, 'echo; read _; exit 3', { stdin: 'pipe' });
    await readLines(other.stdout, 1);
    const running = await startLine(runner, 'sleep 300');
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
    await finish(running);
    other.stdin?.end('\n');
    expect((await finish(other)).exit).toEqual({ exitCode: 3, signal: null });
  });

  it(
    'ends 100 at a time',
    async () => {
      const runs = await Promise.all(
        Array.from({ length: 100 }, () => startLine(runner, 'trap "" TERM; echo; sleep 300 & sleep 300')),
      );
      await Promise.all(runs.map((running) => readLines(running.stdout, 1)));
      const survivors = await Promise.all(runs.map((running) => running.endTree(20)));
      expect(survivors.flat()).toEqual([]);
      await Promise.all(runs.map(finish));
    },
    PATIENCE_MS,
  );

  it('ends the process group where there is no better way', async () => {
    const running = await startLine(
      createRunner(openFallbackCalls('a test'), reaper),
      'sleep 300 & echo $!; wait',
    );
    const [pid = 0] = await readPids(running, 1);
    expect(await running.endTree(LONG_GRACE_MS)).toEqual([]);
    expect(isAlive(pid)).toBe(false);
    await finish(running);
  });
});

describe.runIf(isLinux && system.name === 'linux')('orphans', () => {
  it('are waited for when they end, and no exit code of a command is lost to that', async () => {
    const codes = await Promise.all(
      Array.from({ length: 50 }, async (_unused, code) => {
        const line = `for i in 1 2 3; do (sleep 0.0$i >/dev/null 2>&1 &); done; exit ${code}`;
        return (await finish(await startLine(runner, line))).exit.exitCode;
      }),
    );
    expect(codes).toEqual(Array.from({ length: 50 }, (_unused, code) => code));
    await waitUntil('no child is left', () => readProcessTable().childrenOf(process.pid).length === 0);
  });
});
