import { constants } from 'node:os';
import type { CLibrary } from './c-library.ts';
import type { TextCodec } from './iconv.ts';
import { asBuffer, REPLACEMENT } from './utf8.ts';

/** Room for one conversion of a part of the input; more is asked for again. */
const OUTPUT_BYTES = 16 * 1024;
const INVALID_DESCRIPTOR = 0xffff_ffff_ffff_ffffn;
const SUBSTITUTE = '?';

type Calls = ReturnType<typeof bindCalls>;

/** iconv(3). The sizes and pointers that it advances stand in one array of 64-bit words. */
function bindCalls({ koffi, library }: CLibrary) {
  const pointer = koffi.pointer('uint64_t');
  return {
    koffi,
    open: library.func('iconv_open', 'uint64_t', ['str', 'str']),
    convert: library.func('iconv', 'int64_t', ['uint64_t', pointer, pointer, pointer, pointer]),
    close: library.func('iconv_close', 'int', ['uint64_t']),
  };
}

/**
 * Returns a codec of the C library's iconv(3) with the interface of iconv-lite: for charsets that iconv-lite lacks. Each
 * conversion is whole, so that no descriptor is left open.
 * @param charset the C library's name of it
 * @param backslash what the C library reads for 5C; it is read as a backslash, which shells and programs take it for
 * @returns null when the C library lacks iconv or this charset
 */
export function openCIconv(library: CLibrary, charset: string, backslash = '\\'): TextCodec | null {
  const bound = tryBind(library);
  if (bound === null || !knows(bound, charset)) return null;

  const decode = (bytes: Uint8Array): string => {
    const invalid = { skip: 1, text: REPLACEMENT };
    const text = convert(bound, 'UTF-8', charset, asBuffer(bytes), () => invalid).toString();
    return backslash === '\\' ? text : text.replaceAll(backslash, '\\');
  };

  const encode = (text: string): Uint8Array =>
    convert(bound, charset, 'UTF-8', Buffer.from(text), ([first = 0]) =>
      first < 0x80
        ? { skip: 1, text: String.fromCharCode(first) }
        : { skip: utf8Length(first), text: SUBSTITUTE },
    );

  return {
    decode,
    encode,
    getDecoder: () => ({ write: decode, end: () => undefined }),
    getEncoder: () => ({ write: encode, end: () => undefined }),
  };
}

/** Whether the C library's iconv knows a charset of this name. */
export function hasCharset(library: CLibrary, charset: string): boolean {
  const bound = tryBind(library);
  return bound !== null && knows(bound, charset);
}

function tryBind(library: CLibrary): Calls | null {
  try {
    return bindCalls(library);
  } catch {
    return null;
  }
}

function knows({ open, close }: Calls, charset: string): boolean {
  const descriptor = BigInt(open('UTF-8', charset) as bigint | number);
  if (descriptor === INVALID_DESCRIPTOR) return false;
  close(descriptor);
  return true;
}

/** What stands in the place of input that can't be converted, and how much of that is passed over. */
type Substitute = (rest: Uint8Array) => { readonly skip: number; readonly text: string };

function convert(calls: Calls, to: string, from: string, input: Buffer, substitute: Substitute): Buffer {
  const { koffi, open, convert: iconv, close } = calls;
  const descriptor = BigInt(open(to, from) as bigint | number);
  const output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  const pieces: Buffer[] = [];
  const outputAddress = addressOf(koffi, output);
  const inputAddress = addressOf(koffi, input);
  const words = new BigUint64Array(4);
  const [inAt, inLeft, outAt, outLeft] = [0, 1, 2, 3].map((place) => words.subarray(place, place + 1));
  words[0] = inputAddress;
  words[1] = BigInt(input.length);
  try {
    while (words[1] > 0n) {
      words[2] = outputAddress;
      words[3] = BigInt(OUTPUT_BYTES);
      const failed = Number(iconv(descriptor, inAt, inLeft, outAt, outLeft)) === -1;
      const errno = failed ? koffi.errno() : 0;
      pieces.push(Buffer.from(output.subarray(0, OUTPUT_BYTES - Number(words[3]))));
      if (!failed || errno === constants.errno.E2BIG) continue;
      const { skip, text } = substitute(input.subarray(input.length - Number(words[1])));
      const skipped = BigInt(Math.min(skip, Number(words[1])));
      words[0] += skipped;
      words[1] -= skipped;
      pieces.push(Buffer.from(text));
    }
    return Buffer.concat(pieces);
  } finally {
    close(descriptor);
  }
}

function addressOf(koffi: Calls['koffi'], buffer: Buffer): bigint {
  return buffer.length === 0 ? 0n : koffi.address(buffer);
}

function utf8Length(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}
