import { describe, expect, it } from 'vitest';
import {
  HELD_PIPE_CAP_LOOKS,
  HELD_PIPE_LOOK_MS,
  HELD_PIPE_QUIET_LOOKS,
} from '../../../src/protocol/limits.ts';
import {
  createRunLife,
  type ExitStatus,
  type OutputName,
  type RunLife,
} from '../../../src/protocol/run-life.ts';

const EXIT: ExitStatus = { exitCode: 0, signal: null };
const EMPTY = (): number => 0;

/** Looks until a pipe that others hold is given up. */
const SURE_LOOKS = HELD_PIPE_QUIET_LOOKS + 1;

/** A run that started at 0 and exited at 100, both pipes still open and empty. */
function exited({ waitsForAll = false, timeoutMs = null as number | null } = {}): RunLife {
  const life = createRunLife(0, timeoutMs, waitsForAll);
  life.handleExit(EXIT, 100, EMPTY);
  return life;
}

function endBoth(life: RunLife): void {
  life.handleOutputEnd('stdout');
  life.handleOutputEnd('stderr');
}

/** Lets so many looks come as they are due. @returns when the last one came */
function look(life: RunLife, count: number, waiting: (name: OutputName) => number = EMPTY): number {
  let atMs = 0;
  for (let done = 0; done < count; done += 1) {
    atMs = life.nextDeadlineMs() ?? Number.NaN;
    life.handleTime(atMs, waiting);
  }
  return atMs;
}

/** The same, where others hold the pipes. */
function lookAtOthers(life: RunLife, count: number, waiting = EMPTY): number {
  let atMs = 0;
  for (let done = 0; done < count; done += 1) {
    atMs = look(life, 1, waiting);
    life.handleHolders('others');
  }
  return atMs;
}

describe('the life of a run', () => {
  it('is over when the process has exited and both pipes have ended, in either order', () => {
    const exitFirst = exited();
    expect(exitFirst.state).toBe('draining');
    endBoth(exitFirst);
    expect([exitFirst.state, exitFirst.isComplete]).toEqual(['over', true]);

    const endFirst = createRunLife(0, null);
    endBoth(endFirst);
    expect(endFirst.state).toBe('running');
    endFirst.handleExit(EXIT, 5, EMPTY);
    expect([endFirst.state, endFirst.isComplete]).toEqual(['over', true]);
  });

  it('asks for the tree to be ended when its time is up, and not a moment earlier', () => {
    const life = createRunLife(1000, 500);
    expect(life.nextDeadlineMs()).toBe(1500);
    life.handleTime(1499, EMPTY);
    expect(life.state).toBe('running');
    life.handleTime(1500, EMPTY);
    expect([life.state, life.cause]).toEqual(['ending', 'timeout']);
  });

  it.each(['timeout', 'cancel', 'exit'] as const)('keeps %s as its cause, whatever comes later', (first) => {
    const life = createRunLife(0, 50);
    if (first === 'timeout') life.handleTime(50, EMPTY);
    if (first === 'cancel') life.handleCancel();
    if (first === 'exit') life.handleExit(EXIT, 10, EMPTY);
    life.handleTime(60, EMPTY);
    if (first !== 'exit') life.handleCancel();
    life.handleExit({ exitCode: null, signal: 'SIGTERM' }, 70, EMPTY);
    life.handleTreeEnded(80, EMPTY);
    endBoth(life);
    expect([life.state, life.cause]).toEqual(['over', first]);
  });

  it('knows how the process ended after its tree was ended', () => {
    const life = createRunLife(0, null);
    life.handleCancel();
    life.handleExit({ exitCode: null, signal: 'SIGKILL' }, 10, EMPTY);
    expect(life.state).toBe('ending');
    life.handleTreeEnded(11, EMPTY);
    expect([life.state, life.exit.signal]).toEqual(['draining', 'SIGKILL']);
  });

  it('waits for nothing once its peer is gone and its tree is ended', () => {
    const running = createRunLife(0, null);
    running.handleBlocked('stdout', true, 5);
    running.handlePeerGone();
    expect([running.state, running.cause]).toEqual(['ending', 'gone']);
    running.handleTreeEnded(10, EMPTY);
    expect(running.state).toBe('held');

    const draining = exited({ waitsForAll: true });
    draining.handleBlocked('stdout', true, 200);
    draining.handlePeerGone();
    expect([draining.state, draining.cause]).toEqual(['held', 'exit']);
    draining.handleHolders('filters');
    expect(draining.state).toBe('over');
  });
});

