import { decodeUtf8 } from './text.ts';

/** A word of a command (a program, an argument, a folder, a variable): text, passed as UTF-8, or bytes. */
export type Word = string | Uint8Array;

/** A word in JSON: text, or bytes in lower-case hexadecimal, so that each word has exactly one form. */
export type WireWord = string | { readonly hex: string };

/** Returns the JSON form of a word. */
export function writeWord(word: Word): WireWord {
  if (typeof word === 'string') return word;
  return { hex: Array.from(word, (byte) => byte.toString(16).padStart(2, '0')).join('') };
}

/** Returns the word for a JSON form that `wireWordSchema` accepts. */
export function readWord(wire: WireWord): Word {
  if (typeof wire === 'string') return wire;
  const { hex } = wire;
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}

/** Returns a word as text for messages. If bytes are not UTF-8, those above ASCII become `\xff` and the like. */
export function describeWord(word: Word): string {
  if (typeof word === 'string') return word;
  try {
    return decodeUtf8(word);
  } catch {
    return Array.from(word, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`,
    ).join('');
  }
}
