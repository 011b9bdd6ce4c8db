import { isUtf8 } from 'node:buffer';
import { countIncompleteTail } from '../protocol/utf8-tail.ts';
import { type ByteDecoder, copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import { asBuffer, countReplacements, countWrittenReplacements } from './utf8.ts';

/** A decoder that gives every byte back as it came, and counts what is no UTF-8 in it. */
export interface CountingDecoder extends ByteDecoder {
  /** How many parts were no UTF-8, each as long as one U+FFFD stands for; 0 for what is no text at all. */
  passed(): number;
}

/** No text has it: an archive, an image. */
const NUL = 0;

/** Creates a decoder for what is expected to be UTF-8 and is not changed. */
export function createCountingDecoder(): CountingDecoder {
  let state: 'text' | 'bytes' = 'text';
  let passed = 0;
  let pending = NO_BYTES;

  function look(bytes: Uint8Array): void {
    if (isUtf8(bytes)) return;
    if (bytes.includes(NUL)) {
      state = 'bytes';
      passed = 0;
      return;
    }
    passed += countReplacements(asBuffer(bytes).toString()) - countWrittenReplacements(bytes);
  }

  function take(bytes: Uint8Array): void {
    const all = joinBytes(pending, bytes);
    const whole = all.length - countIncompleteTail(all);
    pending = whole === all.length ? NO_BYTES : copyBytes(all.subarray(whole));
    look(whole === all.length ? all : all.subarray(0, whole));
  }

  return {
    write(bytes) {
      if (state === 'text') take(bytes);
      return bytes;
    },
    end() {
      if (state === 'text') look(pending);
      pending = NO_BYTES;
      return NO_BYTES;
    },
    pendingBytes: () => 0,
    replaced: () => 0,
    passed: () => passed,
  };
}
