import { UNDECIDED_MS } from '../../protocol/limits.ts';
import type { EncodingReceipt } from '../../protocol/outcome.ts';
import {
  type ByteDecoder,
  createPassingDecoder,
  type HoldingDecoder,
  joinBytes,
  NO_BYTES,
} from './byte-decoder.ts';
import type { EncodingChoice } from './choose-encoding.ts';
import { createByteDecoder } from './create-byte-decoder.ts';
import { createDetectingDecoder } from './detect.ts';

/** One output stream of a run on its way to UTF-8, and the receipt of it. No two streams share one. */
export interface StreamDecoder {
  /** What can be said of the bytes so far; the bytes given themselves where nothing has to change. */
  write(bytes: Uint8Array): Uint8Array;
  /** What was held back; an incomplete character is U+FFFD, and counted. */
  end(): Uint8Array;
  /** How many milliseconds what is undecided may still wait; null when nothing is. Then comes `flush()`. */
  readonly holdMs: number | null;
  /** What was undecided, its time being over. */
  flush(): Uint8Array;
  receipt(): EncodingReceipt;
}

/**
 * A decoder for one stream.
 *
 * - `host` as UTF-8 and `binary` pass every byte, and count nothing: what makes text of the bytes does.
 * - UTF-8 that was asked for by name, or detected, is checked.
 * - byte order marks are kept.
 *
 * @param now a clock in milliseconds, for what is held undecided
 */
export function createStreamDecoder(choice: EncodingChoice, now: () => number): StreamDecoder {
  if (choice.mode === 'auto') {
    const detector = createDetectingDecoder([choice.host, ...choice.others], choice.byMark);
    return attachReceipt(detector, () => detector.name(), 'detected', now);
  }
  const { mode, encoding } = choice;
  const passes = mode === 'host' && encoding.kind === 'utf8';
  const decoder = passes ? createPassingDecoder() : createByteDecoder(encoding);
  return attachReceipt(decoder, () => encoding.name, mode, now);
}

function attachReceipt(
  decoder: ByteDecoder | HoldingDecoder,
  name: () => string,
  source: EncodingReceipt['source'],
  now: () => number,
): StreamDecoder {
  const holding = 'settle' in decoder ? decoder : null;
  let heldSinceMs: number | null = null;

  function restMs(): number | null {
    return heldSinceMs === null ? null : Math.max(0, heldSinceMs + UNDECIDED_MS - now());
  }

  function flush(): Uint8Array {
    heldSinceMs = null;
    return holding?.settle() ?? NO_BYTES;
  }

  return {
    write(bytes) {
      const text = decoder.write(bytes);
      if (!holding) return text;
      heldSinceMs = holding.heldBytes() === 0 ? null : (heldSinceMs ?? now());
      return restMs() === 0 ? joinBytes(text, flush()) : text;
    },
    end() {
      heldSinceMs = null;
      return decoder.end();
    },
    get holdMs() {
      return restMs();
    },
    flush,
    receipt: () => ({ name: name(), source, replaced: decoder.replaced() }),
  };
}
