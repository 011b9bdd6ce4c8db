import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RUN_COMMAND } from '../../../src/cli/tables/run.ts';
import { parseWords } from '../../../src/command-line/parse-words.ts';

/** Words that an option parser would do something to, among any others. */
const word = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '-',
    '--',
    '-n',
    '--json',
    '--json=1',
    '--no-json',
    '-c',
    '--env',
    '1e3',
    '0x10',
    '007',
    'true',
  ),
  fc.string().map((text) => `--${text}`),
  fc.string().map((text) => `-${text}`),
);

/** Options with values that are right, as they may stand anywhere before the rest. */
const option = fc.constantFrom(
  ['-n'],
  ['-q'],
  ['-vv'],
  ['--json'],
  ['--timeout', '5'],
  ['--timeout=1h30m'],
  ['--cwd', '/tmp'],
  ['--cwd=--'],
  ['--env', 'A=--'],
  ['--env=B='],
);

/** Once each, since most may not be given twice. */
const options = fc.uniqueArray(option, { maxLength: 4, selector: ([name = '']) => name.replace(/=.*/, '') });

const host = fc.constantFrom('local', 'unix:/tmp/x.sock', 'a b', 'run');

describe('the words of a command', () => {
  it('arrive as they were given behind --, whatever stands before', () => {
    fc.assert(
      fc.property(options, host, fc.array(word), fc.nat(4), (given, name, rest, split) => {
        const before = given.slice(0, split).flat();
        const after = given.slice(split).flat();
        const parsed = parseWords(RUN_COMMAND, [...before, name, ...after, '--', ...rest]);
        expect(parsed.operands).toEqual([name]);
        expect(parsed.rest).toEqual(rest);
      }),
    );
  });

  it('arrive as they were given behind a first word that is no option, without --', () => {
    fc.assert(
      fc.property(options, host, word, fc.array(word), (given, name, file, args) => {
        fc.pre(file === '-' || !file.startsWith('-'));
        const parsed = parseWords(RUN_COMMAND, [...given.flat(), name, file, ...args]);
        expect(parsed.rest).toEqual([file, ...args]);
      }),
    );
  });

  it('never make the parser do anything but give them back or refuse the command line', () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        try {
          const { operands, rest } = parseWords(RUN_COMMAND, words);
          const kept = [...operands, ...(rest ?? [])];
          expect(words.filter((given) => kept.includes(given)).length).toBeGreaterThanOrEqual(
            new Set(kept).size,
          );
          expect(words.slice(words.length - (rest?.length ?? 0))).toEqual(rest ?? []);
        } catch (error) {
          expect(error).toMatchObject({ code: 'USAGE' });
        }
      }),
    );
  });
});
