import type { Failure } from '../describe-failure.ts';
import type { Answered } from '../headers.ts';
import { MAX_PATH_CHARACTERS } from '../limits.ts';
import { createRecordWriter } from '../records.ts';

/** What a receiver answers: results are collected, so that many files need few records. */
export interface Answers {
  done(id: number): void;
  unchanged(id: number): void;
  fail(id: number, failure: Failure): void;
  send(answer: Exclude<Answered, { type: 'results' }>): void;
  /** Of what was not taken yet. */
  readonly bytes: number;
  take(): readonly Uint8Array[];
}

type Range = [from: number, to: number];

/** Failures in one record: their messages have to fit. */
const FAILURES_PER_RECORD = 8;
const RANGES_PER_RECORD = 1024;

/** Creates a list of answers; it is empty at first. @param isInto sources go into the destination under their own names */
export function createAnswers(isInto: boolean): Answers {
  const out = createRecordWriter();
  let done: Range[] = [];
  let unchanged: Range[] = [];
  let failed: (Failure & { id: number })[] = [];
  let isFirst = true;

  function flush(): void {
    if (done.length + unchanged.length + failed.length === 0) return;
    out.add({ type: 'results', done, unchanged, failed, ...(isFirst ? { into: isInto } : {}) });
    isFirst = false;
    done = [];
    unchanged = [];
    failed = [];
  }

  function extend(ranges: Range[], id: number): void {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === id) last[1] = id;
    else ranges.push([id, id]);
    if (ranges.length >= RANGES_PER_RECORD) flush();
  }

  return {
    done: (id) => extend(done, id),
    unchanged: (id) => extend(unchanged, id),
    fail(id, failure) {
      failed.push({ id, ...failure });
      if (failed.length >= FAILURES_PER_RECORD) flush();
    },
    send(answer) {
      flush();
      out.add('path' in answer ? { ...answer, path: shortenPath(answer.path) } : answer);
    },
    get bytes() {
      return out.bytes;
    },
    take() {
      flush();
      return out.take();
    },
  };
}

/** Folders inside each other make a path that is longer than a record: its end says which entry it is. */
function shortenPath(path: string): string {
  return path.length <= MAX_PATH_CHARACTERS ? path : `…${path.slice(1 - MAX_PATH_CHARACTERS)}`;
}
