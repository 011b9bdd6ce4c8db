import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { openFallbackCalls } from '../../../../src/process/system/fallback.ts';
import { startOrphanReaper } from '../../../../src/process/system/orphan-reaper.ts';
import type { SystemCalls } from '../../../../src/process/system/system-calls.ts';

let stop = () => {};
afterEach(() => stop());

/** A kernel whose dead children are these pids, in this order. */
function kernelWith(dead: number[]): SystemCalls {
  return {
    ...openFallbackCalls('a test'),
    becomeSubreaper: () => true,
    findDeadChild: () => dead[0] ?? null,
    reapChild: (pid) => void dead.splice(dead.indexOf(pid), 1),
  };
}

/** What the kernel would say; not a real signal, so that it comes at a known moment. */
function sayChildEnded(): void {
  process.emit('SIGCHLD', 'SIGCHLD');
}

describe('the reaper of orphans', () => {
  it('waits for every child that is not of Node', () => {
    const dead = [4_000_001, 4_000_002];
    stop = startOrphanReaper(kernelWith(dead));
    sayChildEnded();
    expect(dead).toEqual([]);
  });

  it('leaves the children of Node to Node, however they were started', async () => {
    const dead: number[] = [];
    stop = startOrphanReaper(kernelWith(dead));
    const child = spawn('cat');
    await once(child, 'spawn');
    dead.push(child.pid ?? 0);
    sayChildEnded();
    expect(dead).toEqual([child.pid]);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('comes again for what was behind a child of Node', async () => {
    const dead: number[] = [];
    stop = startOrphanReaper(kernelWith(dead));
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

  it('does not mind a program that could not be started', async () => {
    const dead: number[] = [];
    stop = startOrphanReaper(kernelWith(dead));
    const [error] = await once(spawn('/nonexistent/program'), 'error').catch((cause: unknown) => [cause]);
    expect(error).toMatchObject({ code: 'ENOENT' });
    dead.push(4_000_004);
    sayChildEnded();
    expect(dead).toEqual([]);
  });

  it('does nothing where orphans go to init', () => {
    const before = process.listenerCount('SIGCHLD');
    stop = startOrphanReaper(openFallbackCalls('a test'));
    expect(process.listenerCount('SIGCHLD')).toBe(before);
  });

  it('leaves nothing behind when it is stopped', () => {
    const before = process.listenerCount('SIGCHLD');
    startOrphanReaper(kernelWith([]))();
    expect(process.listenerCount('SIGCHLD')).toBe(before);
  });
});
