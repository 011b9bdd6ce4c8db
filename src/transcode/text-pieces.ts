import { isAscii } from 'node:buffer';
import { countIncompleteTail } from '../protocol/utf8-tail.ts';
import { copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { asBuffer } from './utf8.ts';

/** Cuts a stream of UTF-8 where an encoder can begin anew. What it returns is the caller's until the next call. */
export interface TextPieces {
  /** All that was held and these bytes, but for what may go on in the next ones. */
  add(bytes: Uint8Array): Uint8Array;
  /** What was held at the end of the stream. */
  end(): Uint8Array;
}

/** Big5-HKSCS alone has codes for two characters together: these and U+0304 or U+030C. */
const SEQUENCE_START = /[\u00CA\u00EA]$/;
/** A character with its marks, or Korean letters: what may go on in the next piece. */
const LAST_CHARACTER = /(?:[\u1100-\u11FF]+|[^\p{M}\p{Cc}]\p{M}*)$/u;
/** No character has more parts than that. */
const TAIL_BYTES = 64;

/**
 * Creates the pieces of one stream on its way into an encoding. A character is never cut; one with its marks neither, once the
 * stream has shown that it has characters in parts.
 */
export function createTextPieces(codec: string): TextPieces {
  let held = NO_BYTES;
  let isDecomposed = false;
  return {
    add(bytes) {
      const all = joinBytes(held, bytes);
      const whole = all.subarray(0, all.length - countIncompleteTail(all));
      isDecomposed ||= hasParts(whole);
      const ready = whole.length - countCombinable(whole, codec, isDecomposed);
      held = ready === all.length ? NO_BYTES : copyBytes(all.subarray(ready));
      return all.subarray(0, ready);
    },
    end() {
      const rest = held;
      held = NO_BYTES;
      return rest;
    },
  };
}

/** Whether characters stand there in parts that NFC puts together. */
function hasParts(bytes: Uint8Array): boolean {
  if (isAscii(bytes)) return false;
  const text = asBuffer(bytes).toString();
  return text !== text.normalize('NFC');
}

/**
 * How many bytes at the end of a piece wait for the next one, since a mark there may belong to them.
 * @param isDecomposed whether the stream has characters in parts: of others nothing is held, since their writer may wait
 */
function countCombinable(bytes: Uint8Array, codec: string, isDecomposed: boolean): number {
  if (!isDecomposed && codec !== 'big5hkscs') return 0;
  const tail = asBuffer(bytes.subarray(-TAIL_BYTES)).toString();
  const found = isDecomposed ? LAST_CHARACTER.exec(tail) : SEQUENCE_START.exec(tail);
  return found === null ? 0 : Buffer.byteLength(found[0]);
}