describe('a pipe that is held after the exit', () => {
  it('is given up after a second of looks that found it empty, and two answers that only others hold it', () => {
    const life = exited();
    lookAtOthers(life, SURE_LOOKS - 1);
    expect(life.state).toBe('draining');
    expect(lookAtOthers(life, 1)).toBe(1100);
    expect([life.state, life.cause, life.isComplete]).toEqual(['over', 'exit', false]);
  });

  it('is not given up by one look, however late it comes', () => {
    const life = exited();
    for (let done = 1; done < SURE_LOOKS; done += 1) {
      life.handleTime(done * 1e6, EMPTY);
      life.handleHolders('others');
      expect([life.state, life.nextDeadlineMs()]).toEqual(['draining', done * 1e6 + HELD_PIPE_LOOK_MS]);
    }
  });

  it('is not quiet while bytes are in it that a late look comes before', () => {
    const life = exited();
    look(life, HELD_PIPE_QUIET_LOOKS - 1);
    life.handleTime(1e6, (name) => (name === 'stdout' ? 1 : 0));
    life.handleOutput('stdout', 1);
    look(life, HELD_PIPE_QUIET_LOOKS);
    expect(life.state).toBe('draining');
    look(life, 1);
    expect(life.state).toBe('held');
  });

  it('is not quiet by looks that wait behind the return of credit', () => {
    const life = exited();
    look(life, HELD_PIPE_QUIET_LOOKS - 1);
    life.handleBlocked('stdout', true, 900);
    expect(life.nextDeadlineMs()).toBeNull();
    life.handleTime(1e6, EMPTY);
    expect(life.state).toBe('draining');
    life.handleBlocked('stdout', false, 1e6);
    life.handleTime(2e6, EMPTY);
    look(life, HELD_PIPE_QUIET_LOOKS - 1);
    expect(life.state).toBe('draining');
    look(life, 1);
    expect(life.state).toBe('held');
  });

  it('is given up in the end if it never goes quiet, once what the command wrote has come', () => {
    const life = createRunLife(0, null);
    const busy = (): number => 5;
    life.handleExit(EXIT, 100, (name) => (name === 'stdout' ? 10 : 0));
    life.handleOutputEnd('stderr');
    life.handleOutput('stdout', 9);
    look(life, HELD_PIPE_CAP_LOOKS, busy);
    expect(life.state).toBe('draining');
    life.handleOutput('stdout', 1);
    lookAtOthers(life, 1, busy);
    expect(life.state).toBe('draining');
    life.handleOutput('stdout', 1);
    lookAtOthers(life, 1, busy);
    expect(life.state).toBe('over');
  });

  it('is waited for when the second answer is that a filter is at work', () => {
    const life = exited();
    lookAtOthers(life, HELD_PIPE_QUIET_LOOKS);
    look(life, 1);
    life.handleHolders('filters');
    expect(life.state).toBe('draining');
  });

  it('is not that of an output that has ended', () => {
    const life = exited();
    life.handleOutputEnd('stdout');
    look(life, HELD_PIPE_QUIET_LOOKS, (name) => (name === 'stdout' ? 1 : 0));
    expect(life.state).toBe('held');
  });

  it('is waited for while filters are at work, with looks that grow rarer', () => {
    const life = exited();
    const asked: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      while (life.state === 'draining') asked[round] = look(life, 1);
      life.handleHolders('filters');
    }
    const gaps = asked.map((atMs, index) => atMs - (asked[index - 1] ?? 100));
    expect(gaps).toEqual([750, 1500, 3000, 6000, 6000, 6000]);
    endBoth(life);
    expect([life.state, life.isComplete]).toEqual(['over', true]);
  });

  it('is asked for again when the filters have left and somebody goes on writing to it', () => {
    const life = exited();
    look(life, HELD_PIPE_QUIET_LOOKS);
    life.handleHolders('filters');
    for (let done = 0; done < HELD_PIPE_CAP_LOOKS; done += 1) {
      life.handleOutput('stdout', 1);
      look(life, 1);
    }
    expect(life.state).toBe('held');
    life.handleHolders('others');
    lookAtOthers(life, 1);
    expect([life.state, life.isComplete]).toEqual(['over', false]);
  });

  it('is waited for whoever holds it where that is wanted', () => {
    const life = exited({ waitsForAll: true });
    lookAtOthers(life, 100);
    expect(life.state).toBe('draining');
  });

  const ends = {
    'a cancel': { end: (life: RunLife) => life.handleCancel(), cause: 'cancel' },
    'an interrupt': { end: (life: RunLife) => life.handleInterrupt(), cause: 'cancel' },
    'the timeout': { end: (life: RunLife) => life.handleTime(1e6, EMPTY), cause: 'timeout' },
  } as const;
  it.each(Object.entries(ends))(
    'makes %s end the tree that filters at work are in',
    (_name, { end, cause }) => {
      const life = exited({ timeoutMs: 5e5 });
      look(life, HELD_PIPE_QUIET_LOOKS);
      life.handleHolders('filters');
      end(life);
      expect([life.state, life.cause]).toEqual(['ending', cause]);
    },
  );

  it.each(['a cancel', 'an interrupt'] as const)(
    'is asked for at once at %s, and others than filters are left',
    (name) => {
      const life = exited({ waitsForAll: true });
      ends[name].end(life);
      expect(life.state).toBe('held');
      life.handleHolders('others');
      lookAtOthers(life, 1);
      expect([life.state, life.cause, life.isComplete]).toEqual(['over', 'exit', false]);
    },
  );

  it('gives up nothing of what the command wrote at a cancel', () => {
    const life = createRunLife(0, null);
    life.handleExit(EXIT, 100, () => 3);
    life.handleCancel();
    expect(life.state).toBe('draining');
  });

  it('is no reason to end the run at its timeout before filters were found', () => {
    const life = exited({ timeoutMs: 300 });
    look(life, HELD_PIPE_QUIET_LOOKS);
    expect([life.state, life.cause]).toEqual(['held', 'exit']);
  });
});

