import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Host } from '../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts';
import { canMakeLocales, makeLocale } from '../fixtures/locales.ts';

/** A locale that is made here, and its charmap; what a file in it may be called. */
const LOCALES = [
  { title: 'zh_CN.GBK', locale: 'zh_CN', charmap: 'GBK', codeset: 'GBK', name: 'gbk', word: '中文 文件誠' },
  {
    title: 'zh_CN.gb18030',
    locale: 'zh_CN',
    charmap: 'GB18030',
    codeset: 'gb18030',
    name: 'gb18030',
    word: '文件 𠀀ü',
  },
  {
    title: 'zh_CN.GB2312',
    locale: 'zh_CN',
    charmap: 'GB2312',
    codeset: 'GB2312',
    name: 'gb2312',
    word: '文件 模',
  },
  { title: 'zh_TW.BIG5', locale: 'zh_TW', charmap: 'BIG5', codeset: 'BIG5', name: 'big5', word: '檔案 功許' },
  {
    title: 'ja_JP.eucJP',
    locale: 'ja_JP',
    charmap: 'EUC-JP',
    codeset: 'eucJP',
    name: 'eucjp',
    word: '日本語 ｶﾞ丂',
  },
  {
    title: 'ja_JP.SJIS',
    locale: 'ja_JP',
    charmap: 'SHIFT_JIS',
    codeset: 'SJIS',
    name: 'shiftjis',
    word: '日本語 ソ能ｶﾞ',
  },
  {
    title: 'ko_KR.eucKR',
    locale: 'ko_KR',
    charmap: 'EUC-KR',
    codeset: 'eucKR',
    name: 'euckr',
    word: '파일 목록',
  },
  {
    title: 'ru_RU.KOI8-R',
    locale: 'ru_RU',
    charmap: 'KOI8-R',
    codeset: 'KOI8-R',
    name: 'koi8r',
    word: 'файл Ё',
  },
  {
    title: 'ru_RU.CP1251',
    locale: 'ru_RU',
    charmap: 'CP1251',
    codeset: 'CP1251',
    name: 'windows1251',
    word: 'файл Ё',
  },
] as const;

/** Making a locale takes half a second, that of GB18030 ten. */
const MAKING_MS = 90_000;

let folder = '';
let locales = '';
const hosts = new Map<string, Host>();
const daemons: TestDaemon[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-locales-'));
  locales = join(folder, 'locales');
  mkdirSync(locales);
});

afterAll(async () => {
  for (const host of hosts.values()) await host.close();
  for (const daemon of daemons) await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly replaced: number;
  readonly name: string;
}

/** A daemon whose host speaks a locale, for all tests of it. */
async function openHost(locale: string): Promise<Host> {
  const known = hosts.get(locale);
  if (known) return known;
  const daemon = await startDaemon({ env: { LOCPATH: locales, LC_ALL: locale, LANGUAGE: '' } });
  const host = await connect(daemon.address);
  daemons.push(daemon);
  hosts.set(locale, host);
  return host;
}

/** Runs a command on a host of that locale, over the wire. */
async function run(
  encoding: string,
  locale: string,
  argv: readonly string[],
  input = '',
  cwd = folder,
): Promise<Ran> {
  const [file = '', ...args] = argv;
  const host = await openHost(locale);
  const result = await host.run(file, args, { encoding, input, cwd, reject: false });
  return {
    stdout: result.stdout,
    stderr: result.stderr,
    replaced: result.encoding.stdout.replaced + result.encoding.stderr.replaced,
    name: result.encoding.stderr.name,
  };
}

/** gettext writes what a codeset lacks in other characters: quotation marks and dots in KOI8-R. */
function replaceMissing(text: string, name: string): string {
  return name === 'koi8r' ? text.replaceAll('«', '<<').replaceAll('»', '>>').replaceAll('…', '...') : text;
}

describe.skipIf(!canMakeLocales).each(LOCALES)(
  'programs in $title',
  ({ locale, charmap, codeset, name, word }) => {
    let encoded = '';
    let utf8 = '';

    beforeAll(() => {
      encoded = makeLocale(locales, locale, charmap, codeset);
      utf8 = makeLocale(locales, locale, 'UTF-8', 'UTF-8');
    }, MAKING_MS);

    it('run in that locale', async () => {
      const { stdout } = await run('host', encoded, ['locale', 'charmap']);
      expect(stdout.trim()).toBe(charmap);
    });

    it.each([
      ['ls', '/nonexistent'],
      ['grep', 'x', '/nonexistent'],
      ['sort', '/nonexistent'],
      ['cat', '/nonexistent', '/'],
      ['cp', 'a'],
      ['ls', '--help'],
      ['date', '-u', '-d', '@86400', '+%A %B %x %c'],
      ['bash', '-c', 'cd /nonexistent; nosuchprogram'],
    ])('say in UTF-8 what they say there: %s', async (...argv) => {
      const there = await run('host', encoded, argv);
      const here = await run('host', utf8, argv);
      expect(there.stdout).toBe(replaceMissing(here.stdout, name));
      expect(there.stderr).toBe(replaceMissing(here.stderr, name));
      expect(there.stdout + there.stderr).not.toBe('');
      expect(there).toMatchObject({ replaced: 0, name });
    });

    it('take arguments, file names and stdin in it', async () => {
      const home = join(folder, encoded);
      mkdirSync(home);
      expect((await run('host', encoded, ['printf', '%s|', word, 'a\n\n'], '', home)).stdout).toBe(
        `${word}|a\n\n|`,
      );
      expect((await run('host', encoded, ['touch', word, 'plain'], '', home)).stderr).toBe('');
      expect((await run('host', encoded, ['ls', '-1', word], '', home)).stdout).toBe(`${word}\n`);
      expect((await run('host', encoded, ['ls'], '', home)).stdout.split('\n')).toContain(word);
      expect((await run('host', encoded, ['grep', '-o', word], `x${word}y\nz\n`, home)).stdout).toBe(
        `${word}\n`,
      );
      expect((await run('host', encoded, ['sort', '-r'], `${word}\na\n`, home)).stdout).toContain(word);
      expect((await run(name, 'C', ['cat'], word, home)).stdout).toBe(word);
      const raw = readdirSync(home, { encoding: 'buffer' }).map((entry) => entry.toString());
      expect(raw).not.toContain(word);
    });

    it('run in a folder named in it', async () => {
      await run('host', encoded, ['mkdir', '-p', `${word}/x`]);
      expect((await run('host', encoded, ['ls'], '', join(folder, word))).stdout).toBe('x\n');
    });
  },
);

describe.skipIf(!canMakeLocales)('a host of UTF-8 with programs in another locale', () => {
  it.each([
    ['zh_CN', 'GBK'],
    ['zh_CN', 'GB2312'],
  ])(
    'tells %s.%s by evidence under auto',
    async (locale, charmap) => {
      const encoded = makeLocale(locales, locale, charmap, charmap);
      const utf8 = makeLocale(locales, locale, 'UTF-8', 'UTF-8');
      const host = await openHost(utf8);
      const argv = ['ls', ['/nonexistent']] as const;
      const there = await host.run(...argv, { env: { LC_ALL: encoded }, encoding: 'auto', reject: false });
      const here = await host.run(...argv, { reject: false });
      expect([there.stderr, here.encoding.stderr.name]).toEqual([here.stderr, 'utf8']);
      expect(there.encoding.stderr).toEqual({ name: 'gb18030', source: 'detected', replaced: 0 });
    },
    MAKING_MS,
  );
});
