import { MAX_SHELL_RECORD_BYTES } from '../../limits.ts';

/** RS of ASCII, which no text has: so nothing visible is ever held back because it could begin a token. */
const LEAD = '\x1e';

/** What a chunk of a stream holds: bytes of the command, and records of the program around it. */
export interface FilteredChunk {
  readonly bytes: Uint8Array;
  /** The texts between two tokens. */
  readonly records: readonly string[];
}

/** Takes the records out of one output stream of a line. */
export interface RecordFilter {
  take(chunk: Uint8Array): FilteredChunk;
  /** What was held back because it could have been the beginning of a token. */
  flush(): Uint8Array;
}

/** What stands in front of a record and behind it. @param token 32 random hexadecimal digits, new for each line */
function recordMark(token: string): string {
  return `${LEAD}${token}`;
}

/**
 * A record is a text between two marks. All else passes as it is; a record without its end is dropped, and so is what
 * is longer than MAX_SHELL_RECORD_BYTES.
 */
export function createRecordFilter(token: string): RecordFilter {
  const mark = Buffer.from(recordMark(token));
  let held = Buffer.alloc(0);
  /** The pieces of a record that has begun; null outside of one. */
  let record: Buffer[] | null = null;
  let recordBytes = 0;

  function keep(piece: Buffer): void {
    recordBytes += piece.length;
    if (recordBytes <= MAX_SHELL_RECORD_BYTES) record?.push(Buffer.from(piece));
  }

  return {
    take(chunk) {
      const input = held.length === 0 ? asBuffer(chunk) : Buffer.concat([held, chunk]);
      const passed: Buffer[] = [];
      const records: string[] = [];
      let from = 0;
      for (let at = input.indexOf(mark); at !== -1; at = input.indexOf(mark, from)) {
        const piece = input.subarray(from, at);
        from = at + mark.length;
        if (record === null) {
          passed.push(piece);
          record = [];
          recordBytes = 0;
        } else {
          keep(piece);
          records.push(Buffer.concat(record).toString());
          record = null;
        }
      }
      const end = input.length - countBegunMark(input.subarray(from), mark);
      const rest = input.subarray(from, end);
      if (record === null) passed.push(rest);
      else keep(rest);
      held = Buffer.from(input.subarray(end));
      return { bytes: passed.length === 1 ? (passed[0] ?? held) : Buffer.concat(passed), records };
    },
    flush() {
      const rest = record === null ? held : Buffer.alloc(0);
      held = Buffer.alloc(0);
      return rest;
    },
  };
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
}

/** Bytes at the end that could be the beginning of a mark. */
function countBegunMark(bytes: Buffer, mark: Buffer): number {
  let at = bytes.indexOf(LEAD, Math.max(0, bytes.length - mark.length + 1));
  while (at !== -1 && !mark.subarray(0, bytes.length - at).equals(bytes.subarray(at))) {
    at = bytes.indexOf(LEAD, at + 1);
  }
  return at === -1 ? 0 : bytes.length - at;
}
