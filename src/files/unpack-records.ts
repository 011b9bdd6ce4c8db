import type * as NodeZlib from 'node:zlib';
import { RexaError } from '../protocol/errors.ts';
import { noteRead } from '../runtime/read-garbage.ts';

/** Window of a frame that is accepted, as a power of two: decompression needs that much memory. */
const MAX_WINDOW_LOG = 20;

/** Loads zlib when it is needed: most copies never need it. */
export function zlib(): Pick<typeof NodeZlib, 'constants' | 'zstdCompressSync' | 'zstdDecompressSync'> {
  return process.getBuiltinModule('node:zlib');
}

/** Decompresses records. @param bytes length that was announced @throws RexaError FILES_PROTOCOL for another one */
export function unpackRecords(data: Uint8Array, bytes: number): Buffer {
  const { zstdDecompressSync, constants } = zlib();
  try {
    const params = { [constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
    const found = zstdDecompressSync(data, { maxOutputLength: bytes, params });
    // Nobody gives it back, nor the pieces in which zlib has collected it
    noteRead(2 * bytes);
    if (found.length === bytes) return found;
  } catch (cause) {
    throw new RexaError('FILES_PROTOCOL', ['packed records that cannot be unpacked'], { cause });
  }
  throw new RexaError('FILES_PROTOCOL', ['packed records of another length']);
}
