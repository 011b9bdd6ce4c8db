import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { recoverEnvironment, recoverWords } from '../../../src/command-line/own-bytes.ts';
import { writeByteText } from '../../../src/protocol/byte-text.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rexa-own-'));
  return () => rmSync(folder, { recursive: true, force: true });
});

/** What a process was given, one string for each byte string. */
function giveStrings(file: 'cmdline' | 'environ', strings: readonly string[]): readonly string[] {
  writeFileSync(join(folder, file), Buffer.from(strings.map((each) => `${each}\0`).join(''), 'latin1'));
  return strings.map((each) => Buffer.from(each, 'latin1').toString());
}

const bytesOf = (text: string): string => Buffer.from(writeByteText(text)).toString('latin1');

describe('the words of our command line', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['bytes of no character', ['node', 'rexa'], ['run', '\xff\xe9', '\xc4\xe3']],
    ['empty ones', ['node', 'rexa'], ['', '\xff', '', '']],
    ['options of node in front', ['node', '--disable-sigusr1', '--max-semi-space-size=2', 'rexa'], ['\xff']],
    ['a launcher whose name is no text', ['/usr/bin/nod\xe9', 'rex\xe9'], ['a', '\xff']],
    ['half characters and long runs', ['node', 'rexa'], ['\xe4\xbd', '\xf0\x9f\x98x', '\x80'.repeat(1000)]],
    ['the character U+FFFD itself', ['node', 'rexa'], ['\xef\xbf\xbd']],
    ['200,000 of them', ['node', 'rexa'], Array.from({ length: 200_000 }, () => '\xff')],
  ])('are the bytes that were given: %s', (_, launcher, words) => {
    const lossy = giveStrings('cmdline', [...launcher, ...words]).slice(launcher.length);
    // Joined: comparing so many words one by one takes seconds
    expect(recoverWords(lossy, folder).map(bytesOf).join('\0')).toBe(words.join('\0'));
  });

  it('are not looked up where all are text', () => {
    expect(recoverWords(['a', '中', ''], '/nowhere')).toEqual(['a', '中', '']);
  });

  it.each([
    ['there is no such file', null],
    ['a title stands there', ['rexad']],
    ['there are other words', ['node', 'rexa', 'a', 'b']],
  ])('are refused with their number where %s', (_, found) => {
    if (found !== null) giveStrings('cmdline', found);
    expect(() => recoverWords(['a', '\ufffd'], folder)).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(/^argument 2 /) as string,
      }) as Error,
    );
  });
});

describe('our environment', () => {
  it('has the bytes that were given, and what was changed since', () => {
    giveStrings('environ', ['A=\xff', 'B=text', 'C=\xe9', 'D=gone\xff', 'no variable', 'E\xff=\xfe']);
    const known = { A: '\ufffd', B: 'text', C: 'changed', 'E\ufffd': '\ufffd', F: 'added' };
    const { variables, isExact } = recoverEnvironment(known, folder);
    expect(isExact).toBe(true);
    const found = Object.entries(variables).map(([name, value]) => `${bytesOf(name)}=${bytesOf(value)}`);
    expect(found.toSorted()).toEqual(['A=\xff', 'B=text', 'C=changed', 'E\xff=\xfe', 'F=added']);
  });

  it('is as Node has it where the system shows none, and that is told', () => {
    expect(recoverEnvironment({ A: '\ufffd' }, '/nowhere')).toEqual({
      variables: { A: '\ufffd' },
      isExact: false,
    });
  });
});
