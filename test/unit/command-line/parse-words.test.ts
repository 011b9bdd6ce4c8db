import { describe, expect, it } from 'vitest';
import { readDuration } from '../../../src/command-line/duration.ts';
import type { OptionTable } from '../../../src/command-line/option-table.ts';
import { type Grammar, parseWords } from '../../../src/command-line/parse-words.ts';

const text = (word: string): string => word;

const OPTIONS = {
  c: { kind: 'value', placeholder: 'LINE', read: text, verbatim: true, about: '' },
  n: { kind: 'flag', about: '' },
  q: { kind: 'flag', about: '' },
  v: { kind: 'count', about: '' },
  json: { kind: 'flag', about: '' },
  cwd: { kind: 'value', placeholder: 'DIR', read: text, about: '' },
  timeout: { kind: 'value', placeholder: 'DURATION', read: readDuration, letter: 'w', about: '' },
  env: { kind: 'list', placeholder: 'K=V', read: text, about: '' },
  help: { kind: 'flag', letter: 'h', last: true, about: '' },
  t: { kind: 'refused', takesValue: false, because: 'use another one' },
  lifetime: { kind: 'refused', takesValue: true, because: 'use another one' },
} as const satisfies OptionTable;

const RUN: Grammar<typeof OPTIONS> = {
  name: 'rexa run',
  options: OPTIONS,
  operands: ['HOST'],
  takesRest: true,
};
const PING: Grammar<typeof OPTIONS> = { ...RUN, name: 'rexa ping', takesRest: false };

/** The words of a row, separated by spaces; `''` is an empty word. */
const split = (line: string): string[] => line.split(' ').map((word) => (word === "''" ? '' : word));