describe("the user's interrupt", () => {
  it.each([
    { exitCode: null, signal: 'SIGINT' },
    { exitCode: 130, signal: null },
  ])('ends the rest of the tree when the command ended by it: %o', (exit) => {
    const life = createRunLife(0, null);
    life.handleInterrupt();
    life.handleExit(exit, 10, EMPTY);
    expect([life.state, life.cause]).toEqual(['ending', 'exit']);
    life.handleTreeEnded(20, EMPTY);
    look(life, HELD_PIPE_QUIET_LOOKS);
    life.handleHolders('filters');
    expect([life.state, life.cause, life.isComplete]).toEqual(['over', 'exit', false]);
  });

  it.each([
    { exitCode: 0, signal: null },
    { exitCode: null, signal: 'SIGTERM' },
  ])('leaves the tree alone when the command ended otherwise: %o', (exit) => {
    const life = createRunLife(0, null);
    life.handleInterrupt();
    life.handleExit(exit, 10, EMPTY);
    expect(life.state).toBe('draining');
  });

  it('is not what an exit by SIGINT of its own is', () => {
    const life = createRunLife(0, null);
    life.handleExit({ exitCode: null, signal: 'SIGINT' }, 10, EMPTY);
    expect(life.state).toBe('draining');
  });
});
