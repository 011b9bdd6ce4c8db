import { isAscii, isUtf8 } from 'node:buffer';
import { type ByteDecoder, copyBytes, type HoldingDecoder, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { createByteDecoder } from './create-byte-decoder.ts';
import { containsAscii, type Encoding } from './encoding.ts';
import { UNDECIDED_BYTES } from './limits.ts';

/** A decoder that finds out the encoding. */
export interface DetectingDecoder extends HoldingDecoder {
  /** The encoding that the evidence so far speaks for. */
  encoding(): Encoding;
}

/** One encoding that a stream may be in, tried on all of its bytes. */
interface Candidate {
  readonly encoding: Encoding;
  decoder: ByteDecoder;
  /** `decoder.replaced()` when it was last asked. */
  counted: number;
  /** What can't be text in this encoding: what it does not map, and control characters. */
  errors: number;
  /** What it makes of the bytes that are held, and how many U+FFFD stand there for what it does not map. */
  held: Uint8Array;
  heldReplaced: number;
}

/** A candidate with this many errors beyond twice the best one's is given up. */
const HOPELESS_ERRORS = 8;
/** A line with so many characters of several bytes, all of them valid, is UTF-8. */
const TELLING_CHARACTERS = 2;
const NEWLINE = 0x0a;
/** No decoder waits with more bytes for the rest of a character. */
const MAX_PENDING_BYTES = 3;

/**
 * Finds out which of some encodings a stream is in; the first, the host's, is preferred. Each is tried on the same
 * bytes, and the one with the fewest errors is given out. Until then nothing is: but ASCII passes at once, and
 * decides nothing. Bytes that are valid in several encodings are held for more evidence, at most 4 KiB and until
 * `settle()`, then they are the host's. A whole line that is valid UTF-8, with two characters of several bytes or more, is
 * UTF-8: other encodings are not so by chance. Later evidence still turns the stream to another encoding, until the others
 * have so many errors that they are given up.
 *
 * @param byMark what a byte order mark at the very start decides for, whatever the host's is
 */
export function createDetectingDecoder(
  encodings: readonly [Encoding, ...Encoding[]],
  byMark: readonly ByMark[],
): DetectingDecoder {
  const passesAscii = encodings.every(containsAscii);
  let candidates = encodings.map(openCandidate);
  let best = candidates[0] as Candidate;
  /** The first bytes, as long as they may become a byte order mark. */
  let start: Uint8Array | null = NO_BYTES;
  /** The latest bytes: among them those that wait for the rest of their character. */
  let latest = NO_BYTES;
  let held = 0;
  /** What came of the current line. */
  let line = NO_BYTES;
  /** It was longer than what is held, and is not looked at. */
  let isLineCut = false;
  /** All that was given out undecided. Beyond the limit nothing is held any more. */
  let undecided = 0;
  let replaced = 0;

  /** What to take of a stream's start: nothing until it is clear whether it has a byte order mark. */
  function takeStart(bytes: Uint8Array, isLast: boolean): Uint8Array {
    const all = joinBytes(start ?? NO_BYTES, bytes);
    start = null;
    const found = byMark.find(({ mark }) => startsWith(all, mark));
    if (found) {
      candidates = [openCandidate(found.encoding)];
      best = candidates[0] as Candidate;
    } else if (!isLast && byMark.some(({ mark }) => startsWith(mark, all))) {
      start = copyBytes(all);
      return NO_BYTES;
    }
    return all;
  }

  function take(bytes: Uint8Array): Uint8Array {
    if (bytes.length === 0) return NO_BYTES;
    if (
      candidates.length === 1 ||
      held > 0 ||
      !passesAscii ||
      candidates.some(({ decoder }) => decoder.pendingBytes() > 0)
    ) {
      return tryAll(bytes);
    }
    if (isAscii(bytes)) return bytes;
    let ascii = 0;
    while ((bytes[ascii] as number) < 0x80) ascii++;
    return joinBytes(bytes.subarray(0, ascii), tryAll(bytes.subarray(ascii)));
  }

  function tryAll(bytes: Uint8Array): Uint8Array {
    for (const candidate of candidates) feed(candidate, candidate.decoder.write(bytes));
    held += bytes.length;
    latest = copyBytes(joinBytes(latest, bytes.subarray(-MAX_PENDING_BYTES)).subarray(-MAX_PENDING_BYTES));
    const isUtf8Line = checkLines(bytes, false);
    decide();
    if (isUtf8Line || isClear()) return giveOut();
    if (undecided + held > UNDECIDED_BYTES) return giveOutUndecided();
    // What is held may be the caller's own bytes.
    for (const candidate of candidates) candidate.held = copyBytes(candidate.held);
    return NO_BYTES;
  }

  /** Whether the lines that end in these bytes speak for UTF-8: then that is preferred to others with as few errors. */
  function checkLines(bytes: Uint8Array, isLast: boolean): boolean {
    const utf8 = candidates.find(({ encoding }) => encoding.kind === 'utf8');
    if (candidates.length === 1 || !utf8) return false;
    const all = joinBytes(line, bytes);
    const end = isLast ? all.length : all.lastIndexOf(NEWLINE) + 1;
    const isWhole = !isLineCut;
    isLineCut = all.length - end > UNDECIDED_BYTES || (isLineCut && end === 0);
    line = isLineCut ? NO_BYTES : copyBytes(all.subarray(end));
    if (!isWhole || utf8.errors > 0 || countUtf8Characters(all.subarray(0, end)) < TELLING_CHARACTERS)
      return false;
    candidates = [utf8, ...candidates.filter((other) => other !== utf8)];
    return true;
  }

  /** Finds the candidate with the fewest errors, the earlier one of equals, and gives up those without hope. */
  function decide(): void {
    best = candidates.reduce((least, next) => (next.errors < least.errors ? next : least));
    candidates = candidates.filter(({ errors }) => errors <= 2 * best.errors + HOPELESS_ERRORS);
  }

  /** Whether nothing that is still likely makes other text of what is held. */
  function isClear(): boolean {
    return candidates.every(
      (other) => other.errors > 2 * best.errors || Buffer.compare(other.held, best.held) === 0,
    );
  }

  function giveOutUndecided(): Uint8Array {
    undecided += held;
    return giveOut();
  }

  function giveOut(): Uint8Array {
    const text = best.held;
    replaced += best.heldReplaced;
    held = 0;
    const pending = latest.subarray(latest.length - best.decoder.pendingBytes());
    for (const candidate of candidates) {
      candidate.held = NO_BYTES;
      candidate.heldReplaced = 0;
      // What was given out is settled: another candidate can only go on where that ends.
      if (candidate.decoder.pendingBytes() !== pending.length) restart(candidate, pending);
    }
    return text;
  }

  return {
    write: (bytes) => take(start ? takeStart(bytes, false) : bytes),
    // What may become a byte order mark is held on: time decides nothing of that
    settle: () => (held > 0 ? giveOutUndecided() : NO_BYTES),
    end() {
      const text = start ? take(takeStart(NO_BYTES, true)) : NO_BYTES;
      if (held > 0) checkLines(NO_BYTES, true);
      for (const candidate of candidates) feed(candidate, candidate.decoder.end());
      decide();
      return joinBytes(text, giveOut());
    },
    encoding: () => best.encoding,
    heldBytes: () => held,
    pendingBytes: () => best.decoder.pendingBytes(),
    replaced: () => replaced,
  };
}

/** A byte order mark and what it decides for. */
export interface ByMark {
  readonly mark: Uint8Array;
  readonly encoding: Encoding;
}

/** How many characters of several bytes there are; 0 where the bytes are not UTF-8. */
function countUtf8Characters(bytes: Uint8Array): number {
  if (!isUtf8(bytes)) return 0;
  let count = 0;
  for (const byte of bytes) if (byte >= 0xc0) count++;
  return count;
}

function openCandidate(encoding: Encoding): Candidate {
  const decoder = createByteDecoder(encoding);
  return { encoding, decoder, counted: 0, errors: 0, held: NO_BYTES, heldReplaced: 0 };
}

function feed(candidate: Candidate, text: Uint8Array): void {
  const replaced = candidate.decoder.replaced() - candidate.counted;
  candidate.counted += replaced;
  candidate.errors += replaced + (candidate.encoding.kind === 'single' ? countControls(text) : 0);
  candidate.held = joinBytes(candidate.held, text);
  candidate.heldReplaced += replaced;
}

function restart(candidate: Candidate, pending: Uint8Array): void {
  candidate.decoder = createByteDecoder(candidate.encoding);
  candidate.counted = 0;
  feed(candidate, candidate.decoder.write(pending));
}

/**
 * Control characters of the C1 set (C2 80 to C2 9F). No text has them, but the code pages that map every byte, such
 * as ISO 8859, make them of other encodings' bytes.
 */
function countControls(text: Uint8Array): number {
  let count = 0;
  for (let at = text.indexOf(0xc2); at !== -1; at = text.indexOf(0xc2, at + 2)) {
    if ((text[at + 1] as number) < 0xa0) count++;
  }
  return count;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length >= prefix.length && prefix.every((byte, at) => bytes[at] === byte);
}
