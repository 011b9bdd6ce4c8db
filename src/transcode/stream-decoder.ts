import type { OutputFilter } from '../process/conduct/filters.ts';
import { type ByteDecoder, type HoldingDecoder, joinBytes, NO_BYTES } from './byte-decoder.ts';
import type { EncodingChoice } from './choose-encoding.ts';
import { createByteDecoder } from './create-byte-decoder.ts';
import { type CountingDecoder, createCountingDecoder } from './decode-counting.ts';
import { createDetectingDecoder } from './detect.ts';
import type { Encoding } from './encoding.ts';
import { UNDECIDED_MS } from './limits.ts';

/** One output stream of a run on its way to UTF-8, and the receipt of it. No two streams share one. */
export interface StreamDecoder extends OutputFilter {
  /** The encoding that the bytes so far are in. */
  encoding(): Encoding;
}

/**
 * A decoder for one stream.
 *
 * - `host` as UTF-8 and `binary` pass every byte. Of the former those that are no text are counted.
 * - UTF-8 that was asked for by name, or detected, is checked.
 * - The byte order mark of UTF-8, UTF-16 and UTF-32 is left out, unless it was asked for.
 *
 * @param now a clock in milliseconds, for what is held undecided
 */
export function createStreamDecoder(choice: EncodingChoice, now: () => number): StreamDecoder {
  if (choice.mode === 'auto') {
    const detector = createDetectingDecoder([choice.host, ...choice.others], choice.byMark);
    return attachReceipt(detector, detector.encoding, choice, now);
  }
  const { mode, encoding } = choice;
  const passes = mode === 'host' && encoding.kind === 'utf8';
  const decoder = passes ? createCountingDecoder() : createByteDecoder(encoding);
  return attachReceipt(decoder, () => encoding, choice, now);
}

const MARK = Buffer.of(0xef, 0xbb, 0xbf);

/** Whether characters at the start may be a mark of the encoding, and no text. */
function hasMark({ kind }: Encoding): boolean {
  return kind === 'utf8' || kind === 'utf16' || kind === 'utf32';
}

function attachReceipt(
  decoder: ByteDecoder | HoldingDecoder | CountingDecoder,
  encoding: () => Encoding,
  { mode, keepsMark }: Pick<EncodingChoice, 'mode' | 'keepsMark'>,
  now: () => number,
): StreamDecoder {
  const holding = 'settle' in decoder ? decoder : null;
  const source = mode === 'auto' ? 'detected' : mode;
  const counting = 'passed' in decoder ? decoder : null;
  /** Decoders give whole characters, so that the first text has the mark or there is none. */
  let mayBeMark = !keepsMark && counting === null;

  function stripMark(text: Uint8Array): Uint8Array {
    if (!mayBeMark || text.length === 0) return text;
    mayBeMark = false;
    return hasMark(encoding()) && MARK.equals(text.subarray(0, MARK.length))
      ? text.subarray(MARK.length)
      : text;
  }

  let heldSinceMs: number | null = null;

  function restMs(): number | null {
    return heldSinceMs === null ? null : Math.max(0, heldSinceMs + UNDECIDED_MS - now());
  }

  function flush(): Uint8Array {
    heldSinceMs = null;
    return stripMark(holding?.settle() ?? NO_BYTES);
  }

  return {
    write(bytes) {
      const text = stripMark(decoder.write(bytes));
      if (!holding) return text;
      heldSinceMs = holding.heldBytes() === 0 ? null : (heldSinceMs ?? now());
      return restMs() === 0 ? joinBytes(text, flush()) : text;
    },
    end() {
      heldSinceMs = null;
      return stripMark(decoder.end());
    },
    get holdMs() {
      return restMs();
    },
    flush,
    encoding,
    receipt() {
      const passed = counting?.passed() ?? 0;
      const receipt = { name: encoding().name, source, replaced: decoder.replaced() } as const;
      return passed === 0 ? receipt : { ...receipt, passed };
    },
  };
}
