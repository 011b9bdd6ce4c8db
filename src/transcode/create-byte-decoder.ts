import { type ByteDecoder, createPassingDecoder } from './byte-decoder.ts';
import { createCesu8Decoder } from './decode-cesu8.ts';
import { createDoubleByteDecoder } from './decode-double.ts';
import { createSingleByteDecoder } from './decode-single.ts';
import { createStatefulDecoder } from './decode-stateful.ts';
import { createToldOrderDecoder } from './decode-told-order.ts';
import { createUtf7Decoder } from './decode-utf7.ts';
import { createUtf8Decoder } from './decode-utf8.ts';
import { createWideDecoder } from './decode-wide.ts';
import { doubleByteTables } from './double-byte-tables.ts';
import type { Encoding } from './encoding.ts';
import { singleByteTable } from './single-byte-table.ts';

/** A decoder of an encoding, for one stream; the tables behind it are made once. */
export function createByteDecoder(encoding: Encoding): ByteDecoder {
  switch (encoding.kind) {
    case 'binary':
      return createPassingDecoder();
    case 'utf8':
      return createUtf8Decoder();
    case 'utf16':
    case 'utf32':
      return encoding.byteOrder === 'told'
        ? createToldOrderDecoder(encoding.kind)
        : createWideDecoder(encoding.kind, encoding.byteOrder);
    case 'single':
      return createSingleByteDecoder(singleByteTable(encoding));
    case 'double':
      return createDoubleByteDecoder(doubleByteTables(encoding));
    case 'stateful':
      return createStatefulDecoder(encoding.scheme, createByteDecoder(encoding.base));
    case 'other':
      return encoding.codec === 'cesu8' ? createCesu8Decoder(encoding) : createUtf7Decoder(encoding);
    default:
      return encoding satisfies never;
  }
}
