import { RexaError } from '../../protocol/errors.ts';
import { type Iconv, loadIconv } from './iconv.ts';

/**
 * One encoding, ready for use. `name` is what a receipt shows: one stable name for each, whatever it was called.
 * `codec` is iconv-lite's name of the codec behind it.
 */
export type Encoding =
  | { readonly kind: 'binary'; readonly name: 'binary' }
  | { readonly kind: 'utf8'; readonly name: 'utf8' }
  | ({ readonly kind: 'utf16' | 'utf32'; readonly byteOrder: ByteOrder } & IconvEncoding)
  | ({ readonly kind: 'single' | 'double' | 'other' } & IconvEncoding);

/** `told`: by a byte order mark, or failing that by the first characters. */
export type ByteOrder = 'little' | 'big' | 'told';

/** What every encoding has that iconv-lite knows and Node does not. */
export interface IconvEncoding {
  readonly name: string;
  readonly codec: string;
  readonly iconv: Iconv;
}

export const UTF8: Encoding = { kind: 'utf8', name: 'utf8' };
const BINARY: Encoding = { kind: 'binary', name: 'binary' };

/** Names of iconv-lite that turn bytes into digits: no text is written in them. */
const NO_CHARACTER_ENCODINGS = ['base64', 'hex'];

/** Names that stay as they are, although iconv-lite has the codec under another one. */
const KEPT_NAMES = ['big5', 'euckr', 'gb2312', 'utf16le'];

const UTF_CODECS: Readonly<Record<string, { kind: 'utf16' | 'utf32'; byteOrder: ByteOrder }>> = {
  ucs2: { kind: 'utf16', byteOrder: 'little' },
  utf16be: { kind: 'utf16', byteOrder: 'big' },
  utf16: { kind: 'utf16', byteOrder: 'told' },
  utf32le: { kind: 'utf32', byteOrder: 'little' },
  utf32be: { kind: 'utf32', byteOrder: 'big' },
  utf32: { kind: 'utf32', byteOrder: 'told' },
};

/**
 * The encoding of a name: any that iconv-lite knows, in any spelling (`GBK`, `Shift_JIS`, `EUC-KR`, `cp437`), and
 * `binary` for bytes as they are (iconv-lite itself means Latin-1 by it). `base64` and `hex` are refused. UTF-7 is
 * allowed, for streams.
 *
 * @throws RexaError ENCODING_UNKNOWN
 */
export async function resolveEncoding(name: string): Promise<Encoding> {
  const plain = toPlainName(name);
  if (plain === 'utf8' || plain === 'unicode11utf8') return UTF8;
  if (plain === 'binary') return BINARY;
  if (NO_CHARACTER_ENCODINGS.includes(plain)) throw new RexaError('ENCODING_UNKNOWN', [name]);
  const iconv = await loadIconv();
  try {
    iconv.getCodec(plain);
  } catch (cause) {
    throw new RexaError('ENCODING_UNKNOWN', [name], { cause });
  }
  return describeCodec(plain, iconv);
}

/** As iconv-lite compares names: lower case, letters and digits alone, without a year at the end. */
function toPlainName(name: string): string {
  return name.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/g, '');
}

function describeCodec(plain: string, iconv: Iconv): Encoding {
  const { codec, type } = findCodec(plain, iconv);
  const name = KEPT_NAMES.includes(plain) ? plain : codec === 'ucs2' ? 'utf16le' : codec;
  const utf = UTF_CODECS[codec];
  if (utf) return { ...utf, name, codec, iconv };
  return { kind: type === '_sbcs' ? 'single' : type === '_dbcs' ? 'double' : 'other', name, codec, iconv };
}

/** Follows iconv-lite's aliases to the name that has a codec, and to the kind of that codec. */
function findCodec(plain: string, iconv: Iconv): { codec: string; type: unknown } {
  let codec = plain;
  let definition = iconv.encodings?.[codec];
  while (typeof definition === 'string') {
    codec = definition;
    definition = iconv.encodings?.[codec];
  }
  const type =
    typeof definition === 'object' && definition !== null && 'type' in definition && definition.type;
  return { codec, type };
}

/**
 * Whether the bytes 0 to 127 are ASCII in this encoding, alone and in any company. Arguments, environment and paths
 * need it: programs and shells look for `/`, `=` and NUL in them. UTF-16, UTF-32 and UTF-7 lack it, and so do a few
 * national forms of ASCII.
 */
export function containsAscii(encoding: Encoding): boolean {
  switch (encoding.kind) {
    case 'binary':
    case 'utf8':
    case 'double':
      return true;
    case 'utf16':
    case 'utf32':
      return false;
    case 'single':
    case 'other': {
      const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
      const { iconv, codec } = encoding;
      return (
        iconv.decode(Buffer.from(ascii), codec) === ascii &&
        Buffer.from(ascii).equals(iconv.encode(ascii, codec))
      );
    }
    default:
      return encoding satisfies never;
  }
}
