import type { ByteDecoder } from './byte-decoder.ts';
import { createStatefulDecoder } from './decode-stateful.ts';
import type { IconvEncoder, TextCodec } from './iconv.ts';
import type { ShiftScheme } from './shift-scheme.ts';
import { asBuffer } from './utf8.ts';

const SUBSTITUTE = '?';

/**
 * Returns the codec of a stateful encoding. What is encoded ends in ASCII, and so does each line of it.
 * @param base the codec of the scheme's base, and its name
 * @param createBaseDecoder a new decoder of the base
 */
export function createStatefulCodec(
  scheme: ShiftScheme,
  base: { readonly iconv: TextCodec; readonly codec: string },
  createBaseDecoder: () => ByteDecoder,
): TextCodec {
  function decode(bytes: Uint8Array): string {
    const decoder = createStatefulDecoder(scheme, createBaseDecoder());
    return Buffer.concat([decoder.write(bytes), decoder.end()]).toString();
  }

  function getEncoder(): IconvEncoder {
    let isStarted = false;
    let isShifted = false;

    function shiftTo(shifted: boolean): string {
      if (isShifted === shifted) return '';
      isShifted = shifted;
      return shifted ? scheme.toPairs : scheme.toAscii;
    }

    function encodeCharacter(character: string): string {
      const bytes = base.iconv.encode(character, base.codec);
      const [first = 0, second = 0] = bytes;
      if (bytes.length === 2 && first >= 0xa1 && second >= 0xa1)
        return shiftTo(true) + String.fromCharCode(first & 0x7f, second & 0x7f);
      const plain =
        bytes.length === 1 && first < 0x80 && !isShiftByte(first) ? String.fromCharCode(first) : SUBSTITUTE;
      return shiftTo(false) + (plain === scheme.doubled ? plain + plain : plain);
    }

    return {
      write(text) {
        if (text === '') return Buffer.alloc(0);
        const header = isStarted ? '' : scheme.header;
        isStarted = true;
        return Buffer.from(header + Array.from(text, encodeCharacter).join(''), 'latin1');
      },
      end: () => Buffer.from(shiftTo(false), 'latin1'),
    };
  }

  function encode(text: string): Uint8Array {
    const encoder = getEncoder();
    return Buffer.concat([encoder.write(text), encoder.end() ?? Buffer.alloc(0)]);
  }

  return {
    decode: (bytes) => decode(asBuffer(bytes)),
    encode,
    getDecoder: () => ({ write: decode, end: () => undefined }),
    getEncoder,
  };
}

/** Escape, shift out and shift in would be read as the begin of a sequence. */
function isShiftByte(byte: number): boolean {
  return byte === 0x1b || byte === 0x0e || byte === 0x0f;
}
