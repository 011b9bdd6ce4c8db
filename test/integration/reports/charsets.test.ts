import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { openCIconv } from '../../../src/transcode/c-iconv.ts';
import { loadCLibrary } from '../../../src/transcode/c-library.ts';
import { createByteDecoder } from '../../../src/transcode/create-byte-decoder.ts';
import { encodeText } from '../../../src/transcode/encode-text.ts';
import { type Encoding, resolveEncoding } from '../../../src/transcode/encoding.ts';

/** What reads like these is the same character: tables differ in which of them they have. */
const SAME = ['〜～', '‖∥', '−－', '¢￠', '£￡', '¬￢', '¦￤', '—―', '·・'];

/**
 * Ours, the C library's, and the codes that differ, since we read as WHATWG does: GB18030's last private codes as such, kana
 * in Big5, where the C library has private codes; no postal code mark in EUC-KR.
 */
const CHARSETS = [
  ['euckr', 'EUC-KR', /^a2e8$/],
  ['gb2312', 'GB2312', /^$/],
  ['gbk', 'GBK', /^$/],
  ['gb18030', 'GB18030', /^(a3a0|fe5[123]|fe6c|fe76|fe91)$/],
  ['big5', 'BIG5', /^(c[678]|f9fe)/],
  ['shiftjis', 'SJIS', /^$/],
  ['eucjp', 'EUC-JP', /^$/],
  ['eucjpms', 'EUC-JP-MS', /^$/],
  ['cp932', 'CP932', /^f9/],
  ['cp949', 'CP949', /^$/],
  ['johab', 'JOHAB', /^$/],
  ['euctw', 'EUC-TW', /^$/],
] as const;

/** What every program on Linux uses; where the whole of the tests is run, it must be there. */
const hasIconv = process.env['CI'] !== undefined || spawnSync('iconv', ['--version']).status === 0;

/** All pairs of bytes that may be a character, and the longer ones of some. */
function listCodes(name: string): Buffer[] {
  const bytes = Array.from({ length: 0x7f }, (_, step) => 0x80 + step);
  const seconds = Array.from({ length: 0xff - 0x30 }, (_, step) => 0x30 + step);
  const pairs = bytes.flatMap((first) => seconds.map((second) => Buffer.of(first, second)));
  const highPairs = pairs.filter((pair) => pair.every((byte) => byte > 0xa0));
  const prefixes: Readonly<Record<string, readonly number[][]>> = {
    eucjp: [[0x8f]],
    eucjpms: [[0x8f]],
    euctw: [
      [0x8e, 0xa1],
      [0x8e, 0xa2],
      [0x8e, 0xa3],
      [0x8e, 0xaf],
    ],
  };
  const longer = (prefixes[name] ?? []).flatMap((prefix) =>
    highPairs.map((pair) => Buffer.concat([Buffer.from(prefix), pair])),
  );
  return [...pairs, ...longer];
}

/** Twice, since the C library may take one for the rest of an invalid character. */
const SEPARATOR = Buffer.from('\n\n');

const joinLines = (codes: readonly Uint8Array[]): Buffer =>
  Buffer.concat(codes.flatMap((code) => [code, SEPARATOR]));

/** What the C library makes of each code, with U+FFFD in what is invalid. */
async function readByC(codes: readonly Buffer[], charset: string): Promise<string[]> {
  const library = await loadCLibrary();
  const codec = library && openCIconv(library, charset);
  if (!codec) throw new Error(`the C library lacks ${charset}`);
  return codec.decode(joinLines(codes), charset).split(/\n+/).slice(0, codes.length);
}

function readByUs(codes: readonly Buffer[], encoding: Encoding): string[] {
  const decoder = createByteDecoder(encoding);
  const text = Buffer.concat([decoder.write(joinLines(codes)), decoder.end()]).toString();
  return text.split(/\n+/).slice(0, codes.length);
}

const isCharacter = (text: string | undefined): text is string =>
  text !== undefined && /^[^\0-\x7F\uFFFD]$/u.test(text);

const isSame = (a: string, b: string): boolean =>
  a === b || SAME.some((set) => set.includes(a) && set.includes(b));

describe.skipIf(!hasIconv).each(CHARSETS)('the charset %s', (name, charset, exceptions) => {
  it('is read as the C library reads it', { timeout: 60_000 }, async () => {
    const encoding = await resolveEncoding(name);
    const codes = listCodes(name);
    const theirs = await readByC(codes, charset);
    const ours = readByUs(codes, encoding);
    expect(theirs.filter(isCharacter).length).toBeGreaterThan(6000);
    const differing = codes.flatMap((code, place) => {
      const their = theirs[place];
      const hex = code.toString('hex');
      if (!isCharacter(their) || exceptions.test(hex)) return [];
      const our = ours[place] ?? '';
      return isSame(our, their) ? [] : [`${hex}: ${our}, not ${their}`];
    });
    expect(differing).toEqual([]);
  });

  it('is written with no code that the C library lacks', { timeout: 60_000 }, async () => {
    const encoding = await resolveEncoding(name);
    const written = new Set<string>();
    for (const character of new Set(readByUs(listCodes(name), encoding))) {
      if (!isCharacter(character)) continue;
      try {
        written.add(Buffer.from(encodeText(character, encoding, 'it')).toString('hex'));
      } catch {
        // It is read, and not written
      }
    }
    const codes = [...written]
      .filter((code) => !exceptions.test(code))
      .map((code) => Buffer.from(code, 'hex'));
    expect(codes.length).toBeGreaterThan(6000);
    const input = joinLines(codes);
    const { status, stderr } = spawnSync('iconv', ['-f', charset, '-t', 'UTF-8'], {
      input,
      maxBuffer: 1 << 26,
    });
    expect([status, stderr.toString()]).toEqual([0, '']);
  });
});
