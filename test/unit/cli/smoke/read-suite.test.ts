import { describe, expect, it } from 'vitest';
import { expandVariables } from '../../../../src/cli/smoke/parse/expand-variables.ts';
import { readGoDuration } from '../../../../src/cli/smoke/parse/go-duration.ts';
import { readText } from '../../../fixtures/smoke-suite.ts';

describe('a file of tests', () => {
  it('is run in the order of its titles, as commander runs it', async () => {
    const { tests } = await readText('tests:\n  b:\n  a:\n  123:\n  "---":\n  B:\n');
    expect(tests.map(({ title }) => title)).toEqual(['---', '123', 'B', 'a', 'b']);
  });

  it('takes the title of a test for its command', async () => {
    const { tests } = await readText('tests:\n  echo hi:\n  other: {command: echo}\n');
    expect(tests.map(({ run }) => run.command)).toEqual([
      { kind: 'line', line: 'echo hi' },
      { kind: 'line', line: 'echo' },
    ]);
  });

  it('reads what is no text in YAML as it is written, where commander reads a text', async () => {
    const { tests } = await readText(
      'tests:\n  a: {command: true, config: {dir: 010, nodes: [1.10]}}\n  b: {command: 1e3, needs: [a], tags: 5}\n',
    );
    expect(tests).toMatchObject([
      { run: { command: { line: 'true' }, dir: '010' }, nodes: ['1.10'] },
      { run: { command: { line: '1e3' } }, tags: ['5'] },
    ]);
  });

  it('gives the config of a test precedence over that of the file, and joins their variables', async () => {
    const { tests } = await readText(
      [
        'config: {dir: /a, timeout: 1s, retries: 3, interval: 2s, nodes: [x], env: {A: 1, B: 1.10}}',
        'tests:',
        '  t: {config: {dir: /b, env: {A: yes}}}',
        '  u: {config: {timeout: 5ms, retries: 1, nodes: y, inherit-env: true}}',
      ].join('\n'),
    );
    const [t, u] = tests;
    expect(t?.run).toMatchObject({ dir: '/b', timeoutMs: 1000, inheritsEnv: false });
    expect([...(t?.run.env ?? [])]).toEqual([
      ['A', 'yes'],
      ['B', '1.10'],
    ]);
    expect([t?.tries, t?.intervalMs, t?.nodes]).toEqual([3, 2000, ['x']]);
    expect(u?.run).toMatchObject({ dir: '/a', timeoutMs: 5, inheritsEnv: true });
    expect([u?.tries, u?.nodes]).toEqual([1, ['y']]);
  });

  it('takes keys of commander without a value, or with an empty one, for none', async () => {
    const keys = ['command', 'exit-code', 'stdout', 'stderr', 'skip', 'config']
      .map((key) => `${key}:`)
      .join('\n    ');
    const empty = "config: {dir: '', timeout: '', interval: '', retries: , nodes: , env: , inherit-env: }";
    const { tests } = await readText(`${empty}\ntests:\n  a:\n    ${keys}\n  b: {command: ''}\n`);
    expect(tests).toMatchObject([
      { run: { command: { line: 'a' }, dir: null, timeoutMs: null }, expect: { exitCode: 0 }, tries: 1 },
      { run: { command: { line: 'b' } } },
    ]);
  });

  it('may use anchors and merge keys', async () => {
    const { tests } = await readText(
      'tests:\n  a: &a\n    command: x\n    exit-code: 2\n  b:\n    <<: *a\n    exit-code: 3\n  c: *a\n',
    );
    expect(tests.map(({ run, expect: { exitCode } }) => [run.command, exitCode])).toEqual([
      [{ kind: 'line', line: 'x' }, 2],
      [{ kind: 'line', line: 'x' }, 3],
      [{ kind: 'line', line: 'x' }, 2],
    ]);
  });

  it('makes a test of each combination of a matrix, whose values stand in texts and in the environment', async () => {
    const { tests } = await readText(
      "tests:\n  t:\n    matrix: {A: [1, 2], B: x}\n    argv: [echo, '{{A}}-{{ B }}-{{C}}']\n    needs: u\n  u:\n    matrix: {A: [1, 2]}\n    command: 'true'\n",
    );
    expect(tests.map(({ title }) => title)).toEqual(['t [A=1, B=x]', 't [A=2, B=x]', 'u [A=1]', 'u [A=2]']);
    expect(tests[1]?.run.command).toEqual({ kind: 'argv', argv: ['echo', '2-x-{{C}}'] });
    expect([...(tests[1]?.run.env ?? [])]).toEqual([
      ['A', '2'],
      ['B', 'x'],
    ]);
    expect(tests[0]?.needs).toEqual(['u [A=1]', 'u [A=2]']);
  });

  it('reads setup and teardown as lines, maps and lists of them', async () => {
    const suite = await readText(
      'setup: make\nteardown:\n  - rm x\n  - {argv: [rm, y], exit-code: 1}\ntests:\n  t: {setup: [a, b]}\n',
    );
    expect(suite.setup.map(({ title }) => title)).toEqual(['make']);
    expect(suite.teardown.map(({ title, expect: { exitCode } }) => [title, exitCode])).toEqual([
      ['rm x', 0],
      ['rm y', 1],
    ]);
    expect(suite.tests[0]?.setup).toHaveLength(2);
  });

  it('warns of paths that are no XPath in the way of commander, and asserts nothing of them', async () => {
    const suite = await readText('tests:\n  t:\n    stdout:\n      xml:\n        /books/0/author: x\n');
    expect(suite.tests[0]?.expect.stdout).toEqual([]);
    expect(suite.warnings).toMatchObject([{ place: { line: 5, column: 9 } }]);
  });

  it('names its secrets at the top or under config', async () => {
    const suite = await readText('secrets: [A]\nconfig: {secrets: B}\ntests:\n  t:\n');
    expect(suite.secrets).toEqual(['A', 'B']);
  });
});

describe('a duration of Go', () => {
  it.each<[string, number | null]>([
    ['300ms', 300],
    ['1.5s', 1500],
    ['1h2m3s', 3_723_000],
    ['.5m', 30_000],
    ['10us', 1],
    ['1µs', 1],
    ['0', 0],
    ['0s', 0],
    ['5', null],
    ['', null],
    ['-5s', null],
    ['5d', null],
    ['5 s', null],
  ])('%j is %j ms', (text, ms) => {
    expect(readGoDuration(text)).toBe(ms);
  });
});

describe('a variable of this process', () => {
  it.each([
    ['@A', 'a'],
    ['@{A}b', 'ab'],
    ['@A_B', ''],
    ['@{NONE}', ''],
    ['100@', '100@'],
    ['@ x', '@ x'],
    ['@{}x', 'x'],
    ['@{x', 'x'],
    ['@1A', 'A'],
  ])('in %j, with a dollar for @, gives %j', (text, expanded) => {
    expect(expandVariables(text.replace('@', '$'), { A: 'a' })).toBe(expanded.replace('@', '$'));
  });
});
