import { describeFailure } from '../describe-failure.ts';
import type { FileHeader, Sent } from '../headers.ts';
import type { Destination } from './destination.ts';
import { settleOne } from './levels.ts';
import type { Level, ReceiverState } from './receiver-state.ts';
import type { Stage } from './record-order.ts';
import type { FileWriter } from './write-file.ts';

/** Undefined: done at once. */
type Work = Promise<void> | void;

/** The file whose data comes now, from its announcement to its result. */
export interface IncomingFile {
  readonly stage: Stage;
  /**
   * Begins a file. One that cannot be opened fails, and its data is thrown away.
   * @param dataBytes of its data in its own record; null: it comes in records of its own
   * @param waits the folder that waits for it; null: it was not asked for
   */
  begin(header: FileHeader, open: () => FileWriter, dataBytes: number | null, waits: Level | null): Work;
  data(bytes: Uint8Array): Work;
  hole(bytes: number): Work;
  end(sha256: string, size: number): Work;
  /** Its data is not complete, or with `again` follows once more. */
  breakOff(record: Extract<Sent, { type: 'broken' }>): Work;
  /** The transfer ends here. @returns when nothing of it is open any more */
  abandon(): Work;
}

interface Current {
  readonly header: FileHeader;
  /** Null: what comes is thrown away. */
  writer: FileWriter | null;
  /** Data that is still to come in the record of a short file; null: it comes in records of its own. */
  left: number | null;
  readonly waits: Level | null;
}

/** Creates it; no file comes yet. */
export function createIncomingFile(state: ReceiverState, destination: Destination): IncomingFile {
  const { plan, answers } = state;
  let current: Current | null = null;

  /** Passes something to the file. One that fails is given up, and what comes is thrown away. */
  function feed(act: (writer: FileWriter) => Work): Work {
    if (current === null || current.writer === null) return;
    const { writer } = current;
    try {
      const work = act(writer);
      return work instanceof Promise ? work.catch((error: unknown) => giveUp(writer, error)) : undefined;
    } catch (error) {
      return giveUp(writer, error);
    }
  }

  /** @returns when it is closed: what follows waits, or the files that are given up would have no bound */
  function giveUp(writer: FileWriter, error: unknown): Work {
    if (current === null) return;
    current.writer = null;
    answers.fail(current.header.id, describeFailure(error));
    // Kept, it would fill the disk that the next files need
    return writer.leave(false);
  }

  /** @param size null: what has come */
  function commit(sha256: string, size: number | null): Work {
    if (current === null) return;
    const { header, writer } = current;
    const settle = (): void => {
      if (writer !== null) answers.done(header.id);
      leave();
    };
    const fail = (error: unknown): void => {
      answers.fail(header.id, describeFailure(error));
      leave();
    };
    try {
      const work = writer?.commit(sha256, size);
      if (work instanceof Promise) return work.then(settle, fail);
    } catch (error) {
      return fail(error);
    }
    settle();
  }

  function countShort(bytes: number): Work {
    if (current === null || current.left === null) return;
    current.left -= bytes;
    if (current.left === 0) return commit(current.header.sha256 ?? '', null);
  }

  function leave(): void {
    const waits = current?.waits ?? null;
    current = null;
    destination.closeSpecial();
    if (waits !== null) settleOne(state, waits);
  }

  return {
    get stage() {
      if (current === null) return 'between';
      return current.left === null ? 'data' : 'short';
    },
    begin(header, open, dataBytes, waits) {
      current = { header, writer: null, left: dataBytes, waits };
      try {
        current.writer = open();
      } catch (error) {
        answers.fail(header.id, describeFailure(error));
      }
      return dataBytes === 0 ? commit(header.sha256 ?? '', 0) : undefined;
    },
    data(bytes) {
      const work = feed((writer) => writer.write(bytes));
      return work instanceof Promise ? work.then(() => countShort(bytes.length)) : countShort(bytes.length);
    },
    hole: (bytes) => feed((writer) => writer.skip(bytes)),
    end: commit,
    breakOff({ again, code, message }) {
      if (again) return feed((writer) => writer.discard());
      if (current === null) return;
      const { header, writer } = current;
      state.hasTrouble = true;
      current.writer = null;
      const work = writer?.leave(plan.resumes);
      if (writer !== null) answers.fail(header.id, { code, message });
      if (work instanceof Promise) return work.then(leave);
      leave();
    },
    abandon() {
      const work = current?.writer?.leave(plan.resumes);
      current = null;
      return work;
    },
  };
}
