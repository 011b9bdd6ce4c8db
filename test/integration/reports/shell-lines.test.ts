import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connect, type Host } from '../../../src/client/index.ts';
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts';
import { canMakeLocales, makeLocale } from '../../fixtures/locales.ts';
import { runRexa } from '../../fixtures/run-rexa.ts';

const NO_LOCALE = { LANG: undefined, LC_ALL: undefined, LC_CTYPE: undefined, LANGUAGE: '' };
/** Lines in which a byte of a character is that of syntax, by their encoding. */
const FRAGILE = [
  ['big5', 'echo 育touch pwned'],
  ['big5', 'echo 功"; touch pwned; echo "'],
  ['big5', 'echo 早育touch pwned'],
  ['shift_jis', 'echo ポtouch pwned'],
  ['shift_jis', "echo '表示"],
  ['gbk', 'echo 誠'],
  ['gb18030', 'echo 誠'],
  ['cp949', 'echo 갂'],
  ['johab', 'echo 가 간 갇'],
] as const;

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-lines-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a shell line on a host without a locale', () => {
  let daemon: TestDaemon;
  let host: Host;

  beforeAll(async () => {
    daemon = await startDaemon({ env: NO_LOCALE });
    host = await connect(daemon.address);
  });

  afterAll(async () => {
    await host.close();
    await daemon[Symbol.asyncDispose]();
  });

  it.each(FRAGILE)('gains no syntax from %s: %s', async (encoding, line) => {
    const options = { encoding, cwd: folder, shell: true, reject: false } as const;
    const { outcome, code, stdout } = await host.run(line, options);
    if (code === null) expect([outcome, stdout]).toEqual(['exited', `${line.slice('echo '.length)}\n`]);
    else expect([outcome, code]).toEqual(['not-started', 'LINE_MISREAD']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused with the character that has it', async () => {
    const result = await host.run('echo 育touch', { encoding: 'big5', shell: true, reject: false });
    expect(result.reason).toContain('the command line has 育 (U+80B2), in whose bytes in big5 the shell /');
  });

  it('runs where its characters have none', async () => {
    const { stdout } = await host.run('echo 中文 | cat', { encoding: 'big5', cwd: folder, shell: true });
    expect(stdout).toBe('中文\n');
    const argument = await host.run('printf', ['%s', '育功'], { encoding: 'big5' });
    expect(argument.stdout).toBe('育功');
  });

  it('is refused as a job, too', async () => {
    const words = [
      'run',
      '--id',
      'x',
      '--encoding',
      'big5',
      daemon.address,
      '-c',
      `cd ${folder}; echo 育touch pwned`,
    ];
    const ran = await runRexa(words);
    expect([ran.status, ran.stderr]).toEqual([125, expect.stringContaining('育 (U+80B2)')]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['育touch pwned', '功"; touch pwned; "'])('of the line shell gains none: %s', async (text) => {
    const words = ['shell', '--line', '--encoding', 'big5', daemon.address];
    const ran = await runRexa(words, {
      input: `cd ${folder}\necho 中文\necho ${text}\n`,
    });
    expect(readdirSync(folder)).toEqual([]);
    expect([ran.status, ran.stdout.toString()]).toEqual([125, '中文\n']);
    expect(ran.stderr).toContain(
      `not run: in its locale, the host's shell would read the bytes of ${text.slice(0, 1)} as syntax\n`,
    );
  });
});

describe.skipIf(!canMakeLocales || !existsSync('/bin/bash'))(
  'a shell line in the locale of its charset',
  () => {
    let locales = '';

    beforeAll(() => {
      locales = mkdtempSync(join(tmpdir(), 'rexa-locales-'));
    });

    afterAll(() => rmSync(locales, { recursive: true, force: true }));

    it.each([
      ['zh_TW', 'BIG5', 'BIG5', '育touch 功 早育'],
      ['zh_CN', 'GBK', 'GBK', '誠 乗|'],
      ['ja_JP', 'SHIFT_JIS', 'SJIS', '表示 ポ'],
    ])('is read by its characters: %s.%s', { timeout: 90_000 }, async (locale, charmap, codeset, text) => {
      const name = makeLocale(locales, locale, charmap, codeset);
      await using daemon = await startDaemon({ env: { ...NO_LOCALE, LOCPATH: locales, LC_ALL: name } });
      await using host = await connect(daemon.address);
      const quoted = text.replace('|', '"|"');
      expect((await host.run(`echo ${quoted}`, { shell: true, cwd: folder })).stdout).toBe(`${text}\n`);
      const ran = await runRexa(['shell', '--line', daemon.address], {
        input: `cd ${folder}\necho ${quoted}\nexport LC_ALL=C\necho ${quoted}\n`,
      });
      expect(ran.stdout.toString()).toBe(`${text}\n`);
      // A character of UTF-8, whose last byte the shell takes together with the backslash
      const other = await host.run('echo 育\\|touch pwned', {
        encoding: 'utf8',
        shell: true,
        cwd: folder,
        reject: false,
      });
      if (charmap !== 'SHIFT_JIS') expect(other.code).toBe('LINE_MISREAD');
      const inC = await host.run(`echo ${quoted}`, {
        shell: true,
        cwd: folder,
        env: { LC_ALL: 'C' },
        reject: false,
      });
      expect(inC.code).toBe('LINE_MISREAD');
      expect(readdirSync(folder)).toEqual([]);
    });
  },
);
