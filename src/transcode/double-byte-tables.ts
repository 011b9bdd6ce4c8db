import type { IconvEncoding } from './iconv.ts';
import {
  createEucJpRare,
  createEucTwRare,
  createGb18030Rare,
  createPairedRare,
  type RareCharacters,
} from './rare-characters.ts';
import { packCharacter, REPLACEMENT } from './utf8.ts';

/** What a codec makes of the bytes of one multi-byte encoding. 130 KiB. */
export interface DoubleByteTables {
  /** Packed UTF-8 by `(first & 0x7f) << 8 | second`; zero where the pair is no character, or a rare one. */
  readonly pairs: Int32Array;
  /** Packed UTF-8 of bytes that are a character alone; zero where they are none. */
  readonly singles: Int32Array;
  /** 1 for bytes that begin a character of several bytes. */
  readonly leads: Uint8Array;
  readonly rare: RareCharacters;
}

/** Ends each piece of a row. No encoding has it inside a character. */
const SEPARATOR = 0x0a;

const made = new Map<string, DoubleByteTables>();

/** The tables of an encoding, made at its first use in 5 to 25 ms. */
export function doubleByteTables(encoding: IconvEncoding): DoubleByteTables {
  const known = made.get(encoding.codec);
  if (known) return known;
  const tables = makeTables(encoding);
  made.set(encoding.codec, tables);
  return tables;
}

function makeTables(encoding: IconvEncoding): DoubleByteTables {
  const { codec, iconv } = encoding;
  const singles = Int32Array.from({ length: 256 }, (_, byte) => {
    const character = iconv.decode(Buffer.of(byte), codec);
    return character === REPLACEMENT ? 0 : packCharacter(character);
  });
  const pairs = new Int32Array(0x8000);
  const leads = new Uint8Array(256);
  const odd = new Map<number, string>();
  for (let first = 0x80; first <= 0xff; first++) {
    if (singles[first] !== 0) continue;
    for (const [second, character] of decodeRow(encoding, [first])) {
      leads[first] = 1;
      if (character.length === 1) pairs[((first & 0x7f) << 8) | second] = packCharacter(character);
      else odd.set((first << 8) | second, character);
    }
  }
  const rare = findRareCharacters(encoding, odd);
  for (const lead of rare.leads) leads[lead] = 1;
  return { pairs, singles, leads, rare };
}

function findRareCharacters(encoding: IconvEncoding, odd: ReadonlyMap<number, string>): RareCharacters {
  if (encoding.codec === 'gb18030') return createGb18030Rare(encoding.iconv);
  if (encoding.codec === 'eucjp' || encoding.codec === 'eucjpms')
    return createEucJpRare(() => makeCodes(encoding, [0x8f]));
  if (encoding.codec === 'euctw') return createEucTwRare((plane) => makeCodes(encoding, [0x8e, plane]));
  return createPairedRare(odd);
}

/** Code points of the pairs behind a prefix, by `(first & 0x7f) << 8 | second`. */
function makeCodes(encoding: IconvEncoding, prefix: readonly number[]): Int32Array {
  const codes = new Int32Array(0x8000);
  for (let first = 0xa1; first <= 0xfe; first++) {
    for (const [second, character] of decodeRow(encoding, [...prefix, first])) {
      codes[((first & 0x7f) << 8) | second] = character.codePointAt(0) as number;
    }
  }
  return codes;
}

/** The last bytes that make one character of `prefix`, and that character. */
function decodeRow({ codec, iconv }: IconvEncoding, prefix: readonly number[]): [number, string][] {
  const bytes: number[] = [];
  const lasts = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => byte !== SEPARATOR);
  for (const last of lasts) bytes.push(...prefix, last, SEPARATOR);
  const pieces = iconv.decode(Buffer.from(bytes), codec).split('\n');
  return lasts
    .map((last, place): [number, string] => [last, pieces[place] ?? ''])
    .filter(([, character]) => character !== '' && !character.startsWith(REPLACEMENT));
}
