import { describe, expect, it } from 'vitest';
import { listMistakes } from '../../../fixtures/smoke-suite.ts';

/** A test with one line in it. */
const withLine = (line: string): string => `tests:\n  t:\n    ${line}\n`;

const FORTY = '1, '.repeat(40);

/** What is wrong, the file, and what is said of it. */
const BROKEN: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  ['an empty file', '', /^f\.yaml:1:1: the file is empty/],
  ['a comment alone', '# nothing\n', /:1:1: the file is empty/],
  ['a list', '- a\n', /:1:1: expected a map with tests, not a list/],
  ['a text', 'hello\n', /:1:1: expected a map with tests, not a text/],
  ['a number', '5\n', /:1:1: .* not a number/],
  ['a file without tests', 'config:\n  dir: /\n', /:1:1: tests is missing here/],
  ['tests without a test', 'tests:\n', /:1:1: tests is empty/],
  ['tests as a list', 'tests:\n  - a\n', /:2:3: expected a map, not a list/],
  ['tests as a text', 'tests: a\n', /:1:8: expected a map, not a text/],
  ['an unknown key of the file', 'test:\n  a:\n', /:1:1: unknown key test; did you mean tests\?/],
  [
    'an unknown key of a test',
    withLine('exitcode: 0'),
    /:3:5: unknown key exitcode; did you mean exit-code\?/,
  ],
  ['a key that belongs under config', withLine('timeout: 5s'), /:3:5: .* timeout stands under config/],
  [
    'a key that belongs under stdout',
    withLine('line-count: 1'),
    /:3:5: .* line-count stands under stdout or stderr/,
  ],
  ['an unknown assertion', withLine('stdout: {contain: [a]}'), /:3:14: .* did you mean contains\?/],
  ['an unknown key of config', withLine('config: {retires: 3}'), /:3:14: .* did you mean retries\?/],
  ['an unknown key of a node', 'nodes:\n  a: {adr: x}\ntests:\n  t:\n', /:2:7: .* did you mean addr\?/],
  ['a tab as indentation', 'tests:\n\tt:\n', /:2:\d+: /],
  ['a key twice', 'tests:\n  t:\n  t:\n', /:3:3: the key t stands here twice/],
  ['a bracket that stays open', 'tests: {a: [\n', /:\d+:\d+: /],
  ['a quote that stays open', 'tests:\n  t:\n    command: "abc\n', /:\d+:\d+: /],
  ['a wrong indentation', 'tests:\n  t:\n    command: a\n   exit-code: 1\n', /:\d+:\d+: /],
  ['an anchor that is not there', withLine('stdout: *nothing'), /:3:13: .*nothing/],
  ['a map that merges a text', 'tests:\n  t:\n    <<: abc\n', /:3:9: << takes a map/],
  ['two documents', 'tests:\n  t:\n---\ntests:\n  t:\n', /^f\.yaml:3:1: a second document begins here/],
  ['a tag that nobody knows', withLine('command: !run x'), /:3:14: .*tag/],
  ['a key that is a list', 'tests:\n  ? [a]\n  : {}\n', /:2:5: a key is a text here/],
  ['a NUL', 'tests:\n  t: \0\n', /:2:6: this is a NUL byte/],
  [
    'what is not UTF-8',
    Buffer.from([...Buffer.from('tests:\n  t: '), 0xff, 0x0a]),
    /:2:1: this line is not UTF-8/,
  ],
  [
    'UTF-16',
    Buffer.from('\ufefftests:\n', 'utf16le'),
    /^f\.yaml:1:1: the file is written in UTF-16: save it as UTF-8$/,
  ],
  ['a huge file', Buffer.alloc(5 * 1024 * 1024, 0x20), /:1:1: the file has 5242880 bytes/],
  ...[
    `tests: ${'['.repeat(20_000)}`,
    `tests: ${'['.repeat(5000)}${']'.repeat(5000)}`,
    `tests:\n${Array.from({ length: 2000 }, (_, level) => `${' '.repeat(level + 1)}a:\n`).join('')}`,
    withLine(`stdout: {json-schema: ${'{not: '.repeat(3000)}{}${'}'.repeat(3000)}}`),
  ].map((text) => ['a deep nesting', text, /^f\.yaml:\d+:\d+: it is nested too deeply$/] as const),
  ['a text in base64', withLine('command: !!binary aGk='), /expected a text, not bytes \(!!binary\)$/],
  ['an exit code in words', withLine('exit-code: ok'), /:3:16: expected a whole number.*, not a text/],
  ['an exit code in quotes', withLine('exit-code: "1"'), /:3:16: expected a whole number.*, not a text/],
  ['half an exit code', withLine('exit-code: 1.5'), /:3:16: expected a whole number.*, not 1\.5/],
  ['stdout as a number', withLine('stdout: 5'), /:3:13: .*not a number: put it in quotes/],
  ['stdout as a list', withLine('stdout: [a]'), /:3:13: expected a text or a map, not a list/],
  [
    'a contains of a number',
    withLine('stdout: {contains: [5]}'),
    /:3:25: expected a text, not a number: put it in quotes/,
  ],
  ['line 0', withLine('stdout: {lines: {0: a}}'), /:3:22: 0 is not the number of a line/],
  ['a line count below 0', withLine('stdout: {line-count: -1}'), /:3:26: expected a whole number from 0/],
  [
    'a path of JSON that is not supported',
    withLine('stdout: {json: {"@this": a}}'),
    /:3:21: @this is no path/,
  ],
  ['an XPath that is none', withLine('stdout: {xml: {"//a[": x}}'), /:3:20: \/\/a\[ is no XPath/],
  ['a regular expression that is none', withLine('stdout: {matches: "("}'), /:3:23: .*regular expression/],
  ['a SHA-256 that is none', withLine('stdout: {sha256: abc}'), /:3:22: a SHA-256 is 64/],
  ['a skip that is neither', withLine('skip: maybe'), /:3:11: expected true or false/],
  [
    'a duration without a unit',
    withLine('config: {timeout: 5}'),
    /:3:23: expected a duration with its unit, .*'5': 5s\?/,
  ],
  ['a duration of words', withLine('config: {interval: soon}'), /:3:24: expected a duration/],
  ['retries below 0', withLine('config: {retries: -1}'), /:3:23: expected a whole number from 0/],
  ['variables as a list', withLine('config: {env: [A=1]}'), /:3:19: expected a map, not a list/],
  [
    'a variable with a wrong name',
    withLine('config: {env: {A-B: 1}}'),
    /:3:20: A-B is no name of a variable/,
  ],
  [
    'a docker node',
    'nodes:\n  a: {type: docker, image: x}\ntests:\n  t:\n',
    /:2:7: docker nodes are not supported: run rexad/,
  ],
  [
    'a password',
    'nodes:\n  a: {type: ssh, addr: h, pass: x}\ntests:\n  t:\n',
    /:2:27: passwords are not supported/,
  ],
  ['a node of another type', 'nodes:\n  a: {type: telnet}\ntests:\n  t:\n', /:2:7: a node is local or ssh/],
  ['a node without a type', 'nodes:\n  a: {addr: h}\ntests:\n  t:\n', /:2:7: type is missing here/],
  [
    'command and argv',
    'tests:\n  t:\n    command: a\n    argv: [a]\n',
    /:4:5: command and argv are both here/,
  ],
  ['an argv without a program', withLine('argv: []'), /:3:5: argv has no program/],
  ['an argv that is a text', withLine('argv: ls'), /:3:11: expected a list/],
  ['a need that is not there', 'tests:\n  abc:\n  t:\n    needs: abd\n', /:3:3: .*did you mean 'abc'\?/],
  ['tests that need each other', 'tests:\n  a:\n    needs: b\n  b:\n    needs: a\n', /it needs itself/],
  [
    'an outcome that is none',
    withLine('outcome: exit'),
    /:3:14: expected one of exited, .*did you mean exited\?/,
  ],
  ['an id that is none', withLine('id: a b'), /:3:5: 'a b' is no id/],
  ['a matrix without values', withLine('matrix: {A: []}'), /:3:5: one of its lists is empty/],
  [
    'a matrix that makes too many',
    withLine(`matrix: {A: [${FORTY}], B: [${FORTY}]}`),
    /more than 1000 tests/,
  ],
  ['a step without a command', 'setup:\n  - {exit-code: 1}\ntests:\n  t:\n', /:2:5: command is missing here/],
];

