import { describe, expect, it } from 'vitest';
import { explainTerminal } from '../../../../src/cli/smoke/terminal/explain-steps.ts';
import { followSteps, type TestedTerminal } from '../../../../src/cli/smoke/terminal/follow-steps.ts';
import { findKey, listSequences } from '../../../../src/cli/smoke/terminal/key-table.ts';
import { createTypedReader } from '../../../../src/cli/smoke/terminal/read-typed.ts';
import { createStepRecorder } from '../../../../src/cli/smoke/terminal/recorded-steps.ts';
import { createScreen } from '../../../../src/cli/smoke/terminal/screen.ts';
import type { TerminalPlan } from '../../../../src/cli/smoke/terminal/terminal-plan.ts';
import { listMistakes, readText } from '../../../fixtures/smoke-suite.ts';

/** The terminal of the one test of a file. */
async function readPlan(terminal: string, more = ''): Promise<TerminalPlan> {
  const { tests } = await readText(`tests:\n  t:\n    terminal: ${terminal}\n${more}`);
  const plan = tests[0]?.run.terminal;
  if (plan === null || plan === undefined) throw new Error('there is no terminal');
  return plan;
}

describe('findKey', () => {
  it.each([
    ['Enter', '\r'],
    ['enter', '\r'],
    ['Tab', '\t'],
    ['S-Tab', '\x1b[Z'],
    ['BSpace', '\x7f'],
    ['Escape', '\x1b'],
    ['Space', ' '],
    ['C-Space', '\0'],
    ['C-c', '\x03'],
    ['c-C', '\x03'],
    ['C-@', '\0'],
    ['C-\\', '\x1c'],
    ['C-?', '\x7f'],
    ['M-x', '\x1bx'],
    ['M-Enter', '\x1b\r'],
    ['C-M-a', '\x1b\x01'],
    ['Up', '\x1b[A'],
    ['C-Up', '\x1b[1;5A'],
    ['S-M-Left', '\x1b[1;4D'],
    ['F1', '\x1bOP'],
    ['S-F1', '\x1b[1;2P'],
    ['F5', '\x1b[15~'],
    ['C-F12', '\x1b[24;5~'],
    ['PgUp', '\x1b[5~'],
    ['PPage', '\x1b[5~'],
    ['DC', '\x1b[3~'],
    ['q', 'q'],
    ['-', '-'],
    ['漢', '漢'],
  ])('%s sends the bytes of xterm', (name, sent) => {
    expect(findKey(name)).toMatchObject({ sent });
  });

  it('sends other bytes for cursor keys to programs that asked for them', () => {
    expect(findKey('Up')).toMatchObject({ sentToApplication: '\x1bOA' });
    expect(findKey('C-Up')).toMatchObject({ sentToApplication: '\x1b[1;5A' });
  });

  it.each([
    ['Entr', 'there is no key Entr; did you mean Enter?'],
    ['C-PageUpp', 'there is no key C-PageUpp; did you mean C-PageUp?'],
    ['S-a', 'there is no key S-a: write the character itself'],
    ['C-1', 'no terminal has a code for C-1'],
    ['C-Enter', 'no terminal has a code for C-Enter'],
  ])('refuses %s', (name, reason) => {
    expect(findKey(name)).toBe(reason);
  });

  it('finds each key that a recording names, with the same bytes', () => {
    for (const [sent, name] of listSequences()) {
      const key = findKey(name);
      expect([name, typeof key === 'string' ? key : [key.sent, key.sentToApplication]]).toEqual([
        name,
        expect.arrayContaining([sent]),
      ]);
    }
  });
});

