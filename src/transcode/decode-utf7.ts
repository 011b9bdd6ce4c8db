import { type ByteDecoder, NO_BYTES } from './byte-decoder.ts';
import type { IconvEncoding } from './iconv.ts';
import { REPLACEMENT } from './utf8.ts';

const DASH = 0x2d;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LAST_OF_ALPHABET = 63;
const LETTER_BITS = 6;
const UNIT_BITS = 16;

/** What is read of a shifted part (`+…-`), which holds UTF-16 in Base64. */
interface Shift {
  /** Bytes since the last whole character. */
  held: number;
  hasLetters: boolean;
  /** What is left of the letters behind the last unit. */
  bits: number;
  bitCount: number;
  /** The first half of a surrogate pair; 0: none. */
  lead: number;
}

/**
 * Creates a decoder of UTF-7 (RFC 2152), or of its form in IMAP (RFC 3501), where a shifted part is `&…-`. iconv-lite drops
 * what is not valid without a word: here each such part is U+FFFD, and counted.
 */
export function createUtf7Decoder({ codec }: IconvEncoding): ByteDecoder {
  const isImap = codec === 'utf7imap';
  const shiftCharacter = isImap ? '&' : '+';
  const letters = new Map(Array.from(ALPHABET, (letter, value) => [letter.charCodeAt(0), value]));
  if (isImap) letters.set(','.charCodeAt(0), LAST_OF_ALPHABET);
  let shift: Shift | null = null;
  let text = '';
  let replaced = 0;

  function replace(): void {
    replaced++;
    text += REPLACEMENT;
  }

  function takeUnit(open: Shift, unit: number): void {
    const isTrail = unit >= 0xdc00 && unit <= 0xdfff;
    if (open.lead !== 0 && !isTrail) replace();
    const isLead = unit >= 0xd800 && unit <= 0xdbff;
    if (isTrail && open.lead === 0) replace();
    else if (!isLead) text += isTrail ? String.fromCharCode(open.lead, unit) : String.fromCharCode(unit);
    open.lead = isLead ? unit : 0;
    open.held = isLead ? open.held : 0;
  }

  function takeLetter(open: Shift, value: number): void {
    open.held++;
    open.hasLetters = true;
    open.bits = (open.bits << LETTER_BITS) | value;
    open.bitCount += LETTER_BITS;
    if (open.bitCount < UNIT_BITS) return;
    open.bitCount -= UNIT_BITS;
    const unit = open.bits >>> open.bitCount;
    open.bits &= (1 << open.bitCount) - 1;
    takeUnit(open, unit);
  }

  /** Its last bits are padding: fewer than a letter has, and zero. */
  function closeShift({ hasLetters, bits, bitCount, lead }: Shift, isByDash: boolean): void {
    shift = null;
    if (!hasLetters && isByDash) text += shiftCharacter;
    else if (!hasLetters || lead !== 0 || bits !== 0 || bitCount >= LETTER_BITS) replace();
  }

  function takeByte(byte: number): void {
    if (shift !== null) {
      const value = letters.get(byte);
      if (value !== undefined) return takeLetter(shift, value);
      closeShift(shift, byte === DASH);
      if (byte === DASH) return;
    }
    if (byte === shiftCharacter.charCodeAt(0))
      shift = { held: 1, hasLetters: false, bits: 0, bitCount: 0, lead: 0 };
    else if (byte < 0x80) text += String.fromCharCode(byte);
    else replace();
  }

  function flush(): Uint8Array {
    const ready = text === '' ? NO_BYTES : Buffer.from(text);
    text = '';
    return ready;
  }

  return {
    write(bytes) {
      for (const byte of bytes) takeByte(byte);
      return flush();
    },
    end() {
      if (shift !== null) closeShift(shift, false);
      return flush();
    },
    pendingBytes: () => shift?.held ?? 0,
    replaced: () => replaced,
  };
}
