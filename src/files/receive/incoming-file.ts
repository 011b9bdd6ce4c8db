import { describeFailure } from '../describe-failure.ts';
import type { FileHeader, Sent } from '../headers.ts';
import type { Destination } from './destination.ts';
import { settleOne } from './levels.ts';
import type { Level, ReceiverState } from './receiver-state.ts';
import type { Stage } from './record-order.ts';
import type { FileWriter } from './write-file.ts';

/** The file whose data comes now, from its announcement to its result. */
export interface IncomingFile {
  readonly stage: Stage;
  /**
   * Begins a file. One that cannot be opened fails, and its data is thrown away.
   * @param dataBytes of its data in its own record; null: it comes in records of its own
   * @param waits the folder that waits for it; null: it was not asked for
   */
  begin(
    header: FileHeader,
    open: () => FileWriter,
    dataBytes: number | null,
    waits: Level | null,
  ): Promise<void> | void;
  data(bytes: Uint8Array): Promise<void>;
  hole(bytes: number): Promise<void>;
  end(sha256: string, size: number): Promise<void>;
  /** Its data is not complete, or with `again` follows once more. */
  breakOff(record: Extract<Sent, { type: 'broken' }>): Promise<void>;
  /** The transfer ends here. */
  abandon(): void;
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
  async function feed(act: (writer: FileWriter) => void | Promise<void>): Promise<void> {
    const file = current;
    const writer = file?.writer ?? null;
    if (file === null || writer === null) return;
    try {
      await act(writer);
    } catch (error) {
      file.writer = null;
      writer.leave(plan.resumes);
      answers.fail(file.header.id, describeFailure(error));
    }
  }

  /** @param size null: what has come */
  async function commit(sha256: string, size: number | null): Promise<void> {
    if (current === null) return;
    const { header, writer } = current;
    try {
      await writer?.commit(sha256, size);
      if (writer !== null) answers.done(header.id);
    } catch (error) {
      answers.fail(header.id, describeFailure(error));
    }
    settle();
  }

  function settle(): void {
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
    async data(bytes) {
      await feed((writer) => writer.write(bytes));
      if (current === null || current.left === null) return;
      current.left -= bytes.length;
      if (current.left === 0) await commit(current.header.sha256 ?? '', null);
    },
    hole: (bytes) => feed((writer) => writer.skip(bytes)),
    end: commit,
    async breakOff({ again, code, message }) {
      if (again) return feed((writer) => writer.discard());
      if (current === null) return;
      const { header, writer } = current;
      state.hasTrouble = true;
      writer?.leave(plan.resumes);
      if (writer !== null) answers.fail(header.id, { code, message });
      settle();
    },
    abandon() {
      current?.writer?.leave(plan.resumes);
      current = null;
    },
  };
}