describe('the light parser', () => {
  it.each([
    ['host ls', ['host'], ['ls']],
    ['host -- ls', ['host'], ['ls']],
    ['host', ['host'], null],
    ['host --', ['host'], []],
    ['--', [], []],
    ['-- host ls -n', ['host'], ['ls', '-n']],
    ['-- host -- ls', ['host'], ['--', 'ls']],
    ['host ls -n --json -- --help', ['host'], ['ls', '-n', '--json', '--', '--help']],
    ['host -- -- ls', ['host'], ['--', 'ls']],
    ['host -- -n', ['host'], ['-n']],
    ['host -- --tiemout', ['host'], ['--tiemout']],
    ["host '' a", ['host'], ['', 'a']],
    ["'' ls", [''], ['ls']],
    ["host ls '' 1e3 0x10 -0 true null", ['host'], ['ls', '', '1e3', '0x10', '-0', 'true', 'null']],
    ['host -', ['host'], ['-']],
    ['- ls', ['-'], ['ls']],
    ['-n host -q ls -q', ['host'], ['ls', '-q']],
    ['--cwd /tmp host ls', ['host'], ['ls']],
    ['host --cwd /tmp ls --cwd /', ['host'], ['ls', '--cwd', '/']],
    ['host --cwd=/tmp -- ls', ['host'], ['ls']],
  ])('takes %s apart', (line, operands, rest) => {
    const parsed = parseWords(RUN, split(line));
    expect(parsed.operands).toEqual(operands);
    expect(parsed.rest).toEqual(rest);
  });

  it.each([
    ['-n host ls', { n: true }],
    ['host -n ls', { n: true }],
    ['-nq host', { n: true, q: true }],
    ['-vvv host', { v: 3 }],
    ['-v host -v', { v: 2 }],
    ['-nvqv host', { n: true, q: true, v: 2 }],
    ['-n -n --json --json host', { n: true, json: true }],
    ['--timeout 5 host', { timeout: 5_000 }],
    ['--timeout=5m host', { timeout: 300_000 }],
    ['-w 5 host', { timeout: 5_000 }],
    ['-w5 host', { timeout: 5_000 }],
    ['-nw5 host', { n: true, timeout: 5_000 }],
    ['-nw 5 host', { n: true, timeout: 5_000 }],
    ['--cwd= host', { cwd: '' }],
    ['--cwd -n host', { cwd: '-n' }],
    ['--cwd a=b=c host', { cwd: 'a=b=c' }],
    ['--cwd=a=b host', { cwd: 'a=b' }],
    ['--cwd=--json host', { cwd: '--json' }],
    ['--cwd --unheard-of host', { cwd: '--unheard-of' }],
    ['--env A=1 host --env B=2', { env: ['A=1', 'B=2'] }],
    ['host -c ls', { c: 'ls' }],
    ['-c ls host', { c: 'ls' }],
    ["-c '' host", { c: '' }],
    ['-cls host', { c: 'ls' }],
    ['-c=ls host', { c: '=ls' }],
    ['-nc ls host', { c: 'ls', n: true }],
    ['host -c --json', { c: '--json', json: false }],
    ['host -c --', { c: '--' }],
    ['host -c -n -q', { c: '-n', q: true, n: false }],
  ])('reads the options of %s', (line, values) => {
    expect(parseWords(RUN, split(line)).values).toMatchObject(values);
  });

  it('gives every option a value, given or not', () => {
    const { values } = parseWords(RUN, ['host']);
    expect(values).toEqual({ n: false, q: false, v: 0, json: false, env: [], help: false });
    expect(values.timeout).toBeUndefined();
  });

  it.each([
    ['--tiemout 5 host', 'unknown option --tiemout of rexa run; did you mean --timeout?'],
    ['--jsn host', 'unknown option --jsn of rexa run; did you mean --json?'],
    ['--quite-another host', 'unknown option --quite-another of rexa run'],
    ['--tiemout=5 host', 'unknown option --tiemout of rexa run; did you mean --timeout?'],
    ['-timeout 5 host', 'unknown option -timeout of rexa run; did you mean --timeout?'],
    ['-json host', 'unknown option -json of rexa run; did you mean --json?'],
    ['-z host', 'unknown option -z of rexa run'],
    ['-nz host', "unknown option -z of rexa run (in '-nz')"],
    ['--n host', 'unknown option --n of rexa run; did you mean -n?'],
    ['--no-json host', 'unknown option --no-json of rexa run; did you mean --json?'],
    ['--toString host', 'unknown option --toString of rexa run'],
    ['--__proto__ host', 'unknown option --__proto__ of rexa run'],
    ['--=x host', 'unknown option -- of rexa run'],
    ['-é host', 'unknown option -é of rexa run'],
    ['--json=true host', "--json takes no value, but 'true' was given"],
    ['--json= host', "--json takes no value, but '' was given"],
    ['host --timeout', '--timeout needs a value (DURATION)'],
    ['host -w', '-w needs a value (DURATION)'],
    ['host -nc', '-c needs a value (LINE)'],
    [
      '--timeout --json host',
      "--timeout needs a value (DURATION), and '--json' is an option; to use it as the value, write --timeout=--json",
    ],
    [
      'host --cwd -- ls',
      "--cwd needs a value (DIR), and '--' is an option; to use it as the value, write --cwd=--",
    ],
    ['--timeout 5 --timeout 5 host', '--timeout was given twice'],
    ['-w5 host --timeout=5', '--timeout was given twice'],
    ['-c ls -c ls host', '-c was given twice'],
    [
      '--timeout soon host',
      "--timeout: 'soon' is not a duration; write it as 30s, 5m, 1h30m or 250ms (a bare number is seconds)",
    ],
    [
      '-wsoon host',
      "-w: 'soon' is not a duration; write it as 30s, 5m, 1h30m or 250ms (a bare number is seconds)",
    ],
    ['-t host', '-t is not supported: use another one'],
    ['-nt host', '-t is not supported: use another one'],
    ['--lifetime 5 host', '--lifetime is not supported: use another one'],
    ['--lifetime=5 host', '--lifetime is not supported: use another one'],
  ])('refuses %s', (line, message) => {
    expect(() => parseWords(RUN, split(line))).toThrow(expect.objectContaining({ code: 'USAGE', message }));
  });

  it.each(['host more', 'host -- more', '-- host more'])('refuses a word too many: %s', (line) => {
    expect(() => parseWords(PING, split(line))).toThrow("unexpected argument 'more' for rexa ping");
  });

  it('looks at nothing behind an option that is the last one', () => {
    expect(parseWords(RUN, ['--help', '--unheard-of', '--timeout']).values.help).toBe(true);
    expect(parseWords(RUN, ['host', '-h', '--unheard-of']).values.help).toBe(true);
    expect(() => parseWords(RUN, ['--unheard-of', '--help'])).toThrow('unknown option --unheard-of');
  });

  it('shows control characters of a word escaped, and a long word cut', () => {
    expect(() => parseWords(RUN, ['--\u001b[31m'])).toThrow(
      String.raw`unknown option --\x1b[31m of rexa run`,
    );
    expect(() => parseWords(RUN, [`--${'x'.repeat(1000)}`])).toThrow(/^unknown option --x{78}… of rexa run$/);
  });
});
