import { writeSync, writev } from 'node:fs';
import { promisify } from 'node:util';
import { recycleBytes, takeSlab } from '../../runtime/chunk-memory.ts';
import { SLAB_BYTES } from '../../runtime/limits.ts';
import { FILE_WRITE_BYTES, MAX_FILE_WRITES, WHOLE_FILE_BYTES } from '../limits.ts';

/**
 * Writes the data of one file in another thread, so that a disk that is slow holds up this file alone. What arrives is
 * copied: the buffers of a socket would outlive the young generation while they wait, and each MiB of them cost a collection.
 */
export interface DataWriter {
  /** Takes bytes that follow the ones before. @returns undefined: there is room for more @throws Error of an earlier write */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Resolves when all is written. @returns undefined: it was little, and is written @throws Error of the system */
  drain(): Promise<void> | undefined;
  /** The next bytes go here. All is written. */
  seek(at: number): void;
}

const SLABS_PER_WRITE = FILE_WRITE_BYTES / SLAB_BYTES;

const writeVector = promisify(writev);

/** Creates the writer of an open file. @param handleData gets the data in large pieces, in order, before `drain` resolves */
export function createDataWriter(
  descriptor: number,
  first: number,
  handleData: (bytes: Uint8Array) => void,
): DataWriter {
  /** Those that are full, and the one that is being filled. */
  let slabs: Buffer[] = [];
  let filledBytes = 0;
  /** Where the first of them goes. */
  let at = first;
  const running: Promise<void>[] = [];
  let failure: Error | null = null;

  async function run(
    pieces: readonly Buffer[],
    from: number,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before;
    try {
      if (failure === null) await writePieces(descriptor, pieces, from);
    } catch (error) {
      failure ??= error as Error;
    }
    for (const piece of pieces) recycleBytes(piece);
    void running.shift();
  }

  function start(): void {
    const last = slabs.pop();
    if (last === undefined) return;
    recycleBytes(last.subarray(filledBytes));
    const pieces = [...slabs, last.subarray(0, filledBytes)];
    running.push(run(pieces, at, running.at(-1)));
    // While the other thread writes
    for (const piece of pieces) {
      handleData(piece);
      at += piece.length;
    }
    slabs = [];
    filledBytes = 0;
  }

  function copy(bytes: Uint8Array): number {
    let into = slabs.at(-1);
    if (into === undefined || filledBytes === SLAB_BYTES) {
      into = takeSlab();
      slabs.push(into);
      filledBytes = 0;
    }
    const count = Math.min(bytes.length, SLAB_BYTES - filledBytes);
    into.set(count === bytes.length ? bytes : bytes.subarray(0, count), filledBytes);
    filledBytes += count;
    return count;
  }

  async function drain(): Promise<void> {
    start();
    await running.at(-1);
    if (failure !== null) throw failure;
  }

  return {
    write(bytes) {
      if (failure !== null) throw failure;
      for (let left = bytes; left.length > 0; ) {
        left = left.subarray(copy(left));
        if (slabs.length === SLABS_PER_WRITE && filledBytes === SLAB_BYTES) start();
      }
      return running.length < MAX_FILE_WRITES ? undefined : running[0];
    },
    drain() {
      const [only] = slabs;
      const isLittle = slabs.length === 1 && filledBytes <= WHOLE_FILE_BYTES && running.length === 0;
      if (only === undefined || !isLittle || failure !== null) return drain();
      // Another thread would cost more
      const bytes = only.subarray(0, filledBytes);
      slabs = [];
      handleData(bytes);
      try {
        for (let done = 0; done < bytes.length; )
          done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
      } finally {
        recycleBytes(only);
      }
      at += bytes.length;
      return undefined;
    },
    seek(next) {
      at = next;
    },
  };
}

/** @throws Error of the system */
async function writePieces(descriptor: number, pieces: readonly Uint8Array[], from: number): Promise<void> {
  let left = pieces;
  for (let at = from; left.length > 0; ) {
    const { bytesWritten } = await writeVector(descriptor, left, at);
    at += bytesWritten;
    left = dropBytes(left, bytesWritten);
  }
}

/** Returns what is left of pieces behind so many bytes. */
function dropBytes(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skipped = 0;
  for (const [index, piece] of pieces.entries()) {
    if (skipped + piece.length > bytes) return [piece.subarray(bytes - skipped), ...pieces.slice(index + 1)];
    skipped += piece.length;
  }
  return [];
}
