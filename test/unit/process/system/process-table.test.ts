import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseStat, readProcess, readProcessTable } from '../../../../src/process/system/process-table.ts';

/** proc_pid_stat(5) from the state on: up to the start time, which is the 22nd field of all. */
function stat(state: string, threads: number, name = 'sh', flags = 4194304): string {
  return `42 (${name}) ${state} 7 40 39 0 -1 ${flags} 0 0 0 0 0 0 0 0 20 0 ${threads} 0 123456 1000 200`;
}

describe('a line of /proc/PID/stat', () => {
  it.each(['sh', 'two words', 'a) S 1 1 1', ')', '((', ') Z 9 9 9 (', 'line\nend', ''])(
    'is read behind the name %j',
    (name) => {
      expect(parseStat(stat('S', 1, name))).toEqual({
        pid: 42,
        parent: 7,
        group: 40,
        session: 39,
        startTime: 123456,
        isAlive: true,
        isExiting: false,
      });
    },
  );

  it.each([
    ['running', 'R', 1, true],
    ['stopped', 'T', 1, true],
    ['in the kernel', 'D', 1, true],
    ['a zombie', 'Z', 1, false],
    ['a zombie whose threads are counted no more', 'Z', 0, false],
    ['a zombie whose other threads run on', 'Z', 2, true],
    ['dead', 'X', 0, false],
  ])('tells of a process that is %s whether it lives', (_what, state, threads, isAlive) => {
    expect(parseStat(stat(state, threads))?.isAlive).toBe(isAlive);
  });

  it.each([
    ['runs', 'R', 4194304, false],
    ['is closing its descriptors', 'R', 4194308, true],
    ['is a zombie', 'Z', 4194304, true],
  ])('tells of a process that %s whether it is ending', (_what, state, flags, isExiting) => {
    expect(parseStat(stat(state, 1, 'sh', flags))?.isExiting).toBe(isExiting);
  });

  it.each(['', 'x', '42 (sh)', '42 sh S 1 2 3', 'pid (sh) S 7 40 39'])('that is %j is none', (text) => {
    expect(parseStat(text)).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('the table of all processes', () => {
  it('has this process, with its parent', () => {
    expect(readProcessTable().get(process.pid)).toEqual(readProcess(process.pid));
    expect(readProcess(process.pid)?.parent).toBe(process.ppid);
  });

  it('knows the children of a process, and the run that they belong to', async () => {
    const child = spawn('cat', {
      env: { A_REXA_RUN_ID: 'no', B: 'REXA_RUN_ID=no', REXA_RUN_ID: 'räksmörgås' },
    });
    try {
      await once(child, 'spawn');
      const pid = child.pid ?? 0;
      const table = readProcessTable();
      expect(table.childrenOf(process.pid).map((entry) => entry.pid)).toContain(pid);
      expect(table.runIdOf(pid)).toBe('räksmörgås');
      expect(table.runIdOf(1)).toBeNull();
    } finally {
      child.kill();
    }
  });

  it('is shared by those that a table taken since will do', () => {
    const asked = performance.now();
    const table = readProcessTable();
    expect(readProcessTable(asked)).toBe(table);
    expect(readProcessTable(performance.now())).not.toBe(table);
    expect(readProcessTable()).not.toBe(table);
  });

  it('says null of a process that is not there', () => {
    const beyond = Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')) + 1;
    expect(readProcess(beyond)).toBeNull();
    expect(readProcessTable().runIdOf(beyond)).toBeNull();
  });
});
