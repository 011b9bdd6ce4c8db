import { findClosestName } from '../command-line/closest-name.ts';
import { ENCODING_MODES, ENCODING_NAMES, type EncodingName } from '../protocol/encoding-names.ts';
import { RexaError } from '../protocol/errors.ts';
import { hasCharset, openCIconv } from './c-iconv.ts';
import { loadCLibrary } from './c-library.ts';
import { createDoubleByteDecoder } from './decode-double.ts';
import { doubleByteTables } from './double-byte-tables.ts';
import { updateGb18030 } from './gb18030-2022.ts';
import { type Iconv, type IconvEncoding, loadIconv, type TextCodec } from './iconv.ts';
import { RESTRICTIONS, restrictCodec } from './restrict-codec.ts';
import { SHIFT_SCHEMES, type ShiftScheme } from './shift-scheme.ts';
import { createStatefulCodec } from './stateful-codec.ts';

/**
 * One encoding, ready for use. `name` is what a receipt shows: one stable name for each, whatever it was called.
 * `codec` is the name of the codec behind it.
 */
export type Encoding =
  | { readonly kind: 'binary'; readonly name: 'binary' }
  | { readonly kind: 'utf8'; readonly name: 'utf8' }
  | ({ readonly kind: 'utf16' | 'utf32'; readonly byteOrder: ByteOrder } & IconvEncoding)
  | ({
      readonly kind: 'stateful';
      readonly scheme: ShiftScheme;
      readonly base: DoubleByteEncoding;
    } & IconvEncoding)
  | DoubleByteEncoding
  | ({ readonly kind: 'single' | 'other' } & IconvEncoding);

export type DoubleByteEncoding = { readonly kind: 'double' } & IconvEncoding;

/** `told`: by a byte order mark, or failing that by the first characters. */
export type ByteOrder = 'little' | 'big' | 'told';

export const UTF8: Encoding = { kind: 'utf8', name: 'utf8' };
export const BINARY: Encoding = { kind: 'binary', name: 'binary' };

/** Names of iconv-lite that turn bytes into digits: no text is written in them. */
const NO_CHARACTER_ENCODINGS = ['base64', 'hex'];

/** Names that stay as they are, although iconv-lite has the codec under another one. */
const KEPT_NAMES = ['big5', 'euckr', 'gb2312', 'utf16le', 'cp932', 'cp51932'];

/** Other names of charsets, which iconv-lite takes for their supersets. */
const EXACT_NAMES: Readonly<Record<string, string>> = {
  gb231280: 'gb2312',
  gb23121980: 'gb2312',
  csgb2312: 'gb2312',
  csiso58gb231280: 'gb2312',
  euccn: 'gb2312',
  cseuckr: 'euckr',
  csksc56011987: 'euckr',
  isoir149: 'euckr',
  korean: 'euckr',
  ksc56011987: 'euckr',
  ksc56011989: 'euckr',
  ksc5601: 'euckr',
  cnbig5: 'big5',
  csbig5: 'big5',
  xxbig5: 'big5',
};

/** What iconv-lite calls otherwise, or lacks: supersets of charsets, under the name of which it has them. */
const ICONV_NAMES: Readonly<Record<string, string>> = { cp51932: 'eucjp' };

/** Charsets that the C library has and iconv-lite lacks: its name, and what it has for 5C. */
const C_CHARSETS: Readonly<Record<string, { charset: string; backslash?: string }>> = {
  euctw: { charset: 'EUC-TW' },
  johab: { charset: 'JOHAB', backslash: '₩' },
  eucjpms: { charset: 'EUC-JP-MS' },
};

const ALIASES = new Map(
  (ENCODING_NAMES as readonly EncodingName[]).flatMap(({ name, aliases = [] }) =>
    aliases.map((alias) => [alias, name] as const),
  ),
);

const UTF_CODECS: Readonly<Record<string, { kind: 'utf16' | 'utf32'; byteOrder: ByteOrder }>> = {
  ucs2: { kind: 'utf16', byteOrder: 'little' },
  utf16be: { kind: 'utf16', byteOrder: 'big' },
  utf16: { kind: 'utf16', byteOrder: 'told' },
  utf32le: { kind: 'utf32', byteOrder: 'little' },
  utf32be: { kind: 'utf32', byteOrder: 'big' },
  utf32: { kind: 'utf32', byteOrder: 'told' },
};

/** Encodings that were looked up, by their plain names. */
const known = new Map<string, Encoding>();

/**
 * The encoding of a name: of ENCODING_NAMES, any other that iconv-lite knows, in any spelling (`GBK`, `Shift_JIS`,
 * `EUC-KR`, `cp437`), and `binary` for bytes as they are (iconv-lite itself means Latin-1 by it). `base64` and `hex` are
 * refused. UTF-7 is allowed, for streams.
 *
 * @throws RexaError ENCODING_UNKNOWN, ENCODING_UNAVAILABLE
 */
