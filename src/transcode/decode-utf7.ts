import { type ByteDecoder, copyBytes, joinBytes, NO_BYTES } from './byte-decoder.ts';
import type { IconvEncoding } from './iconv.ts';
import { createTextWriter } from './text-writer.ts';

const DASH = 0x2d;
/** Eight letters of Base64 are three UTF-16 units: a long shifted part is cut at a multiple of them. */
const MAX_SHIFTED_LETTERS = 8 * 1024;

/**
 * UTF-7, in pieces that end outside of its shifted parts (`+…-`, or `&…-` in the form of IMAP), since iconv-lite's own
 * streaming decoder loses its place where a piece ends inside of one.
 */
export function createUtf7Decoder({ iconv, codec }: IconvEncoding): ByteDecoder {
  const isImap = codec === 'utf7imap';
  const shift = (isImap ? '&' : '+').charCodeAt(0);
  const letters = new Set(
    Buffer.from(`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/${isImap ? ',' : ''}`),
  );
  const writer = createTextWriter();
  /** A shifted part that is still open, from its first byte on. */
  let pending = NO_BYTES;

  const decode = (bytes: Uint8Array): string => iconv.decode(bytes, codec, { stripBOM: false });

  /** Where the shifted part begins that is open at the end; the end itself if none is. */
  function findOpenShift(bytes: Uint8Array): number {
    let opened = bytes.length;
    for (const [at, byte] of bytes.entries()) {
      if (opened < at && letters.has(byte)) continue;
      const isClosing = opened < at && byte === DASH;
      opened = byte === shift && !isClosing ? at : bytes.length;
    }
    return opened;
  }

  /** The beginning of a very long shifted part, closed, and the rest, opened again. */
  function decodeLongShift(): string {
    const end = 1 + MAX_SHIFTED_LETTERS;
    let text = '';
    while (pending.length > end) {
      text += decode(Buffer.concat([pending.subarray(0, end), Buffer.of(DASH)]));
      pending = Buffer.concat([Buffer.of(shift), pending.subarray(end)]);
    }
    return text;
  }

  return {
    write(bytes) {
      const all = joinBytes(pending, bytes);
      const open = findOpenShift(all);
      pending = copyBytes(all.subarray(open));
      return writer.write(decode(all.subarray(0, open)) + decodeLongShift());
    },
    end() {
      const rest = pending;
      pending = NO_BYTES;
      return writer.end(decode(rest));
    },
    pendingBytes: () => pending.length,
    replaced: writer.replaced,
  };
}
