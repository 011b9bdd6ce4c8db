import type { TransferredFile } from '../../files/transfer-end.ts';
import { MAX_AUDIT_FIELD_BYTES } from '../limits.ts';

/** Collects the files of a transfer into few lines of the audit. */
export interface FileRecord {
  add(file: TransferredFile): void;
  /** Writes what was collected. */
  flush(): void;
  readonly totals: { readonly files: number; readonly bytes: number };
}

/** What the JSON of one file has beside its path, in bytes. */
const FRAME_BYTES = 128;
/** What JSON and UTF-8 make of a character at most. */
const BYTES_PER_CHARACTER = 6;

/** Creates an empty record. @param write gets as many files as fit into one field of the audit */
export function createFileRecord(write: (files: readonly TransferredFile[]) => void): FileRecord {
  let waiting: TransferredFile[] = [];
  let waitingBytes = 0;
  let files = 0;
  let bytes = 0;

  function flush(): void {
    if (waiting.length > 0) write(waiting);
    waiting = [];
    waitingBytes = 0;
  }

  return {
    add(file) {
      const isAscii = /^[\x20-\x7e]*$/.test(file.path);
      const length = FRAME_BYTES + file.path.length * (isAscii ? 1 : BYTES_PER_CHARACTER);
      if (waitingBytes + length > MAX_AUDIT_FIELD_BYTES) flush();
      waiting.push(file);
      waitingBytes += length;
      files++;
      bytes += file.size;
    },
    flush,
    get totals() {
      return { files, bytes };
    },
  };
}
