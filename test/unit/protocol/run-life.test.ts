import { describe, expect, it } from 'vitest';
import { HELD_PIPE_CAP_MS, HELD_PIPE_GRACE_MS, PIPE_CAPACITY_BYTES } from '../../../src/protocol/limits.ts';
import { createRunLife, type RunLife } from '../../../src/protocol/run-life.ts';

const EXIT = { exitCode: 0, signal: null };

/** A run that started at 0 and exited at 100, both pipes still open. */
function exited(): RunLife {
  const life = createRunLife(0, null);
  life.handleExit(EXIT, 100);
  return life;
}

function endBoth(life: RunLife): void {
  life.handleOutputEnd('stdout');
  life.handleOutputEnd('stderr');
}

describe('the life of a run', () => {
  it('is over when the process has exited and both pipes have ended, in either order', () => {
    const exitFirst = exited();
    expect(exitFirst.state).toBe('draining');
    endBoth(exitFirst);
    expect(exitFirst.state).toBe('over');

    const endFirst = createRunLife(0, null);
    endBoth(endFirst);
    expect(endFirst.state).toBe('running');
    endFirst.handleExit(EXIT, 5);
    expect(endFirst.state).toBe('over');
  });

  it('asks for the tree to be ended when its time is up, and not a moment earlier', () => {
    const life = createRunLife(1000, 500);
    expect(life.nextDeadlineMs()).toBe(1500);
    life.handleTime(1499);
    expect(life.state).toBe('running');
    life.handleTime(1500);
    expect([life.state, life.cause]).toEqual(['ending', 'timeout']);
  });

  it.each(['timeout', 'cancel', 'exit'] as const)('keeps %s as its cause, whatever comes later', (first) => {
    const life = createRunLife(0, 50);
    if (first === 'timeout') life.handleTime(50);
    if (first === 'cancel') life.handleCancel();
    if (first === 'exit') life.handleExit(EXIT, 10);
    life.handleTime(60);
    life.handleCancel();
    life.handleExit({ exitCode: null, signal: 'SIGTERM' }, 70);
    life.handleTreeEnded(80);
    endBoth(life);
    expect([life.state, life.cause]).toEqual(['over', first]);
  });

  it('knows how the process ended after its tree was ended', () => {
    const life = createRunLife(0, null);
    life.handleCancel();
    life.handleExit({ exitCode: null, signal: 'SIGKILL' }, 10);
    expect(life.state).toBe('ending');
    life.handleTreeEnded(11);
    expect([life.state, life.exit.signal]).toEqual(['draining', 'SIGKILL']);
  });

  it('gives up a pipe that somebody holds after a second without data', () => {
    const life = exited();
    expect(life.nextDeadlineMs()).toBe(100 + HELD_PIPE_GRACE_MS);
    life.handleTime(100 + HELD_PIPE_GRACE_MS);
    expect(life.state).toBe('held');
    life.handleHoldersKnown();
    expect(life.state).toBe('over');
  });

  it('counts the second anew with every byte', () => {
    const life = exited();
    life.handleOutput('stdout', 1, 900);
    life.handleTime(100 + HELD_PIPE_GRACE_MS);
    expect(life.state).toBe('draining');
    expect(life.nextDeadlineMs()).toBe(900 + HELD_PIPE_GRACE_MS);
  });

  it('waits without end while the reader has no credit, and counts from its return', () => {
    const life = exited();
    life.handleBlocked('stdout', true, 200);
    expect(life.nextDeadlineMs()).toBeNull();
    life.handleTime(1e9);
    expect(life.state).toBe('draining');
    life.handleBlocked('stdout', false, 1e9);
    expect(life.nextDeadlineMs()).toBe(1e9 + HELD_PIPE_GRACE_MS);
  });

  it('gives up a pipe that never goes quiet, once more came than a pipe can hold', () => {
    const life = exited();
    const capMs = 100 + HELD_PIPE_CAP_MS;
    life.handleOutputEnd('stderr');
    life.handleBlocked('stdout', true, capMs - 20);
    life.handleBlocked('stdout', false, capMs - 10);
    life.handleOutput('stdout', PIPE_CAPACITY_BYTES, capMs);
    life.handleTime(capMs);
    expect(life.state).toBe('draining');
    life.handleOutput('stdout', 1, capMs);
    life.handleTime(capMs);
    expect(life.state).toBe('held');
  });

  it('gives up a pipe that somebody writes a little to for ever, once it was emptied for so long', () => {
    const life = exited();
    life.handleOutputEnd('stderr');
    life.handleBlocked('stdout', true, 200);
    life.handleBlocked('stdout', false, 5000);
    for (let atMs = 5500; atMs < 5000 + HELD_PIPE_CAP_MS; atMs += 500) {
      life.handleOutput('stdout', 1, atMs);
      life.handleTime(atMs);
      expect(life.state).toBe('draining');
    }
    life.handleTime(5000 + HELD_PIPE_CAP_MS);
    expect(life.state).toBe('held');
  });

  it('waits for nothing once its peer is gone and its tree is ended', () => {
    const running = createRunLife(0, null);
    running.handleBlocked('stdout', true, 5);
    running.handlePeerGone();
    expect([running.state, running.cause]).toEqual(['ending', 'gone']);
    running.handleTreeEnded(10);
    expect(running.state).toBe('held');

    const draining = exited();
    draining.handleBlocked('stdout', true, 200);
    draining.handlePeerGone();
    expect([draining.state, draining.cause]).toEqual(['held', 'exit']);
  });

  it('is not held by a pipe that has ended', () => {
    const life = exited();
    life.handleOutputEnd('stdout');
    life.handleOutput('stderr', 1, 5000);
    expect(life.nextDeadlineMs()).toBe(5000 + HELD_PIPE_GRACE_MS);
  });
});
