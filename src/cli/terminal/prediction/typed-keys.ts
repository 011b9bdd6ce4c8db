/** What a key does to a line, as far as that can be foreseen. */
export type TypedKey =
  | { readonly kind: 'character'; readonly text: string; readonly width: number }
  | { readonly kind: 'erase' | 'left' | 'right' }
  /** Enter, control keys, pastes and the like: what comes of them is up to the program. */
  | { readonly kind: 'other' };

/** Splits typed bytes into keys. */
export interface KeySplitter {
  take(bytes: Uint8Array): readonly TypedKey[];
}

/** Nobody types so much at once. */
const MOST_TYPED_CHARACTERS = 32;
const OTHER: TypedKey = { kind: 'other' };
const ESC = '\x1b';
const KEY = new RegExp(String.raw`${ESC}\[M[\s\S]{3}|${ESC}(?:\[[0-?]*[ -/]*[@-~]|O?[\s\S])?|[\s\S]`, 'gu');
const NAMED: Readonly<Record<string, TypedKey>> = {
  '\x7f': { kind: 'erase' },
  '\b': { kind: 'erase' },
  [`${ESC}[C`]: { kind: 'right' },
  [`${ESC}OC`]: { kind: 'right' },
  [`${ESC}[D`]: { kind: 'left' },
  [`${ESC}OD`]: { kind: 'left' },
};
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303e\uac00-\ud7a3\uff01-\uff60\uffe0-\uffe6]$/u;
const NARROW = /^[\p{L}\p{N}\p{P}\p{S} ]$/u;
const ODD =
  /[\p{M}\p{Cf}\p{Extended_Pictographic}\u1100-\u11ff\ufffd\u{10000}-\u{1ffff}\u{e0000}-\u{effff}]/u;
const ASCII = /^[ -~]$/;

/** Returns the columns of a character; null where terminals disagree, and of what is no character. */
export function widthOfCharacter(text: string): number | null {
  if (ASCII.test(text)) return 1;
  if (ODD.test(text)) return null;
  if (WIDE.test(text)) return 2;
  return NARROW.test(text) ? 1 : null;
}

/** The first byte of the characters from U+0300 on: those before are one column wide everywhere. */
const FIRST_WIDE_BYTE = 0xcc;

/** Returns whether terminals disagree how many columns an output takes. */
export function hasDisputedWidth(output: Uint8Array | string): boolean {
  if (typeof output !== 'string' && !output.some((byte) => byte >= FIRST_WIDE_BYTE)) return false;
  return ODD.test(typeof output === 'string' ? output : new TextDecoder().decode(output));
}

/** Creates a splitter for what is typed on one terminal. */
export function createKeySplitter(): KeySplitter {
  const decoder = new TextDecoder();
  let isPasting = false;

  return {
    take(bytes) {
      const text = decoder.decode(bytes, { stream: true });
      if (text.length > MOST_TYPED_CHARACTERS) {
        isPasting = text.lastIndexOf(PASTE_START) > text.lastIndexOf(PASTE_END);
        return [OTHER];
      }
      const keys: TypedKey[] = [];
      for (const [part] of text.matchAll(KEY)) {
        if (part === PASTE_START) isPasting = true;
        keys.push(isPasting ? OTHER : readKey(part));
        if (part === PASTE_END) isPasting = false;
      }
      return keys;
    },
  };
}

function readKey(part: string): TypedKey {
  const named = NAMED[part];
  if (named !== undefined) return named;
  const width = widthOfCharacter(part);
  return width === null ? OTHER : { kind: 'character', text: part, width };
}
