import type { IconvEncoding } from './iconv.ts';
import { packCharacter, REPLACEMENT } from './utf8.ts';

/** Marks the entry of a byte that has no character: it is written as U+FFFD and counted. */
const UNMAPPED = 1 << 27;

/** What iconv-lite makes of each of the 256 bytes of a single-byte code page, packed. 1 KiB. */
export type SingleByteTable = Int32Array;

const tables = new Map<string, SingleByteTable>();

/** The table of a code page, made at its first use. */
export function singleByteTable({ codec, iconv }: IconvEncoding): SingleByteTable {
  const known = tables.get(codec);
  if (known) return known;
  const table = Int32Array.from({ length: 256 }, (_, byte) => {
    const character = iconv.decode(Buffer.of(byte), codec);
    return packCharacter(character) | (character === REPLACEMENT ? UNMAPPED : 0);
  });
  tables.set(codec, table);
  return table;
}
