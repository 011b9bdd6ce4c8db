import type { TextCodec } from './iconv.ts';
import { countReplacements } from './utf8.ts';

/**
 * A character of a multi-byte encoding that is not in the table of pairs, as a number: `code * 8 + consumed bytes`.
 * A code from FIRST_TEXT on is not a code point but the place of a text.
 */
export type Rare = number;
/** More bytes are needed to tell. */
export const RARE_INCOMPLETE = -1;
/** No character begins with these bytes. */
export const RARE_INVALID = -2;
/** The first code that stands for a text of several characters. */
export const FIRST_TEXT = 0x110000;

/** A text that one code stands for, in UTF-8, and how many U+FFFD in it were never written. */
export interface RareText {
  readonly bytes: Uint8Array;
  readonly replaced: number;
}

/** Finds what begins at `at`, where a lead byte and at least one more stand. */
export type FindRare = (bytes: Uint8Array, at: number) => Rare;

/** The longer and odder characters of one encoding. */
export interface RareCharacters {
  readonly texts: RareText[];
  readonly find: FindRare;
  /** Lead bytes that begin no pair, but something longer. */
  readonly leads: readonly number[];
}

function packRare(code: number, consumed: number): Rare {
  return code * 8 + consumed;
}

/** The code of what iconv-lite made of one character's bytes. */
function codeOf(text: string, texts: RareText[]): number {
  const code = text.codePointAt(0) as number;
  if (text.length === (code > 0xffff ? 2 : 1) && text.isWellFormed()) return code;
  const wellFormed = text.toWellFormed();
  texts.push({
    bytes: Buffer.from(wellFormed),
    replaced: countReplacements(wellFormed) - countReplacements(text),
  });
  return FIRST_TEXT + texts.length - 1;
}

/** Pairs that are several characters or beyond the Basic Multilingual Plane, such as 1,700 of Big5-HKSCS. */
export function createPairedRare(pairs: ReadonlyMap<number, string>): RareCharacters {
  const texts: RareText[] = [];
  const codes = new Map([...pairs].map(([pair, text]) => [pair, codeOf(text, texts)]));
  return {
    texts,
    leads: [],
    find(bytes, at) {
      const code = codes.get(((bytes[at] as number) << 8) | (bytes[at + 1] as number));
      return code === undefined ? RARE_INVALID : packRare(code, 2);
    },
  };
}

/** EUC-JP's three bytes of JIS X 0212: 8F and two of A1 to FE. Its 128 KiB are made when the first one is met. */
export function createEucJpRare(makeCodes: () => Int32Array): RareCharacters {
  let codes: Int32Array | undefined;
  return {
    texts: [],
    leads: [0x8f],
    find(bytes, at) {
      const second = bytes[at + 1] as number;
      if (bytes[at] !== 0x8f || second < 0xa1) return RARE_INVALID;
      const third = bytes[at + 2];
      if (third === undefined) return RARE_INCOMPLETE;
      codes ??= makeCodes();
      const code = codes[((second & 0x7f) << 8) | third] as number;
      return code === 0 ? RARE_INVALID : packRare(code, 3);
    },
  };
}

/**
 * EUC-TW's four bytes: 8E, a plane of CNS 11643 (A1 to B0), and two of A1 to FE. The 128 KiB of a plane are made when its
 * first character is met.
 */
export function createEucTwRare(makeCodes: (plane: number) => Int32Array): RareCharacters {
  const planes = new Map<number, Int32Array>();
  return {
    texts: [],
    leads: [0x8e],
    find(bytes, at) {
      const [prefix, plane = 0, third, fourth] = bytes.subarray(at, at + 4);
      if (prefix !== 0x8e || plane < 0xa1 || plane > 0xb0) return RARE_INVALID;
      if (third === undefined) return RARE_INCOMPLETE;
      if (third < 0xa1) return RARE_INVALID;
      if (fourth === undefined) return RARE_INCOMPLETE;
      const codes = planes.get(plane) ?? makeCodes(plane);
      planes.set(plane, codes);
      const code = codes[((third & 0x7f) << 8) | fourth] as number;
      return code === 0 ? RARE_INVALID : packRare(code, 4);
    },
  };
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const isLead = (byte: number): boolean => byte >= 0x81 && byte <= 0xfe;

/** How many four-byte codes have the same first two bytes. */
const PAGE_CODES = 126 * 10;

/**
 * GB18030's four bytes (81-FE, 30-39, 81-FE, 30-39), in pages of 1,260 codes that iconv-lite fills when they are
 * first met: 5 KiB each, 6 MiB if all were.
 */
export function createGb18030Rare(iconv: TextCodec): RareCharacters {
  const texts: RareText[] = [];
  /** By the first two bytes: `(first - 0x81) * 10 + second - 0x30`. */
  const pages: (Int32Array | undefined)[] = Array.from({ length: PAGE_CODES }, () => undefined);
  const outOfRange = new Map<string, number>();

  function findPage(first: number, second: number): Int32Array {
    const place = (first - 0x81) * 10 + second - 0x30;
    const known = pages[place];
    if (known !== undefined) return known;
    const page = makePage(first, second);
    pages[place] = page;
    return page;
  }

  function makePage(first: number, second: number): Int32Array {
    const bytes = Buffer.alloc(4 * PAGE_CODES);
    for (let code = 0; code < PAGE_CODES; code++) {
      bytes.set([first, second, 0x81 + Math.floor(code / 10), 0x30 + (code % 10)], 4 * code);
    }
    const text = iconv.decode(bytes, 'gb18030');
    const page = new Int32Array(PAGE_CODES);
    let at = 0;
    for (let code = 0; code < PAGE_CODES; code++) {
      const isSurrogate = (text.charCodeAt(at) & 0xf800) === 0xd800;
      const character = text.slice(at, at + (isSurrogate ? 2 : 1));
      at += character.length;
      page[code] = character.isWellFormed()
        ? (character.codePointAt(0) as number)
        : codeOutOfRange(character);
    }
    return page;
  }

  /** Beyond U+10FFFF iconv-lite writes two surrogates that are no pair: two U+FFFD, one text for all of them. */
  function codeOutOfRange(character: string): number {
    const wellFormed = character.toWellFormed();
    const known = outOfRange.get(wellFormed);
    if (known !== undefined) return known;
    const code = codeOf(character, texts);
    outOfRange.set(wellFormed, code);
    return code;
  }

  return {
    texts,
    leads: [],
    find(bytes, at) {
      const first = bytes[at] as number;
      const second = bytes[at + 1] as number;
      if (!isLead(first) || !isDigit(second)) return RARE_INVALID;
      const third = bytes[at + 2];
      if (third === undefined) return RARE_INCOMPLETE;
      if (!isLead(third)) return RARE_INVALID;
      const fourth = bytes[at + 3];
      if (fourth === undefined) return RARE_INCOMPLETE;
      if (!isDigit(fourth)) return RARE_INVALID;
      return packRare(findPage(first, second)[(third - 0x81) * 10 + fourth - 0x30] as number, 4);
    },
  };
}
