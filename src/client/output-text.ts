import { isUtf8 } from 'node:buffer';
import type { KeptOutput } from './collect-output.ts';

/** Kept output in the form that the caller asked for. */
export interface OutputText {
  readonly value: string | Uint8Array;
  /** Bytes that were not UTF-8 and became U+FFFD here. */
  readonly replaced: number;
  readonly truncated: boolean;
  /** What came, kept or not; 0 where nothing was collected. */
  readonly totalBytes: number;
}

/** @param output null when nothing was kept */
export function readOutputText(output: KeptOutput | null, binary: boolean): OutputText {
  if (output === null) {
    return { value: binary ? new Uint8Array(0) : '', replaced: 0, truncated: false, totalBytes: 0 };
  }
  const { bytes, truncated, totalBytes } = output;
  if (binary) return { value: bytes, replaced: 0, truncated, totalBytes };
  // What was cut off may have cut a character: its beginning is left out rather than shown as an error.
  const value = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: truncated });
  return { value, replaced: countReplaced(bytes, value), truncated, totalBytes };
}

/** U+FFFD that stand for invalid bytes; those that the output really holds are not counted. */
function countReplaced(bytes: Uint8Array, text: string): number {
  if (isUtf8(bytes)) return 0;
  const written = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return countFound(text, '\ufffd') - countFound(written, Buffer.from('\ufffd'));
}

/** Without a list of what lies between: of 64 MiB that may be 64 million pieces. */
function countFound<Text extends string | Buffer>(text: Text, wanted: Text): number {
  const find = (from: number): number => text.indexOf(wanted as string, from);
  let count = 0;
  for (let at = find(0); at !== -1; at = find(at + wanted.length)) count++;
  return count;
}
