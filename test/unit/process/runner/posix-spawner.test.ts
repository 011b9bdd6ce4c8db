import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { MAX_SPAWNS_ASIDE, SPAWNS_PER_TRIM } from '../../../../src/process/limits.ts';
import { createPosixSpawner } from '../../../../src/process/runner/posix-spawner.ts';
import type { ChildReaper } from '../../../../src/process/system/child-reaper.ts';
import type { ChildEnd, SpawnPlan } from '../../../../src/process/system/system-calls.ts';

const PLAN: SpawnPlan = {
  path: Buffer.of(),
  argv: [],
  environment: [],
  cwd: Buffer.of(),
  stdio: [null, null, null],
};

/** A host whose spawns in other threads end when the test says so. */
function openHost({ result = 4_000_000 } = {}) {
  const underWay: ((pidOrError: number) => void)[] = [];
  const ends = new Map<number, (end: ChildEnd) => void>();
  let holds = 0;
  let spawned = 0;
  let trims = 0;
  const reaper: ChildReaper = {
    watch: (pid, handleEnd) => void ends.set(pid, handleEnd),
    look: () => undefined,
    holdUnknown() {
      holds += 1;
      return () => {
        holds -= 1;
      };
    },
    stop: () => undefined,
  };
  const spawner = createPosixSpawner(
    {
      spawn() {
        spawned += 1;
        return result;
      },
      spawnAside: (_plan, handleEnd) => void underWay.push(handleEnd),
      trimMemory() {
        trims += 1;
      },
    },
    reaper,
  );
  return {
    underWay,
    end: (pid: number, end: ChildEnd) => ends.get(pid)?.(end),
    counts: () => ({ spawned, underWay: underWay.length, holds }),
    trims: () => trims,
    start: () => spawner.spawn(PLAN, 'a-program'),
  };
}

describe('the spawner', () => {
  it('spawns one command in each turn at once, and others of that turn in other threads', async () => {
    const host = openHost();
    expect([host.start().pid, host.start().pid]).toEqual([4_000_000, undefined]);
    expect(host.counts()).toEqual({ spawned: 1, underWay: 1, holds: 1 });
    host.underWay.shift()?.(4_000_001);
    await turn();
    host.start();
    expect(host.counts()).toEqual({ spawned: 2, underWay: 0, holds: 0 });
  });

  it('spawns aside while others do, and no more at once than the limit', async () => {
    const host = openHost();
    const children = Array.from({ length: 1 + MAX_SPAWNS_ASIDE + 2 }, host.start);
    expect(host.counts()).toMatchObject({ spawned: 1, underWay: MAX_SPAWNS_ASIDE });
    await turn();
    for (let pid = 4_000_001; host.underWay.length > 0; pid++) host.underWay.shift()?.(pid);
    expect(children.map(({ pid }) => pid)).toEqual(children.map((_, index) => 4_000_000 + index));
    expect(host.counts()).toEqual({ spawned: 1, underWay: 0, holds: 0 });
  });

  it('returns freed memory to the system once in so many spawns', () => {
    const host = openHost();
    const trims = Array.from({ length: 2 * SPAWNS_PER_TRIM }, () => {
      host.start();
      return host.trims();
    });
    expect([trims.indexOf(1), trims.indexOf(2)]).toEqual([SPAWNS_PER_TRIM - 1, 2 * SPAWNS_PER_TRIM - 1]);
  });
});

describe('a child process of it', () => {
  it('is told as spawned when its listeners are there, and of its end in the way of Node', async () => {
    const host = openHost();
    const child = host.start();
    await once(child, 'spawn');
    const told: unknown[] = [];
    for (const event of ['exit', 'close']) child.on(event, (...words) => told.push([event, ...words]));
    host.end(4_000_000, { exitCode: 3, signal: null });
    expect(told).toEqual([
      ['exit', 3, null],
      ['close', 3, null],
    ]);
    expect([child.exitCode, child.signalCode]).toEqual([3, null]);
  });

  it.each([
    [9, 'SIGKILL'],
    [34, 'SIG34'],
  ] as const)('that the signal %i ended is told so', (signal, name) => {
    const host = openHost();
    const child = host.start();
    host.end(4_000_000, { exitCode: null, signal });
    expect([child.exitCode, child.signalCode]).toEqual([null, name]);
  });

  it('gets signals until it has ended, and none afterwards', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    const host = openHost();
    const child = host.start();
    expect([child.kill(), child.kill('SIGHUP'), child.killed]).toEqual([true, true, true]);
    host.end(4_000_000, { exitCode: 0, signal: null });
    expect(child.kill()).toBe(false);
    expect(kill.mock.calls).toEqual([
      [4_000_000, 'SIGTERM'],
      [4_000_000, 'SIGHUP'],
    ]);
  });

  it('that there is none of fails as under Node, and gets no signal', async () => {
    const child = openHost({ result: -2 }).start();
    expect([child.pid, child.kill()]).toEqual([undefined, false]);
    const [error] = await once(child, 'spawn').catch((cause: unknown) => [cause]);
    expect(error).toMatchObject({
      code: 'ENOENT',
      errno: -2,
      syscall: 'spawn a-program',
      path: 'a-program',
      message: 'spawn a-program ENOENT',
    });
  });
});
