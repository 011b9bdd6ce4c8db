import type { RunFilters } from '../../process/conduct/filters.ts';

/** Bytes are kept as they are. */
const AS_THEY_ARE = {
  write: (bytes: Uint8Array) => bytes,
  end: () => new Uint8Array(0),
  holdMs: null,
  flush: () => new Uint8Array(0),
  receipt: () => ({ name: 'binary', source: 'option', replaced: 0 }) as const,
};
/** The filters of the supervisor, which has no encodings. */
export const NO_FILTERS: RunFilters = {
  decoders: { stdout: AS_THEY_ARE, stderr: AS_THEY_ARE },
  encoder: {
    write: (bytes) => ({ bytes, refused: null }),
    end: () => ({ bytes: new Uint8Array(0), refused: null }),
  },
  refusalCancels: true,
  inputReceipt: AS_THEY_ARE.receipt,
};