describe('a terminal of a test', () => {
  it('has a size and steps', async () => {
    const plan = await readPlan(
      '{columns: 100, wait: 2s, steps: [{expect: a}, {send: 1.10}, {send: {env: X}}, {key: [Up, 1]}, {resize: {columns: 9, rows: 8}}]}',
    );
    expect(explainTerminal(plan)).toEqual([
      'runs on a terminal of 100 columns and 24 rows, of whose screen stdout is',
      'each step waits for the screen up to 2 s',
      'step 1: waits until the screen contains "a"',
      'step 2: types "1.10"',
      'step 3: types the value of X',
      'step 4: presses Up 1',
      'step 5: makes the terminal 9 columns and 8 rows',
    ]);
  });

  it.each([
    ['[{key: Entr}]', ':3:22: there is no key Entr; did you mean Enter?'],
    ['[{keys: Up}]', ':3:17: unknown key keys; did you mean key?'],
    ['[{send: a, key: Up}]', ':3:26: each step does one thing'],
    ['[{key: }]', 'a key is missing here'],
    ['[{key: []}]', 'a key is missing here'],
    ['[send]', ':3:16: expected a step, not a text; one is key: Enter'],
    ['[{}]', ':3:16: expected a step'],
    ['[{send: ""}]', ':3:23: there is nothing to send'],
    ['[{send: {name: X}}]', ':3:24: unknown key name'],
    ['[{expect: ""}]', ':3:25: nothing is asserted here'],
    ['[{expect: /(/}]', ':3:25: Invalid regular expression'],
    ['[{expect: {size: 3}}]', ':3:26: unknown key size'],
    ['[{screen: }]', ':3:25: nothing is asserted here'],
    ['[{resize: {columns: 3}}]', 'columns and rows are both needed'],
    ['{columns: 1}', ':3:25: expected a whole number from 2 to 1000'],
    ['{wait: 5}', ':3:22: expected a duration with its unit'],
    ['a', 'expected a map, not a text'],
    ['[]\n    stdin: x', ':4:5: stdin cannot stand beside terminal'],
    ['[]\n    id: x', ':4:5: id cannot stand beside terminal'],
    ['[]\n    stderr: x', ':4:5: stderr cannot stand beside terminal'],
    ['[]\n    stdout: {size: 3}', ':4:5: size cannot be asserted of a screen'],
  ])('is refused with its place: %s', async (terminal, said) => {
    const mistakes = await listMistakes(`tests:\n  t:\n    terminal: ${terminal}\n`);
    expect(mistakes).toEqual([expect.stringContaining(said)]);
  });
});

/** A terminal whose program shows `answers`, one for each thing that is typed, and then ends. */
function fakeTerminal(
  first: string,
  answers: readonly string[],
): TestedTerminal & { readonly typed: string[] } {
  const typed: string[] = [];
  let shown = first;
  return {
    typed,
    get version() {
      return typed.length;
    },
    get isOver() {
      return typed.length > answers.length;
    },
    hasApplicationCursor: true,
    rows: () => shown.split('\n'),
    type(text) {
      typed.push(text);
      shown = answers[typed.length - 1] ?? shown;
    },
    resize: (columns, rows) => void typed.push(`${columns}x${rows}`),
    changed: async () => false,
  };
}

describe('followSteps', () => {
  const context = {
    files: { read: async () => null, readSnapshot: async () => null, mask: (text: string) => text },
    waitMs: 2_000,
    readVariable: (name: string) => (name === 'X' ? 'secret' : undefined),
  };
  const follow = async (steps: string, terminal: TestedTerminal): Promise<readonly string[]> => {
    const plan = await readPlan(steps);
    const problems = await followSteps(plan.steps, terminal, context);
    return problems.map(({ property, message }) => `${property}: ${message}`);
  };

  it('types what is to be typed, and keys as the program has asked for them', async () => {
    const terminal = fakeTerminal('a', ['b', '\n\nc', 'd', 'e']);
    const steps =
      '[{expect: a}, {send: x}, {expect: /^b$/}, {key: [Up, C-c]}, {screen: {lines: {3: c}, exactly: c}}, {send: {env: X}}, {resize: {columns: 2, rows: 1}}]';
    expect(await follow(steps, terminal)).toEqual([]);
    expect(terminal.typed).toEqual(['x', '\x1bOA\x03', 'secret', '2x1']);
  });

  it.each([
    ['[{expect: b}]', [], ['terminal step 1, expect.contains: does not contain "b" (the command has ended)']],
    ['[{expect: b}]', ['x'], ['terminal step 1, expect.contains: does not contain "b" (waited for 2 s)']],
    ['[{send: x}, {send: y}]', [], ['terminal step 1, send: the command had ended before']],
    ['[{send: {env: Y}}]', ['x'], ['terminal step 1, send: there is no variable Y']],
    [
      '[{screen: {contains: [b, c], not-contains: a}}, {send: x}]',
      ['x'],
      [
        'terminal step 1, screen.contains: does not contain "b" (waited for 2 s)',
        'terminal step 1, screen.contains: does not contain "c" (waited for 2 s)',
        'terminal step 1, screen.not-contains: contains "a" (waited for 2 s)',
      ],
    ],
  ])('stops at the step that fails, and says why: %s', async (steps, answers, said) => {
    const ended = fakeTerminal('a', answers);
    const terminal = answers.length === 0 ? { ...ended, isOver: true, version: 0 } : ended;
    expect(await follow(steps, terminal)).toEqual(said);
  });
});

