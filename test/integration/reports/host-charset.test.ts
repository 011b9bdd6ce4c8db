import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/index.ts';
import { startDaemon } from '../../fixtures/daemon.ts';
import { canMakeLocales, makeLocale } from '../../fixtures/locales.ts';

const NO_LOCALE = { LANG: undefined, LC_ALL: undefined, LC_CTYPE: undefined, LANGUAGE: '' };

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-locales-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a locale that is not installed', () => {
  it.each([
    [{ LC_ALL: 'ja_JP.SJIS' }, 1],
    [{ LANG: 'zh_TW.EUC-TW' }, 1],
    [{ LC_CTYPE: 'UTF-8' }, 0],
    [{ LANG: 'C.UTF-8', LC_TIME: 'xx_XX' }, 1],
  ])('is replaced by C.UTF-8, with a warning where it was meant: %j', async (environment, warnings) => {
    await using daemon = await startDaemon({ env: { ...NO_LOCALE, ...environment, LOCPATH: folder } });
    await using host = await connect(daemon.address);
    const { stdout, stderr, encoding } = await host.run('bash', ['-c', 'locale charmap; printf "\\u80b2"']);
    expect([stdout, stderr]).toEqual(['UTF-8\n育', '']);
    expect(encoding.stdout).toEqual({ name: 'utf8', source: 'host', replaced: 0 });
    expect(daemon.log().split('is not installed').length - 1).toBe(warnings);
  });
});

describe.skipIf(!canMakeLocales)('the charset of a locale', () => {
  it.each([
    ['zh_TW', 'EUC-TW', 'euctw', '檔案 測試'],
    ['ru_RU', 'KOI8-R', 'koi8r', 'файл'],
    ['zh_TW', 'BIG5', 'big5', '功育'],
  ])('is asked of the C library, whatever the name says: %s with %s', { timeout: 90_000 }, async (...row) => {
    const [locale, charmap, name, text] = row;
    makeLocale(join(folder, charmap), locale, charmap);
    await using daemon = await startDaemon({
      env: { ...NO_LOCALE, LOCPATH: join(folder, charmap), LC_ALL: locale },
    });
    await using host = await connect(daemon.address);
    const { stdout, encoding } = await host.run('printf', ['%s', text]);
    expect([stdout, encoding.stdout]).toEqual([text, { name, source: 'host', replaced: 0 }]);
  });
});
