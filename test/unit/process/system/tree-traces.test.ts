import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ProcessEntry,
  type ProcessTable,
  readProcessTable,
} from '../../../../src/process/system/process-table.ts';
import { createTraces, findMembers, type MemberTraces } from '../../../../src/process/system/tree-traces.ts';

/** A process that lives, in the session and group of its own pid, child of init, started at 100. */
function entry(pid: number, fields: Partial<ProcessEntry> = {}): ProcessEntry {
  return {
    pid,
    parent: 1,
    group: pid,
    session: pid,
    startTime: 100,
    isAlive: true,
    isExiting: false,
    ...fields,
  };
}

function table(
  processes: readonly ProcessEntry[],
  runIds: Readonly<Record<number, string>> = {},
): ProcessTable {
  return {
    takenAt: 0,
    isTorn: false,
    processes,
    get: (pid) => processes.find((process) => process.pid === pid),
    childrenOf: (pid) => processes.filter(({ parent }) => parent === pid),
    runIdOf: (pid) => runIds[pid] ?? null,
  };
}

/** The traces of a command of pid 50, started at 100. */
const TRACES: MemberTraces = { runId: 'run', since: 90, known: new Map([[50, 100]]), groups: new Set([50]) };

function find(
  processes: readonly ProcessEntry[],
  runIds?: Readonly<Record<number, string>>,
  traces: Partial<MemberTraces> = {},
): number[] {
  return findMembers(table(processes, runIds), { ...TRACES, ...traces })
    .map(({ pid }) => pid)
    .toSorted((a, b) => a - b);
}

const COMMAND = entry(50, { parent: process.pid });

describe('a member of a tree', () => {
  it.each<[string, ProcessEntry]>([
    ['a child of the command', entry(60, { parent: 50 })],
    ['in its session, though an orphan', entry(60, { session: 50 })],
    ['in its process group', entry(60, { group: 50, session: 40 })],
  ])('is %s', (_what, process) => {
    expect(find([COMMAND, process, entry(70)])).toEqual([50, 60]);
  });

  it('is what descends from a member, whatever session it made', () => {
    expect(
      find([COMMAND, entry(60, { parent: 50 }), entry(61, { parent: 60 }), entry(62, { parent: 61 })]),
    ).toEqual([50, 60, 61, 62]);
  });

  it("is who carries the run's id, though it left the session and lost its parent, with its children", () => {
    expect(find([entry(60), entry(61, { parent: 60 })], { 60: 'run' })).toEqual([60, 61]);
  });

  it('is who was one before, and in whose group others are', () => {
    const known = new Map([[60, 100]]);
    expect(find([entry(60), entry(61, { group: 60 })], {}, { known, groups: new Set([60]) })).toEqual([
      60, 61,
    ]);
  });
});

describe('no member of a tree', () => {
  it.each<[string, readonly ProcessEntry[], Record<number, string>]>([
    ["one with another run's id", [entry(60)], { 60: 'run2' }],
    ['one that carries the id and is older than the daemon', [entry(60, { startTime: 80 })], { 60: 'run' }],
    ['a zombie', [entry(60, { parent: 50, isAlive: false })], { 60: 'run' }],
    ['the daemon itself', [entry(process.pid, { parent: 50 })], { [process.pid]: 'run' }],
    ['init', [entry(1, { parent: 0 })], { 1: 'run' }],
    [
      'the daemon, and what it started besides',
      [entry(process.pid), entry(61, { parent: process.pid })],
      { [process.pid]: 'run' },
    ],
  ])('is %s', (_what, processes, runIds) => {
    expect(find(processes, runIds)).toEqual([]);
  });

  it("is a stranger that was given the command's pid, nor who is in its session", () => {
    const stranger = entry(50, { startTime: 200 });
    expect(
      find([stranger, entry(60, { session: 50 }), entry(61, { group: 50 }), entry(62, { parent: 50 })]),
    ).toEqual([]);
  });

  it("is a stranger that was given a member's pid", () => {
    expect(find([entry(60, { startTime: 200 })], {}, { known: new Map([[60, 100]]) })).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('what is remembered of a tree', () => {
  let leader: ChildProcess;
  let pid: number;
  beforeEach(async () => {
    leader = spawn('cat', { detached: true });
    await once(leader, 'spawn');
    pid = leader.pid ?? 0;
  });
  afterEach(() => leader.kill('SIGKILL'));

  const NOBODY = table([]);

  it('lets a whole group be killed of which nobody was ever seen', async () => {
    createTraces({ pid, runId: 'none', isLed: () => true }).killGroups();
    expect(await once(leader, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('lets no group be killed whose number was given to a stranger', async () => {
    createTraces({ pid, runId: 'none', isLed: () => false }).killGroups();
    leader.stdin?.end();
    expect(await once(leader, 'exit')).toEqual([0, null]);
  });

  it('is never quiet while somebody is in a group whom a look did not see', () => {
    const traces = createTraces({ pid, runId: 'none', isLed: () => true });
    expect(traces.look(NOBODY)).toEqual([]);
    expect(traces.describeQuiet(NOBODY)).toBeNull();
  });

  it('is quiet when nobody is in any group, and when a zombie is all that is left', async () => {
    const traces = createTraces({ pid, runId: 'none', isLed: () => leader.exitCode === null });
    expect(traces.look(readProcessTable()).map((member) => member.pid)).toEqual([pid]);
    const zombie = entry(pid, { isAlive: false, startTime: readProcessTable().get(pid)?.startTime ?? 0 });
    expect(traces.describeQuiet(table([zombie]))).toBe(String(pid));
    leader.stdin?.end();
    await once(leader, 'exit');
    expect(traces.describeQuiet(NOBODY)).toBe('');
  });
});
