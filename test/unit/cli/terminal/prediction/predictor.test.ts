import { beforeAll, describe, expect, it } from 'vitest';
import {
  type ClientScreen,
  type CreateClientScreen,
  loadClientScreens,
} from '../../../../../src/cli/terminal/prediction/client-screen.ts';
import { createPredictor } from '../../../../../src/cli/terminal/prediction/predictor.ts';
import { createKeySplitter } from '../../../../../src/cli/terminal/prediction/typed-keys.ts';

const COLUMNS = 20;
let create: CreateClientScreen;
beforeAll(async () => {
  create = await loadClientScreens();
});

/** A predictor with a host that does what it is told. */
function openPredictor(output = '') {
  const screen: ClientScreen = create(COLUMNS, 4);
  screen.write(output);
  const predictor = createPredictor();
  const keys = createKeySplitter();
  predictor.observe(screen);

  const acknowledge = (number: number, certain = 0): void => {
    predictor.acknowledge({ received: number, likely: certain, settled: certain, certain });
    predictor.observe(screen);
  };
  return {
    type(text: string): void {
      for (const key of keys.take(Buffer.from(text))) predictor.type(key, screen);
    },
    /** The host has received all keys, and writes. */
    write(bytes: string): void {
      acknowledge(predictor.typed);
      screen.write(bytes);
      predictor.observe(screen);
    },
    /** What came of all keys would be here. */
    settle: (): void => acknowledge(predictor.typed, predictor.typed),
    /** What is drawn over the row, `_` where nothing is, and the column of the cursor. */
    drawn(): string | null {
      const { overlay } = predictor;
      if (overlay === null) return null;
      const row = Array.from({ length: COLUMNS }, (_, x) => {
        const cell = overlay.cells.get(x);
        return cell === undefined ? '_' : cell.width === 0 ? '' : cell.text || ' ';
      });
      return `${row.join('').replace(/_+$/, '')}|${overlay.x}`;
    },
  };
}

/** An epoch in which two keys were echoed. */
function openConfirmed(output = '$ ') {
  const opened = openPredictor(output);
  opened.type('ab');
  opened.write('ab');
  return opened;
}

describe('an epoch', () => {
  it('shows nothing before two different characters of it were echoed', () => {
    const { type, write, drawn } = openPredictor('$ ');
    type('a');
    expect(drawn()).toBeNull();
    write('a');
    type('a');
    write('a');
    type('b');
    expect(drawn()).toBeNull();
    write('b');
    type('c');
    expect(drawn()).toBe('_____c|6');
  });

  it('is shown at once with all of its keys in flight', () => {
    const { type, write, drawn } = openPredictor('$ ');
    type('ab');
    write('ab');
    type('cd');
    expect(drawn()).toBe('____cd|6');
    write('c');
    expect(drawn()).toBe('_____d|6');
    write('d');
    expect(drawn()).toBeNull();
  });

  it.each(['\r', '\n', '\t', '\x03', '\x1b', '\x1b[A', '\x1b[200~pasted\x1b[201~', 'e\u0301', '😀'])(
    'ends with %j',
    (key) => {
      const { type, drawn, settle } = openConfirmed();
      type(key);
      settle();
      type('c');
      expect(drawn()).toBeNull();
    },
  );

  it.each([
    ['nothing is echoed', (): string => ''],
    ['one sign is echoed for all', (text: string): string => '*'.repeat(text.length)],
    ['spaces are echoed', (text: string): string => ' '.repeat(text.length)],
  ])('is never shown while %s', (_what, echo) => {
    const { type, write, drawn, settle } = openConfirmed();
    type('\r');
    settle();
    write('\r\nPassword: ');
    for (const key of '*secret *word') {
      type(key);
      expect(drawn()).toBeNull();
      write(echo(key));
      expect(drawn()).toBeNull();
      settle();
    }
  });

  it('ends when the host moves the cursor by itself', () => {
    const { type, write, drawn } = openConfirmed();
    write('\r\nPassword: ');
    type('s');
    expect(drawn()).toBeNull();
  });

  it('ends when a key is not echoed, and what was drawn is taken back', () => {
    const { type, drawn, settle } = openConfirmed();
    type('c');
    expect(drawn()).toBe('____c|5');
    settle();
    expect(drawn()).toBeNull();
    type('d');
    expect(drawn()).toBeNull();
  });
});

