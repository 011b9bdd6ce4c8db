import type { ByteDecoder } from './byte-decoder.ts';
import { createUtf16Decoder } from './decode-utf16.ts';
import { createUtf32Decoder } from './decode-utf32.ts';

/** UTF-16 or UTF-32 of a known byte order. */
export function createWideDecoder(kind: 'utf16' | 'utf32', byteOrder: 'little' | 'big'): ByteDecoder {
  return kind === 'utf16' ? createUtf16Decoder(byteOrder) : createUtf32Decoder(byteOrder);
}
