import { isUtf8 } from 'node:buffer';
import { utf8Length } from '../protocol/utf8-tail.ts';
import { copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';

/** A stretch of what was typed. */
export interface KeyPiece {
  /** `text`: valid UTF-8; `raw`: bytes that are no text. */
  readonly kind: 'text' | 'raw';
  readonly bytes: Uint8Array;
}

/** Tells text from other bytes among keys, however they are cut. */
export interface KeySplitter {
  /** The pieces one behind the other are the keys, but for a character at the end whose rest is missing. */
  split(keys: Uint8Array): readonly KeyPiece[];
  /** The bytes that waited for their rest. */
  flush(): Uint8Array;
}

/** A report of a mouse by the encodings X10 and UTF-8 (xterm's ctlseqs, "Mouse Tracking"): this, and three values. */
const MOUSE_REPORT = [0x1b, 0x5b, 0x4d] as const;
const MOUSE_VALUES = 3;
/** Values are counted from here. */
const LOWEST_VALUE = 0x20;

/** Creates a splitter: the values of mouse reports, and bytes that are not UTF-8, are no text. */
export function createKeySplitter(): KeySplitter {
  let pending = NO_BYTES;
  let matched = 0;
  let valuesLeft = 0;

  function kindAt(bytes: Uint8Array, at: number): { kind: KeyPiece['kind'] | 'begun'; length: number } {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : utf8Length(first);
    if (valuesLeft > 0 && first >= LOWEST_VALUE) {
      valuesLeft--;
      // Mode 1005 writes large values as characters of two bytes
      return { kind: 'raw', length: length === 2 && isWhole(bytes, at, 2) ? 2 : 1 };
    }
    followReport(first);
    if (first < 0x80 || isWhole(bytes, at, length)) return { kind: 'text', length };
    const isBegun = length > 1 && at + length > bytes.length && couldGoOn(bytes, at);
    return isBegun ? { kind: 'begun', length: bytes.length - at } : { kind: 'raw', length: 1 };
  }

  function followReport(byte: number): void {
    valuesLeft = 0;
    if (byte === MOUSE_REPORT[matched]) matched++;
    else matched = byte === MOUSE_REPORT[0] ? 1 : 0;
    if (matched < MOUSE_REPORT.length) return;
    matched = 0;
    valuesLeft = MOUSE_VALUES;
  }

  return {
    split(keys) {
      const bytes = joinBytes(pending, keys);
      pending = NO_BYTES;
      const pieces: KeyPiece[] = [];
      let from = 0;
      let open: KeyPiece['kind'] | null = null;
      let at = 0;

      function close(): void {
        if (open !== null && at > from) pieces.push({ kind: open, bytes: bytes.subarray(from, at) });
        from = at;
      }

      while (at < bytes.length) {
        const { kind, length } = kindAt(bytes, at);
        if (kind !== open) close();
        if (kind === 'begun') {
          pending = copyBytes(bytes.subarray(at));
          return pieces;
        }
        open = kind;
        at += length;
      }
      close();
      return pieces;
    },
    flush() {
      const rest = pending;
      pending = NO_BYTES;
      return rest;
    },
  };
}

function isWhole(bytes: Uint8Array, at: number, length: number): boolean {
  return length > 1 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length));
}

/** Whether all bytes behind the first one are such as go on a character. */
function couldGoOn(bytes: Uint8Array, at: number): boolean {
  return bytes.subarray(at + 1).every((byte) => (byte & 0xc0) === 0x80);
}