describe('a line editor that says when it reads', () => {
  const PROMPT = '\x1b[?2004hme@host:~$ ';
  const ENTERED = '\r\n\x1b[?2004l';

  function openShell() {
    const shell = openPredictor(PROMPT);
    shell.type('ls');
    shell.write('ls');
    shell.type('\r');
    shell.settle();
    return shell;
  }

  it('has keys shown at once behind a prompt behind which they were echoed before', () => {
    const { type, write, drawn } = openShell();
    write(`${ENTERED}${PROMPT}`);
    type('p');
    expect(drawn()).toBe('___________p|12');
  });

  it.each([
    ['another prompt', `${ENTERED}\x1b[?2004hPassword: `],
    ['the same text without it', `${ENTERED}me@host:~$ `],
    ['the same text of a full-screen program', `${ENTERED}\x1b[?1049h\x1b[H${PROMPT}`],
  ])('has not, behind %s', (_what, output) => {
    const { type, write, drawn } = openShell();
    write(output);
    type('p');
    expect(drawn()).toBeNull();
  });

  it('has not any more once they were not echoed there', () => {
    const { type, write, drawn, settle } = openShell();
    write(`${ENTERED}${PROMPT}`);
    type('s');
    settle();
    type('\r');
    settle();
    write(`${ENTERED}${PROMPT}`);
    type('s');
    expect(drawn()).toBeNull();
  });

  it('has not behind a key that may have changed what keys mean', () => {
    const { type, write, drawn, settle } = openShell();
    write(`${ENTERED}${PROMPT}`);
    type('\x1b');
    settle();
    type('x');
    expect(drawn()).toBeNull();
  });
});

describe('a key', () => {
  it.each([
    ['a wide character', '文', '____文|6'],
    ['backspace', '\x7f', '___ |3'],
    ['backspace over what is not echoed yet', 'cd\x7f', '____c|5'],
    ['left', '\x1b[D', '|3'],
    ['left in application mode', '\x1bOD', '|3'],
    ['left, then a character, which is inserted', '\x1b[Dx', '___xb|4'],
    ['left twice, then backspace, which draws up the rest', '\x1b[D\x7f', '__b |2'],
    ['right at the end of the line, which goes nowhere', '\x1b[C', '|4'],
    ['left and right', '\x1b[D\x1b[D\x1b[C', '|3'],
  ])('is foreseen: %s', (_what, keys, expected) => {
    const { type, drawn } = openConfirmed();
    type(keys);
    expect(drawn()).toBe(expected);
  });

  it('moves what stands right of it up to the next gap', () => {
    const { type, drawn } = openConfirmed('$  x y   |\x1b[3G');
    type('c');
    expect(drawn()).toBe('____c y|5');
  });

  it('is not foreseen in the last column, nor are those behind it', () => {
    const { type, drawn } = openConfirmed('0123456789012345');
    type('c');
    expect(drawn()).toBe('__________________c|19');
    type('de');
    expect(drawn()).toBe('__________________c|19');
  });

  it('is not drawn over a cell whose content is not known, nor in a row with characters of disputed width', () => {
    for (const output of ['$ 😀 ', '$ e\u0301 ']) {
      const { type, drawn } = openConfirmed(output);
      type('c');
      expect(drawn()).toBeNull();
    }
  });
});

describe('keys in flight behind one that did something else', () => {
  it('begin anew from what the host shows, and are shown once two of them were echoed', () => {
    const { type, write, drawn, settle } = openPredictor('\x1b[?1049h\x1b[H');
    type('i');
    write('\x1b[4;1H-- INSERT --\x1b[1;1H');
    settle();
    type('ab');
    expect(drawn()).toBeNull();
    write('ab\x1b[4;18H1,3\x1b[1;3H');
    type('c');
    expect(drawn()).toBe('__c|3');
  });
});
