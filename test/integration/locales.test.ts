import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEncoding, inputEncoding } from '../../src/daemon/transcode/choose-encoding.ts';
import { encodeCommand, type NodeCommand, toNodeCommand } from '../../src/daemon/transcode/encode-command.ts';
import { hostEncoding } from '../../src/daemon/transcode/host-encoding.ts';
import { createStreamDecoder } from '../../src/daemon/transcode/stream-decoder.ts';
import { createStreamEncoder } from '../../src/daemon/transcode/stream-encoder.ts';
import { writeTrampoline } from '../../src/daemon/transcode/trampoline.ts';

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

const canMakeLocales = ['/usr/share/i18n/locales/zh_CN', '/usr/share/i18n/charmaps/GBK.gz'].every((path) =>
  existsSync(path),
);

let folder = '';
let locales = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-locales-'));
  locales = join(folder, 'locales');
  mkdirSync(locales);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeLocale(locale: string, charmap: string, codeset: string): string {
  const name = `${locale}.${codeset}`;
  if (existsSync(join(locales, name))) return name;
  // It warns of charmaps without the whole of ASCII, such as Shift_JIS, and ends with 1: hence -c.
  spawnSync('localedef', ['-c', '-i', locale, '-f', charmap, join(locales, name)]);
  return name;
}

/** The environment of a locale, and nothing of the test's own. */
function environmentOf(name: string): Record<string, string> {
  return { PATH: '/usr/bin:/bin', LOCPATH: locales, LC_ALL: name, LANGUAGE: '' };
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly replaced: number;
  readonly name: string;
}

/** Runs a command as the daemon does: encoded on its way in, decoded on its way out. */
async function run(
  option: string,
  locale: string,
  argv: readonly string[],
  input = '',
  cwd = folder,
): Promise<Ran> {
  const [file = '', ...args] = argv;
  const choice = await chooseEncoding(option, hostEncoding({ LC_ALL: locale }, 'linux'));
  const encoded = encodeCommand(
    { file, args, cwd, environment: environmentOf(locale) },
    inputEncoding(choice),
  );
  const command: NodeCommand = toNodeCommand(encoded) ?? writeTrampoline(encoded);
  const encoder = createStreamEncoder(choice);
  const subprocess = await execa(command.file, command.args, {
    cwd: command.cwd,
    env: command.environment,
    extendEnv: false,
    input: Buffer.concat([encoder.write(Buffer.from(input)), encoder.end()]),
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
  });
  const stdout = createStreamDecoder(choice, () => 0);
  const stderr = createStreamDecoder(choice, () => 0);
  const texts = {
    stdout: [...cut(subprocess.stdout)].map((piece) => stdout.write(piece)),
    stderr: [...cut(subprocess.stderr)].map((piece) => stderr.write(piece)),
  };
  return {
    stdout: Buffer.concat([...texts.stdout, stdout.end()]).toString(),
    stderr: Buffer.concat([...texts.stderr, stderr.end()]).toString(),
    replaced: stdout.receipt().replaced + stderr.receipt().replaced,
    name: stderr.receipt().name,
  };
}

/** gettext writes what a codeset lacks in other characters: quotation marks and dots in KOI8-R. */
function replaceMissing(text: string, name: string): string {
  return name === 'koi8r' ? text.replaceAll('«', '<<').replaceAll('»', '>>').replaceAll('…', '...') : text;
}

/** In pieces of seven bytes, so that many characters are cut. */
function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
}

describe.skipIf(!canMakeLocales).each(LOCALES)(
  'programs in $title',
  ({ locale, charmap, codeset, name, word }) => {
    let encoded = '';
    let utf8 = '';

    beforeAll(() => {
      encoded = makeLocale(locale, charmap, codeset);
      utf8 = makeLocale(locale, 'UTF-8', 'UTF-8');
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
      const encoded = makeLocale(locale, charmap, charmap);
      const utf8 = makeLocale(locale, 'UTF-8', 'UTF-8');
      const options = { extendEnv: false, encoding: 'buffer', reject: false } as const;
      const there = await execa('ls', ['/nonexistent'], { ...options, env: environmentOf(encoded) });
      const here = await execa('ls', ['/nonexistent'], { ...options, env: environmentOf(utf8) });
      const decoder = createStreamDecoder(await chooseEncoding('auto', 'utf8'), () => 0);
      expect(Buffer.concat([decoder.write(there.stderr), decoder.end()])).toEqual(Buffer.from(here.stderr));
      expect(decoder.receipt()).toEqual({ name: 'gb18030', source: 'detected', replaced: 0 });
    },
    MAKING_MS,
  );
});
