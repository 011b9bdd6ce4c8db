import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChildReaper, startChildReaper } from '../../../../src/process/system/child-reaper.ts';
import { openFallbackCalls } from '../../../../src/process/system/fallback.ts';
import type { ChildEnd, SystemCalls } from '../../../../src/process/system/system-calls.ts';

let reaper: ChildReaper | undefined;
afterEach(() => reaper?.stop());

/** A kernel whose dead children are these pids, in this order. Each has exited with its own pid as the status. */
function kernelWith(dead: number[]): SystemCalls {
  return {
    ...openFallbackCalls('a test'),
    becomeSubreaper: () => true,
    findDeadChild: () => dead[0] ?? null,
    reapChild(pid) {
      if (!dead.includes(pid)) return null;
      dead.splice(dead.indexOf(pid), 1);
      return { exitCode: pid, signal: null };
    },
  };
}

function start(dead: number[], adoptsOrphans = true): ChildReaper {
  reaper = startChildReaper(kernelWith(dead), { adoptsOrphans });
  return reaper;
}

/** What the kernel would say; not a real signal, so that it comes at a known moment. */
function sayChildEnded(): void {
  process.emit('SIGCHLD', 'SIGCHLD');
}

describe('a child that is watched', () => {
  it('is reaped once, and its end told to whoever watches it', () => {
    const dead: number[] = [];
    const ends: ChildEnd[] = [];
    start(dead, false).watch(4_000_001, (end) => ends.push(end));
    sayChildEnded();
    dead.push(4_000_001);
    sayChildEnded();
    sayChildEnded();
    expect(ends).toEqual([{ exitCode: 4_000_001, signal: null }]);
  });

  it.each([true, false])(
    'is reaped behind one that is not ours to reap (orphans adopted: %s)',
    async (adoptsOrphans) => {
      const child = spawn('cat');
      const dead: number[] = [];
      const ends: ChildEnd[] = [];
      const watching = start(dead, adoptsOrphans);
      const other = spawn('cat');
      await Promise.all([once(child, 'spawn'), once(other, 'spawn')]);
      watching.watch(4_000_001, (end) => ends.push(end));
      dead.push(other.pid ?? 0, 4_000_001);
      sayChildEnded();
      expect({ dead, ends: ends.length }).toEqual({ dead: [other.pid], ends: 1 });
      for (const { stdin } of [child, other]) stdin.end();
      await Promise.all([once(child, 'exit'), once(other, 'exit')]);
    },
  );

  it('is found by a look before the signal comes, and no other child is touched', () => {
    const dead: number[] = [];
    const ends: ChildEnd[] = [];
    const watching = start(dead);
    watching.watch(4_000_001, (end) => ends.push(end));
    watching.look(4_000_001);
    expect(ends).toEqual([]);
    dead.push(4_000_001, 4_000_002);
    for (const pid of [4_000_001, 4_000_001, 4_000_002]) watching.look(pid);
    expect({ dead, ends }).toEqual({ dead: [4_000_002], ends: [{ exitCode: 4_000_001, signal: null }] });
  });

  it('is found although it ended before its spawn told the pid', async () => {
    const dead = [4_000_001];
    const ends: ChildEnd[] = [];
    const watching = start(dead);
    const release = watching.holdUnknown();
    sayChildEnded();
    expect(dead).toEqual([4_000_001]);
    watching.watch(4_000_001, (end) => ends.push(end));
    release();
    expect(ends).toEqual([]);
    await turn();
    expect(ends).toEqual([{ exitCode: 4_000_001, signal: null }]);
  });
});

describe('an orphan', () => {
  it('is reaped', () => {
    const dead = [4_000_001, 4_000_002];
    start(dead);
    sayChildEnded();
    expect(dead).toEqual([]);
  });

  it('is left alone while a spawn is under way, and reaped after the last of them', async () => {
    const dead = [4_000_001];
    const watching = start(dead);
    const releases = [watching.holdUnknown(), watching.holdUnknown()];
    sayChildEnded();
    releases[0]?.();
    await turn();
    expect(dead).toEqual([4_000_001]);
    releases[1]?.();
    await turn();
    expect(dead).toEqual([]);
  });

  it('is left alone where orphans are not adopted, or go to init', () => {
    const dead = [4_000_001];
    start(dead, false);
    sayChildEnded();
    reaper?.stop();
    reaper = startChildReaper({ ...kernelWith(dead), becomeSubreaper: () => false }, { adoptsOrphans: true });
    sayChildEnded();
    expect(dead).toEqual([4_000_001]);
  });
});

describe('a child of Node', () => {
  it('is left to Node, however it was started', async () => {
    const dead: number[] = [];
    start(dead);
    const child = spawn('cat');
    await once(child, 'spawn');
    dead.push(child.pid ?? 0);
    sayChildEnded();
    expect(dead).toEqual([child.pid]);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('does not keep the orphans behind it from being reaped at its own end', async () => {
    const dead: number[] = [];
    start(dead);
    const child = spawn('cat');
    await once(child, 'spawn');
    dead.push(child.pid ?? 0, 4_000_003);
    sayChildEnded();
    expect(dead).toHaveLength(2);
    child.stdin.end();
    await once(child, 'exit');
    dead.shift();
    sayChildEnded();
    expect(dead).toEqual([]);
  });

  it('that could not be started concerns nobody', async () => {
    const dead: number[] = [];
    start(dead);
    const [error] = await once(spawn('/nonexistent/program'), 'error').catch((cause: unknown) => [cause]);
    expect(error).toMatchObject({ code: 'ENOENT' });
    dead.push(4_000_004);
    sayChildEnded();
    expect(dead).toEqual([]);
  });
});

it('a reaper that was stopped has left nothing behind', () => {
  const before = process.listenerCount('SIGCHLD');
  start([]).stop();
  expect(process.listenerCount('SIGCHLD')).toBe(before);
});