describe('a broken file', () => {
  it.each(BROKEN)('says where %s is wrong, and why', async (_name, text, said) => {
    const mistakes = await listMistakes(text);
    expect(mistakes.length).toBeGreaterThan(0);
    expect(mistakes[0]).toMatch(said);
    for (const mistake of mistakes) expect(mistake).toMatch(/^f\.yaml:\d+:\d+: [^\n]+$/);
  });

  it('has all of its mistakes told, in the order of the file and once each', async () => {
    const text = 'tests:\n  a:\n    exitcode: 1\n    matrix: {X: [1, 2]}\n  b:\n    skip: 3\n';
    expect(await listMistakes(text)).toEqual([
      'f.yaml:3:5: unknown key exitcode; did you mean exit-code?',
      'f.yaml:6:11: expected true or false, not a number',
    ]);
  });

  it('with an error of syntax has that one told, and none of what follows from it', async () => {
    const tests = Array.from({ length: 20 }, (_, index) => `  t${index}: {command: echo ${index}}\n`).join(
      '',
    );
    expect(await listMistakes(`tests:\n  a: {command: echo '{"a":1}', exit-code: 1}\n${tests}`)).toEqual([
      expect.stringMatching(/^f\.yaml:2:\d+: /),
    ]);
    expect(await listMistakes('tests:\n  a: {command: !x a}\n  b: {command: !y b}\n')).toHaveLength(2);
  });

  it('that aliases grow without bound in is refused, or read without them', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `    x${at}: &x${at} [${`*x${at - 1}, `.repeat(at === 0 ? 0 : 9)}a]`,
    );
    const bomb = `tests:\n  t:\n    stdout:\n      json-schema:\n${levels.map((line) => `    ${line}`).join('\n')}\n`;
    expect(await listMistakes(bomb)).toHaveLength(1);
  });
});
