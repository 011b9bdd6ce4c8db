import { findBytes, hasBytesAt, toAscii } from './ready-start-bytes.ts';

/**
 * The words of the Ready/Start protocol (docs/ready-start.md). ready-start-daemon.ts and ready-start-client.ts implement its
 * two roles, check-ready-start-read.ts refuses reads that are not part of it.
 */

export const NEWLINE = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
/** The client's answer to `Ready`. */
export const START: Uint8Array = toAscii('Start');
/** The command that ends the conversation. */
export const EXIT: Uint8Array = toAscii('exit');

const READY = toAscii('Ready|');
/** Sizes with more digits exceed the safe integers, and every limit. */
const MAX_SIZE_DIGITS = 15;

/** Encodes `Ready|<sizeBytes>`, with a newline if the command had one. */
export function encodeReady(sizeBytes: number, withNewline: boolean): Uint8Array {
  return toAscii(`Ready|${sizeBytes}${withNewline ? '\n' : ''}`);
}

/** Returns the index of the first `Ready|` at or after `from`; -1 if there is none. */
export function findReady(bytes: Uint8Array, from: number): number {
  return findBytes(bytes, READY, from);
}

/** Size of `Ready|`; a search that continues in the next read starts one less before it. */
export const READY_WORD_BYTES: number = READY.length;

/** What a client's unprocessed bytes begin with at the end of a read. */
export type ReadyDecoding =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'ready'; readonly sizeBytes: number; readonly usedBytes: number }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'malformed' };

/**
 * Decodes `Ready|<size>` and an optional line end. A size without a line end is complete at the end of the read, so call
 * this once per read, with the incomplete bytes of earlier reads in front.
 */
export function decodeReady(bytes: Uint8Array, maxSizeBytes: number): ReadyDecoding {
  const wordBytes = Math.min(bytes.length, READY.length);
  if (!hasBytesAt(bytes, READY.subarray(0, wordBytes), 0)) return { kind: 'malformed' };
  const digitsEnd = skipDigits(bytes, READY.length);
  const digits = digitsEnd - READY.length;
  if (bytes.length <= READY.length) return { kind: 'incomplete' };
  if (digits === 0) return { kind: 'malformed' };
  if (digits > MAX_SIZE_DIGITS) return { kind: 'too-large' };
  const lineEnd = readLineEnd(bytes, digitsEnd);
  if (lineEnd === 'incomplete') return { kind: 'incomplete' };
  if (lineEnd === 0 && digitsEnd < bytes.length) return { kind: 'malformed' };
  const sizeBytes = readNumber(bytes.subarray(READY.length, digitsEnd));
  if (sizeBytes > maxSizeBytes) return { kind: 'too-large' };
  return { kind: 'ready', sizeBytes, usedBytes: digitsEnd + lineEnd };
}

/** Returns the size of the line end (`\n` or `\r\n`) at `at`: 0 if there is none; `incomplete` if a `\r` is the last byte. */
export function readLineEnd(bytes: Uint8Array, at: number): 0 | 1 | 2 | 'incomplete' {
  if (bytes[at] === NEWLINE) return 1;
  if (bytes[at] !== CARRIAGE_RETURN) return 0;
  if (at + 1 === bytes.length) return 'incomplete';
  return bytes[at + 1] === NEWLINE ? 2 : 0;
}

function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function readNumber(digits: Uint8Array): number {
  return digits.reduce((value, digit) => value * 10 + (digit - 0x30), 0);
}