describe('createScreen', () => {
  it('shows what a program draws, and answers its questions', async () => {
    const answers: string[] = [];
    const screen = await createScreen(10, 4, (text) => answers.push(text));
    const write = (text: string): Promise<void> => screen.write(Buffer.from(text));
    await write('first\r\nsecond\x1b[1;3Hx  \x1b[6n\x1b[?1h');
    expect([screen.rows(), answers, screen.hasApplicationCursor]).toEqual([
      ['fix', 'second'],
      ['\x1b[1;6R'],
      true,
    ]);
    expect(screen.unwrapped()).toBe('fix\nsecond');
    const wide = Buffer.from('漢字é');
    await write('\x1b[?1049h\x1b[H');
    // A character that comes in two pieces
    await screen.write(wide.subarray(0, 4));
    await screen.write(wide.subarray(4));
    expect(screen.rows()).toEqual(['漢字é']);
    await write('\x1b[?1049l');
    screen.resize(4, 4);
    await write('\x1b[2J\x1b[Habcdef\r\nx');
    expect([screen.rows(), screen.unwrapped()]).toEqual([['abcd', 'ef', 'x'], 'abcdef\nx']);
    screen.close();
  });
});

describe('createTypedReader', () => {
  it.each([
    ['héllo\r', ['héllo', 'Enter']],
    ['a\x7f\t\x03\x1b', ['a', 'BSpace', 'Tab', 'C-c', 'Escape']],
    ['\x1b[A\x1bOB\x1b[1;5C\x1b[15~\x1b[Z', ['Up', 'Down', 'C-Right', 'F5', 'BTab']],
    ['\x1bx\x1b\r', ['M-x', 'M-Enter']],
    ['\x1b[?62;22c\x1b[>41;354;0c\x1b[24;80R\x1b]11;rgb:0/0/0\x07\x1bP>|x\x1b\\\x1b[?1;2$y\x1b[I', []],
    ['\x1b[200~a\rb\x1b[201~', ['\x1b[200~', 'a', 'Enter', 'b', '\x1b[201~']],
    ['\x1b[<0;3;4M', ['\x1b[<0;3;4M']],
  ])('reads %j', (typed, parts) => {
    const read = createTypedReader();
    expect(read(Buffer.from(typed)).map((part) => (part.kind === 'text' ? part.text : part.name))).toEqual(
      parts,
    );
  });

  it('joins a character that comes in two pieces', () => {
    const read = createTypedReader();
    const bytes = Buffer.from('漢');
    expect([...read(bytes.subarray(0, 1)), ...read(bytes.subarray(1))]).toEqual([
      { kind: 'text', text: '漢' },
    ]);
  });
});

describe('createStepRecorder', () => {
  it('waits for the last line on the screen before what is typed', () => {
    const recorder = createStepRecorder();
    const type = (written: string, ...rows: string[]): void => {
      for (const part of createTypedReader()(Buffer.from(written))) recorder.type(part, rows);
    };
    type('A', 'title', 'Name: ', '');
    type('da', 'title', 'Name: A');
    type('\r', 'title', 'Name: Ada');
    type('secret\r', 'Password:');
    type('\x1b[A\x1b[A', '/slashes/');
    recorder.resize(100, 30);
    expect(recorder.finish(['', 'the end'])).toEqual([
      { expect: 'Name:' },
      { send: 'Ada' },
      { expect: 'Name: Ada' },
      { key: 'Enter' },
      { expect: 'Password:' },
      { send: 'secret' },
      { key: 'Enter' },
      { expect: { contains: '/slashes/' } },
      { key: ['Up', 'Up'] },
      { resize: { columns: 100, rows: 30 } },
      { screen: { exactly: 'the end' } },
    ]);
  });
});
