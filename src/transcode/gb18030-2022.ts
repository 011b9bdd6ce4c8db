import type { TextCodec } from './iconv.ts';

/**
 * What GB18030-2022 made characters of: two-byte codes that were in the private use area, as iconv-lite still has them.
 * The C library and WHATWG have these.
 */
const CHARACTERS = new Map(
  [
    ['\uE78D', '\uFE10'],
    ['\uE78E', '\uFE12'],
    ['\uE78F', '\uFE11'],
    ['\uE790', '\uFE13'],
    ['\uE791', '\uFE14'],
    ['\uE792', '\uFE15'],
    ['\uE793', '\uFE16'],
    ['\uE794', '\uFE17'],
    ['\uE795', '\uFE18'],
    ['\uE796', '\uFE19'],
    ['\uE81E', '\u9FB4'],
    ['\uE826', '\u9FB5'],
    ['\uE82B', '\u9FB6'],
    ['\uE82C', '\u9FB7'],
    ['\uE832', '\u9FB8'],
    ['\uE843', '\u9FB9'],
    ['\uE854', '\u9FBA'],
    ['\uE864', '\u9FBB'],
  ].map(([old = '', current = '']) => [old, current]),
);
const OLD = new Map([...CHARACTERS].map(([old, current]) => [current, old]));
const ANY_OLD = anyOf(CHARACTERS.keys());
const ANY_CURRENT = anyOf(OLD.keys());

/** Returns iconv-lite with the GB18030 of 2022. */
export function updateGb18030(iconv: TextCodec): TextCodec {
  const decode = (bytes: Uint8Array, name: string): string =>
    iconv.decode(bytes, name).replace(ANY_OLD, (old) => CHARACTERS.get(old) ?? old);
  const encode = (text: string, name: string): Uint8Array =>
    iconv.encode(
      text.replace(ANY_CURRENT, (current) => OLD.get(current) ?? current),
      name,
    );
  return {
    decode,
    encode,
    getDecoder: (name) => ({ write: (bytes) => decode(bytes, name), end: () => undefined }),
    getEncoder: (name) => ({ write: (text) => encode(text, name), end: () => undefined }),
  };
}

function anyOf(characters: Iterable<string>): RegExp {
  return new RegExp(`[${[...characters].join('')}]`, 'g');
}
