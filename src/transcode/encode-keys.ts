import type { EncodedInput, InputFilter } from '../process/conduct/filters.ts';
import { RexaError } from '../protocol/errors.ts';
import { createPasteTracker } from '../protocol/paste-tracker.ts';
import { NO_BYTES } from './byte-decoder.ts';
import { describeCharacter, encodeExactly, findUnmappable, type TextEncoding } from './encode-text.ts';
import { createKeySplitter, type KeyPiece } from './split-keys.ts';
import { asBuffer } from './utf8.ts';

const CR = 0x0d;
const LF = 0x0a;
const PASTE_START = '\x1b[200~';
const PASTE_END = '\x1b[201~';

/**
 * Creates the encoder of what a person types. Bytes that are no text, such as the reports of a mouse, pass as they are. A
 * character that the encoding lacks is not sent, and neither is what came with it, from the begin of its line on: no line
 * is run with a hole in it. A bracketed paste is left out up to its end.
 */
export function createKeyEncoder(encoding: TextEncoding): InputFilter {
  const splitter = createKeySplitter();
  const pastes = createPasteTracker();
  /** What is left out: nothing, or the rest of a paste, whose begin the program has heard of or not. */
  let dropping: 'nothing' | 'rest-of-paste' | 'whole-paste' = 'nothing';

  function encodeKeys(keys: Uint8Array): EncodedInput {
    const pieces = splitter.split(keys);
    const lacking = findLacking(pieces, encoding);
    if (lacking === null) {
      pastes.take(keys);
      return { bytes: encodePieces(pieces, encoding), refused: null };
    }
    const bytes = Buffer.concat(pieces.map((piece) => piece.bytes));
    const start = findLineStart(bytes, lacking.at);
    pastes.take(bytes.subarray(0, start));
    const sent = encodePieces(cutPieces(pieces, start), encoding);
    const refused = new RexaError('INPUT_REFUSED', [describeCharacter(lacking.character), encoding.name]);
    splitter.flush();
    const dropped = bytes.subarray(lacking.at);
    if (pastes.isOpen) {
      dropping = 'rest-of-paste';
      return { bytes: Buffer.concat([sent, dropPaste(dropped).bytes]), refused };
    }
    pastes.take(dropped);
    dropping = pastes.isOpen ? 'whole-paste' : 'nothing';
    return { bytes: sent, refused };
  }

  /** A program that has heard of the begin of a paste has to hear of its end. */
  function dropPaste(keys: Uint8Array): EncodedInput {
    const behind = pastes.takeToEnd(keys);
    if (pastes.isOpen) return { bytes: NO_BYTES, refused: null };
    const end = dropping === 'rest-of-paste' ? Buffer.from(PASTE_END) : NO_BYTES;
    dropping = 'nothing';
    const { bytes, refused } = encodeKeys(keys.subarray(behind));
    return { bytes: Buffer.concat([end, bytes]), refused };
  }

  return {
    write: (keys) => (dropping === 'nothing' ? encodeKeys(keys) : dropPaste(keys)),
    end: () => ({ bytes: splitter.flush(), refused: null }),
  };
}

interface Lacking {
  readonly character: string;
  /** Its first byte among those of all pieces. */
  readonly at: number;
}

function findLacking(pieces: readonly KeyPiece[], encoding: TextEncoding): Lacking | null {
  let from = 0;
  for (const { kind, bytes } of pieces) {
    const text = kind === 'text' ? asBuffer(bytes).toString() : '';
    if (encodeExactly(text, encoding) === null) {
      const { character, index } = findUnmappable(text, encoding);
      return { character, at: from + Buffer.byteLength(text.slice(0, index)) };
    }
    from += bytes.length;
  }
  return null;
}

/** Where the line begins that a character stands in, or the paste. */
function findLineStart(bytes: Buffer, at: number): number {
  const paste = bytes.lastIndexOf(PASTE_START, at);
  return Math.max(
    bytes.lastIndexOf(CR, at) + 1,
    bytes.lastIndexOf(LF, at) + 1,
    paste === -1 ? 0 : paste + PASTE_START.length,
  );
}

function cutPieces(pieces: readonly KeyPiece[], length: number): readonly KeyPiece[] {
  const kept: KeyPiece[] = [];
  let left = length;
  for (const { kind, bytes } of pieces) {
    if (left > 0) kept.push({ kind, bytes: bytes.subarray(0, left) });
    left -= bytes.length;
  }
  return kept;
}

/** @param pieces of which nothing is lacking */
function encodePieces(pieces: readonly KeyPiece[], encoding: TextEncoding): Uint8Array {
  return Buffer.concat(
    pieces.map(({ kind, bytes }) =>
      kind === 'raw' ? bytes : (encodeExactly(asBuffer(bytes).toString(), encoding) ?? NO_BYTES),
    ),
  );
}