export async function resolveEncoding(name: string): Promise<Encoding> {
  const spelled = toPlainName(name);
  const plain = ALIASES.get(spelled) ?? spelled;
  if (plain === 'utf8' || plain === 'unicode11utf8') return UTF8;
  if (plain === 'binary') return BINARY;
  const found = known.get(plain) ?? (await openEncoding(plain, name));
  known.set(plain, found);
  return found;
}

async function openEncoding(plain: string, name: string): Promise<Encoding> {
  const fromC = C_CHARSETS[plain];
  if (fromC && Object.hasOwn(C_CHARSETS, plain)) return openCEncoding(plain, fromC);
  const scheme = SHIFT_SCHEMES.find((one) => one.name === plain);
  if (scheme) return openStateful(scheme);
  const iconv = await loadIconv();
  try {
    if (NO_CHARACTER_ENCODINGS.includes(plain)) throw new Error('no text is written in it');
    iconv.getCodec(ICONV_NAMES[plain] ?? plain);
  } catch (cause) {
    await refuseConvertible(plain, name);
    throw new RexaError('ENCODING_UNKNOWN', [name, suggestName(plain)], { cause });
  }
  return describeCodec(plain, iconv);
}

/** @throws RexaError ENCODING_UNAVAILABLE */
async function openCEncoding(
  name: string,
  { charset, backslash }: { charset: string; backslash?: string },
): Promise<Encoding> {
  const library = await loadCLibrary();
  const iconv = library && openCIconv(library, charset, backslash);
  if (iconv) return { kind: 'double', name, codec: name, iconv };
  throw new RexaError('ENCODING_UNAVAILABLE', [
    name,
    library
      ? "this host's C library lacks it"
      : `it needs koffi, which is not installed; ${adviseIconv(charset)}`,
  ]);
}

/** Charsets that iconv(1) of most hosts knows and nothing here. */
const CONVERTIBLE = ['iso2022cn', 'iso2022cnext', 'iso2022jp2', 'iso2022jp3'];
/** What goes into a command line that is shown. */
const PLAIN_CHARSET = /^[\w.:+-]{1,40}$/;

/** Names iconv(1) for a charset that it can read, and rexa cannot. @throws RexaError ENCODING_UNAVAILABLE */
async function refuseConvertible(plain: string, name: string): Promise<void> {
  if (!PLAIN_CHARSET.test(name) || NO_CHARACTER_ENCODINGS.includes(plain)) return;
  const library = await loadCLibrary();
  if (!CONVERTIBLE.includes(plain) && !(library && hasCharset(library, name))) return;
  throw new RexaError('ENCODING_UNAVAILABLE', [name, `rexa has no table of it; ${adviseIconv(name)}`]);
}

function adviseIconv(charset: string): string {
  return `convert it there: COMMAND | iconv -f ${charset} -t UTF-8`;
}

async function openStateful(scheme: ShiftScheme): Promise<Encoding> {
  const base = (await resolveEncoding(scheme.base)) as DoubleByteEncoding;
  const iconv = createStatefulCodec(scheme, base, () => createDoubleByteDecoder(doubleByteTables(base)));
  return { kind: 'stateful', name: scheme.name, codec: scheme.name, iconv, scheme, base };
}

/** What was probably meant by a name that nobody knows. */
function suggestName(plain: string): string {
  const names = [...ENCODING_MODES, ...ENCODING_NAMES].map(({ name }) => name);
  const closest = findClosestName(plain, [...names, ...ALIASES.keys()]);
  return closest === null ? '' : `; did you mean ${closest}?`;
}

/** As iconv-lite compares names: lower case, letters and digits alone, without a year at the end. */
function toPlainName(name: string): string {
  return name.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/g, '');
}

function describeCodec(plain: string, iconv: Iconv): Encoding {
  const { codec, type } = findCodec(ICONV_NAMES[plain] ?? plain, iconv);
  const name = KEPT_NAMES.includes(plain)
    ? plain
    : (EXACT_NAMES[plain] ?? (codec === 'ucs2' ? 'utf16le' : codec));
  const utf = UTF_CODECS[codec];
  if (utf) return { ...utf, name, codec, iconv };
  if (type === '_dbcs') return { kind: 'double', name, codec, iconv: adaptCodec(name, iconv) };
  return { kind: type === '_sbcs' ? 'single' : 'other', name, codec, iconv };
}

/** iconv-lite, held to the charset that the name stands for. */
function adaptCodec(name: string, iconv: Iconv): TextCodec {
  const restriction = RESTRICTIONS[name];
  if (restriction) return restrictCodec(iconv, restriction);
  return name === 'gb18030' ? updateGb18030(iconv) : iconv;
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
 * need it: programs and shells look for `/`, `=` and NUL in them. UTF-16, UTF-32, UTF-7 and what
 * switches between sets lack it, and so do a few
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
    // Their pairs are ASCII bytes
    case 'stateful':
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
