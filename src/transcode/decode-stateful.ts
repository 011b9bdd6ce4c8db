import { type ByteDecoder, copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import type { CharacterSet, ShiftScheme } from './shift-scheme.ts';

const NEWLINE = 0x0a;
/** No encoding of 8 bits here has a character with it: what is not valid becomes this, and the base decoder counts it. */
const INVALID = 0xff;
const HIGH_BIT = 0x80;

/** What stands in front of a character of a set in the base encoding, and how many bytes it has here. */
const SETS: Readonly<Record<Exclude<CharacterSet, 'ascii'>, { prefix: readonly number[]; size: number }>> = {
  pairs: { prefix: [], size: 2 },
  kana: { prefix: [0x8e], size: 1 },
  supplement: { prefix: [0x8f], size: 2 },
};

/** Where the reading stands. */
type Taken = { readonly bytes: number } | 'incomplete';

/**
 * Creates the decoder of a stateful encoding: its bytes become those of an 8-bit encoding, which that one's decoder reads.
 * @param base a new decoder of the scheme's base
 */
export function createStatefulDecoder(scheme: ShiftScheme, base: ByteDecoder): ByteDecoder {
  const shifts = scheme.shifts.map(([sequence, set]) => ({ sequence: Buffer.from(sequence, 'latin1'), set }));
  const starts = new Set(shifts.map(({ sequence }) => sequence[0]));
  const doubled = scheme.doubled?.charCodeAt(0);
  let set: CharacterSet = 'ascii';
  let pending = NO_BYTES;

  /** Takes what begins at `at`, and puts its bytes of the base encoding behind the others. */
  function take(bytes: Uint8Array, at: number, into: number[], isLast: boolean): Taken {
    const first = bytes[at] as number;
    if (starts.has(first)) {
      const shift = takeShift(bytes.subarray(at), into, isLast);
      if (shift !== null) return shift;
    }
    if (first >= HIGH_BIT) {
      into.push(INVALID);
      return { bytes: 1 };
    }
    if (first === NEWLINE && doubled !== undefined) set = 'ascii';
    // Controls and the space are the same in all sets
    if (set === 'ascii' || first <= 0x20 || first === 0x7f) {
      into.push(first);
      return { bytes: 1 };
    }
    const { prefix, size } = SETS[set];
    const character = bytes.subarray(at, at + size);
    if (character.length < size && !isLast) return 'incomplete';
    if (character.length < size || character.some((byte) => byte <= 0x20 || byte >= 0x7f)) {
      into.push(INVALID);
      return { bytes: 1 };
    }
    into.push(...prefix, ...character.map((byte) => byte | HIGH_BIT));
    return { bytes: size };
  }

  /** Null: no sequence begins here. */
  function takeShift(rest: Uint8Array, into: number[], isLast: boolean): Taken | null {
    if (doubled !== undefined && rest[0] === doubled && rest[1] === doubled && set === 'ascii') {
      into.push(doubled);
      return { bytes: 2 };
    }
    const found = shifts.find(({ sequence }) => startsWith(rest, sequence));
    if (found) {
      set = found.set ?? set;
      return { bytes: found.sequence.length };
    }
    const mayBecome = shifts.some(({ sequence }) => startsWith(sequence, rest));
    if (mayBecome && !isLast) return 'incomplete';
    if (rest[0] === doubled && set !== 'ascii') return null;
    into.push(INVALID);
    return { bytes: 1 };
  }

  function convert(bytes: Uint8Array, isLast: boolean): Uint8Array {
    const all = joinBytes(pending, bytes);
    const into: number[] = [];
    let at = 0;
    while (at < all.length) {
      const taken = take(all, at, into, isLast);
      if (taken === 'incomplete') break;
      at += taken.bytes;
    }
    pending = at === all.length ? NO_BYTES : copyBytes(all.subarray(at));
    return base.write(Buffer.from(into));
  }

  return {
    write: (bytes) => convert(bytes, false),
    end: () => joinBytes(convert(NO_BYTES, true), base.end()),
    pendingBytes: () => pending.length + base.pendingBytes(),
    replaced: base.replaced,
  };
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, at) => bytes[at] === byte);
}
