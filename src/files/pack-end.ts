import { recycleBytes } from '../runtime/chunk-memory.ts';
import { noteRead } from '../runtime/read-garbage.ts';
import {
  MAX_RECORD_DATA_BYTES,
  PACK_BYTES_PER_MS,
  PACK_LEAST_BYTES,
  PACK_MEASURE_BYTES,
  PACK_MEASURE_MS,
  PACK_RETRY_BYTES,
  PACK_SAMPLE_BYTES,
} from './limits.ts';
import { createRecordWriter } from './records.ts';
import type { TransferEnd } from './transfer-end.ts';
import { zlib } from './unpack-records.ts';

/** When records are compressed: `auto` where the path is slower than the compressor. */
export type Compress = 'auto' | 'never' | 'always';

/** zstd's: the quickest. */
const LEVEL = 1;
/** What is not smaller than this share of itself is sent as it is. */
const WORTH_IT = 0.9;
/** The path is what is waited for, if this share of the time is spent on waiting for it. */
const WAITED_SHARE = 0.5;

/** Compresses what an end sends. @param now in milliseconds */
export function packEnd(
  end: TransferEnd,
  when: Compress,
  now = (): number => performance.now(),
): TransferEnd {
  if (when === 'never' || typeof zlib().zstdCompressSync !== 'function') return end;
  const out = createRecordWriter();
  const path = createPathMeasure(now);
  /** Of the compressor. */
  let bytesPerMs = PACK_BYTES_PER_MS;
  let isPacking = when === 'always';
  /** What goes out as it is before another try. */
  let plainLeft = 0;

  function pack(pieces: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
    const startedAt = now();
    const { zstdCompressSync, constants } = zlib();
    const params = { [constants.ZSTD_c_compressionLevel]: LEVEL };
    const packed = zstdCompressSync(Buffer.concat(pieces, bytes), { params });
    // The copy, and what zlib has collected, are garbage now
    noteRead(2 * bytes);
    if (bytes >= PACK_SAMPLE_BYTES) bytesPerMs = bytes / Math.max(now() - startedAt, 0.01);
    if (packed.length > bytes * WORTH_IT) {
      plainLeft = PACK_RETRY_BYTES;
      return pieces;
    }
    for (const piece of pieces) recycleBytes(piece);
    out.add({ type: 'packed', bytes }, packed);
    return out.take();
  }

  return {
    receive: (bytes) => end.receive(bytes),
    produce() {
      path.handleAsked();
      const pieces = end.produce();
      const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
      const isSlow = path.isSlow(bytesPerMs);
      if (when === 'auto' && isSlow !== null) isPacking = isSlow;
      // No sample follows, and the last one may have been of a busy moment
      if (!isPacking) bytesPerMs = PACK_BYTES_PER_MS;
      plainLeft -= bytes;
      const isWorthIt = bytes >= PACK_LEAST_BYTES && bytes <= MAX_RECORD_DATA_BYTES && plainLeft <= 0;
      const sent = isPacking && isWorthIt ? pack(pieces, bytes) : pieces;
      path.handleSent(bytes, end.state === 'busy');
      return sent;
    },
    get state() {
      return end.state;
    },
    ...(end.onWake === undefined ? {} : { onWake: end.onWake }),
    close: () => end.close(),
  };
}

/** Measures how fast what is sent is taken. */
interface PathMeasure {
  /** More is asked for. */
  handleAsked(): void;
  /** So much was given, and more is there. */
  handleSent(bytes: number, isBusy: boolean): void;
  /** Whether the path takes less than that, and is what is waited for; null: not measured yet. */
  isSlow(bytesPerMs: number): boolean | null;
}

function createPathMeasure(now: () => number): PathMeasure {
  let startedAt = now();
  let sentBytes = 0;
  let waitedMs = 0;
  /** When something was given last; null: nothing, or the other end is waited for. */
  let givenAt: number | null = null;
  return {
    handleAsked() {
      if (givenAt !== null) waitedMs += now() - givenAt;
      givenAt = null;
    },
    handleSent(bytes, isBusy) {
      sentBytes += bytes;
      givenAt = bytes > 0 && isBusy ? now() : null;
    },
    isSlow(bytesPerMs) {
      const ms = now() - startedAt;
      if (ms < PACK_MEASURE_MS || sentBytes < PACK_MEASURE_BYTES) return null;
      const isSlow = waitedMs / ms > WAITED_SHARE && sentBytes / ms < bytesPerMs;
      startedAt = now();
      sentBytes = 0;
      waitedMs = 0;
      return isSlow;
    },
  };
}
