import { setImmediate as nextTurn } from 'node:timers/promises';
import { FileFailure } from '../describe-failure.ts';
import { MAX_WAITING_ANSWER_BYTES, WORK_SLICE_MS } from '../limits.ts';
import type { Answers } from './answers.ts';

/** Decides when a receiver works: not for too long, not ahead of its answers, and not behind its end. */
export interface Pace {
  /**
   * Lets others have their turn when this one was long enough, and answers be taken when there are too many.
   * @returns undefined: there is nothing to wait for
   * @throws FileFailure when the transfer is over
   */
  pause(): Promise<void> | undefined;
  /** The answers so far have been taken. */
  handleTaken(): void;
  /** Asks for its answers to be taken. */
  onWake(wake: () => void): void;
  /** Whatever waits ends. */
  close(): void;
  readonly isClosed: boolean;
}

/** Creates the pace of one receiver. */
export function createPace(answers: Answers): Pace {
  let sliceEndsAt = 0;
  let isClosed = false;
  let wake = (): void => undefined;
  let taken = Promise.withResolvers<void>();

  function check(): void {
    if (isClosed) throw new FileFailure('ECANCELED', 'the copy was canceled');
  }

  async function wait(): Promise<void> {
    while (answers.bytes >= MAX_WAITING_ANSWER_BYTES && !isClosed) {
      wake();
      await taken.promise;
    }
    if (performance.now() >= sliceEndsAt) {
      await nextTurn();
      sliceEndsAt = performance.now() + WORK_SLICE_MS;
    }
    check();
  }

  return {
    pause() {
      if (answers.bytes >= MAX_WAITING_ANSWER_BYTES || performance.now() >= sliceEndsAt) return wait();
      check();
      return undefined;
    },
    handleTaken() {
      taken.resolve();
      taken = Promise.withResolvers();
    },
    onWake(notify) {
      wake = notify;
    },
    close() {
      isClosed = true;
      taken.resolve();
    },
    get isClosed() {
      return isClosed;
    },
  };
}
