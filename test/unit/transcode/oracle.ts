import iconv from 'iconv-lite';
import type { ByteDecoder } from '../../../src/transcode/byte-decoder.ts';
import { createByteDecoder } from '../../../src/transcode/create-byte-decoder.ts';
import { resolveEncoding } from '../../../src/transcode/encoding.ts';

/** A text and how much of it stands for what could not be mapped. */
export interface Decoded {
  readonly text: string;
  readonly replaced: number;
}

/** Every multi-byte encoding of iconv-lite. */
export const DOUBLE_BYTE = ['gbk', 'gb18030', 'cp936', 'big5', 'cp950', 'shiftjis', 'eucjp', 'euckr'];
export const SINGLE_BYTE = [
  'cp437',
  'cp850',
  'cp866',
  'windows1251',
  'windows1252',
  'iso88591',
  'koi8r',
  'cp864',
];
export const WIDE = ['utf16le', 'utf16be', 'utf-16', 'utf-32le', 'utf-32be', 'utf-32'];

/** U+FFFD as GB18030 really writes it. */
const GB18030_REPLACEMENT = Buffer.of(0x84, 0x31, 0xa4, 0x37);

/** What GB18030 had no characters for before 2022, and iconv-lite has none today. */
const OLD_GB18030 = /[\uE78D-\uE796\uE81E\uE826\uE82B\uE82C\uE832\uE843\uE854\uE864]/g;

function readByWhatwg(old: string): string {
  return new TextDecoder('gb18030').decode(iconv.encode(old, 'gb18030'));
}

/** What iconv-lite makes of the whole at once, in well-formed text; the judge of ours. */
export function decodeByIconv(bytes: Uint8Array, name: string): Decoded {
  const buffer = Buffer.from(bytes);
  const decoded = iconv.decode(buffer, name, { stripBOM: false });
  const text = name === 'gb18030' ? decoded.replaceAll(OLD_GB18030, readByWhatwg) : decoded;
  const wellFormed = text.toWellFormed();
  return { text: wellFormed, replaced: count(wellFormed) - countWritten(buffer, text, name) };
}

/** What ours has to agree with: the count only where the judge can tell it. */
export function judged(theirs: Decoded): Partial<Decoded> {
  return Number.isNaN(theirs.replaced) ? { text: theirs.text } : theirs;
}

/** How often U+FFFD was written in the input itself. */
function countWritten(bytes: Buffer, text: string, name: string): number {
  if (name === 'utf8') return bytes.toString('latin1').split('\xef\xbf\xbd').length - 1;
  if (name === 'gb18030') return bytes.includes(GB18030_REPLACEMENT) ? Number.NaN : 0;
  if (name.startsWith('utf-32')) return countUnits(bytes, name === 'utf-32be');
  return name.startsWith('utf16') || name === 'utf-16' ? count(text) : 0;
}

function countUnits(bytes: Buffer, isBigEndian: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length & ~3);
  const units = Array.from({ length: view.byteLength / 4 }, (_, at) => view.getUint32(4 * at, !isBigEndian));
  return units.filter((unit) => unit === 0xfffd).length;
}

function count(text: string): number {
  return text.split('\uFFFD').length - 1;
}

/** What a new decoder of ours makes of some pieces. Each is overwritten after it was given, as readers do. */
export async function decodeByOurs(pieces: readonly Uint8Array[], name: string): Promise<Decoded> {
  return decodePieces(createByteDecoder(await resolveEncoding(name)), pieces);
}

export function decodePieces(decoder: ByteDecoder, pieces: readonly Uint8Array[]): Decoded {
  const output = pieces.map((piece) => {
    const own = Uint8Array.from(piece);
    const text = Buffer.from(decoder.write(own));
    own.fill(0x21);
    return text;
  });
  const text = Buffer.concat([...output, decoder.end()]).toString();
  return { text, replaced: decoder.replaced() };
}

/** The bytes in pieces that end at these places. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...new Set(places)].filter((place) => place < bytes.length).toSorted((a, b) => a - b);
  return [0, ...ends].map((from, index) => bytes.subarray(from, ends[index] ?? bytes.length));
}
