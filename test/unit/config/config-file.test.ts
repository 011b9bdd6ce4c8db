import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfigFile } from '../../../src/config/config-file.ts';
import { expectType, strictMap } from '../../../src/config/strict-map.ts';
import { RexaError } from '../../../src/protocol/errors.ts';

const schema = strictMap({
  name: v.optional(v.string(expectType('text'))),
  inner: v.optional(
    strictMap({
      count: v.number(expectType('a number')),
      words: v.optional(v.array(v.string(expectType('text')))),
    }),
  ),
});

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-config-'));
  file = join(folder, 'config.yaml');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What is said of a file, without its path. */
async function problemOf(text: string | Uint8Array): Promise<string> {
  writeFileSync(file, text, { mode: 0o600 });
  try {
    const value = await readConfigFile(file, { schema });
    return `taken: ${JSON.stringify(value)}`;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    return `${error.code} ${error.message.replaceAll(file, 'FILE')}`;
  }
}

describe('a configuration', () => {
  it.each([
    ['', '{}'],
    ['# nothing\n', '{}'],
    ['name: a\n', '{"name":"a"}'],
    ['\ufeffname: 文\n', '{"name":"文"}'],
    ['inner: {count: 1, words: [a, b]}\n', '{"inner":{"count":1,"words":["a","b"]}}'],
    ['name: &n b\ninner: {count: 1, words: [*n]}\n', '{"name":"b","inner":{"count":1,"words":["b"]}}'],
  ])('of %j is read', async (text, value) => {
    expect(await problemOf(text)).toBe(`taken: ${value}`);
  });

  it.each([
    ['a misspelt key', 'name: a\nname2: b\n', 'FILE:2:1: unknown setting name2; did you mean name?'],
    ['a key unlike any other', 'xyzzy: b\n', 'FILE:1:1: unknown setting xyzzy; valid settings: name, inner'],
    [
      'a misspelt key further in',
      'inner:\n  count: 1\n  word: []\n',
      'FILE:3:3: unknown setting word; did you mean words?',
    ],
    ['a value of another type', 'name:\n  - a\n', 'FILE:2:3: expected text, not a list'],
    [
      'a number where text belongs',
      'inner:\n  count: 1\n  words: [a, 2]\n',
      'FILE:3:14: expected text, not 2',
    ],
    ['a key that is missing', 'name: a\ninner:\n  words: []\n', 'FILE:3:3: count is missing'],
    ['a key without its value', 'inner:\n', 'FILE:1:7: expected a map, not nothing'],
    ['a list for a map', '- a\n', 'FILE:1:1: expected a map, not a list'],
    ['a list for a map further in', 'inner:\n  - a\n', 'FILE:2:3: expected a map, not a list'],
    ['a key twice', 'name: a\nname: b\n', 'FILE:2:1: Map keys must be unique'],
    ['a quote that is never closed', 'name: "a\n', 'FILE:2:1: Missing closing "quote'],
    ['two documents', 'name: a\n---\nname: b\n', 'FILE:2:1: Source contains multiple documents'],
    ['an unknown tag', 'name: !secret a\n', 'FILE:1:7: Unresolved tag: !secret'],
    ['an alias to nothing', 'name: *other\n', 'FILE:1:7: nothing is called &other before this'],
    [
      'an alias with a wrong value',
      'name: &n [a]\ninner: {count: *n}\n',
      'FILE:1:10: expected text, not a list',
    ],
    ['a tab as indentation', 'inner:\n\tcount: 1\n', 'FILE:2:1: Tabs are not allowed as indentation'],
    ['the first of two problems', 'name2: a\nname3: b\n', 'FILE:1:1: unknown setting name2'],
    ['a key of the prototype', '__proto__: {name: a}\n', 'FILE:1:1: unknown setting __proto__'],
  ])('with %s is refused at its place', async (_what, text, message) => {
    expect(await problemOf(text)).toContain(`CONFIG_INVALID ${message}`);
  });

  it('that is not UTF-8 is refused at the line', async () => {
    expect(await problemOf(Buffer.from([0x61, 0x3a, 0x20, 0x62, 0x0a, 0xff, 0x0a]))).toBe(
      'CONFIG_INVALID FILE:2:1: this is not UTF-8',
    );
  });

  it('shows what would steer a terminal, and does not send it', async () => {
    expect(await problemOf('"\\e[2J": a\n')).toContain('unknown setting \\x1b[2J');
  });

  it('that multiplies itself by aliases is refused', async () => {
    const bomb = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [one, two] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg']) {
      bomb.push(`${two}: &${two} [${`*${one},`.repeat(9)}]`);
    }
    expect(await problemOf(bomb.join('\n'))).toMatch(/^CONFIG_INVALID FILE:1:1: Excessive alias count/);
  });

  it('that is nested without end is refused', async () => {
    expect(await problemOf('['.repeat(20_000))).toMatch(/^CONFIG_INVALID FILE:1:/);
  });

  it('of more than a mebibyte is refused', async () => {
    expect(await problemOf(`#${' '.repeat(1024 * 1024)}`)).toMatch(/^AUTH_FILE_TOO_LARGE/);
  });

  it('that is not there is null', async () => {
    expect(await readConfigFile(file, { schema })).toBeNull();
  });

  it.each([
    ['the file', () => file, 0o666],
    ['its folder', () => folder, 0o777],
  ])('is refused where others may write %s, with the command that mends it', async (_what, which, mode) => {
    writeFileSync(file, 'name: a\n');
    chmodSync(which(), mode);
    await expect(readConfigFile(file, { schema })).rejects.toMatchObject({
      code: 'AUTH_FILE_UNSAFE',
      message: expect.stringContaining(`chmod go-w ${which()}`) as string,
    });
  });

  it('is checked for what its shape does not show', async () => {
    writeFileSync(file, 'name: a\ninner:\n  count: 7\n');
    const check = () => [{ path: ['inner', 'count'], what: 'value' as const, reason: 'too many' }];
    await expect(readConfigFile(file, { schema, check })).rejects.toThrow(`${file}:3:10: too many`);
  });
});
