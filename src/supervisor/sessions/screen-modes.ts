import type { Terminal } from '@xterm/headless';

/** The modes that a program has set on its terminal and that hold for the keys, the mouse and the cursor of a client. */
export interface ScreenModes {
  /** By what comes before it (`?2004`, `>4`), the sequence that sets it, in the order of their first change. */
  readonly sequences: ReadonlyMap<string, string>;
}

const CSI = '\x1b[';
/** What is painted by other means: columns, origin, the other screen, synchronized output. */
const PAINTED = [3, 6, 47, 1047, 1048, 1049, 2026];
/** A line feed goes to the first column too. */
const NEWLINE_MODE = 20;
/** What a terminal has set at first: autowrap, autorepeat, the cursor. */
const SET_AT_FIRST = [7, 8, 25];
/** What a soft reset (DECSTR) takes back. */
const SOFTLY_RESET = ['?1', '?7', '?25', ' q'];

/** Follows the modes, whether xterm.js itself knows them or not. */
export function followModes({ parser }: Pick<Terminal, 'parser'>): ScreenModes {
  const sequences = new Map<string, string>();

  function keep(key: string, sequence: string | null): void {
    if (sequence === null) sequences.delete(key);
    else sequences.set(key, sequence);
  }

  function setModes(parameters: readonly (number | number[])[], isSet: boolean): boolean {
    for (const mode of parameters) {
      if (typeof mode !== 'number' || PAINTED.includes(mode)) continue;
      const isUsual = isSet === SET_AT_FIRST.includes(mode);
      keep(`?${mode}`, isUsual ? null : `${CSI}?${mode}${isSet ? 'h' : 'l'}`);
    }
    return false;
  }

  parser.registerCsiHandler({ prefix: '?', final: 'h' }, (parameters) => setModes(parameters, true));
  parser.registerCsiHandler({ prefix: '?', final: 'l' }, (parameters) => setModes(parameters, false));
  for (const final of ['h', 'l'])
    parser.registerCsiHandler({ final }, (parameters) => {
      if (parameters.includes(NEWLINE_MODE)) keep('20', final === 'h' ? `${CSI}20h` : null);
      return false;
    });
  // Keys with modifiers (XTMODKEYS), which vim sets without a question
  parser.registerCsiHandler({ prefix: '>', final: 'm' }, ([what, value]) => {
    keep(`>${String(what)}`, value === undefined ? null : `${CSI}>${String(what)};${String(value)}m`);
    return false;
  });
  parser.registerCsiHandler({ intermediates: ' ', final: 'q' }, ([shape]) => {
    keep(' q', shape === 0 ? null : `${CSI}${String(shape)} q`);
    return false;
  });
  parser.registerCsiHandler({ intermediates: '!', final: 'p' }, () => {
    for (const key of SOFTLY_RESET) sequences.delete(key);
    return false;
  });
  parser.registerEscHandler({ final: 'c' }, () => {
    sequences.clear();
    return false;
  });
  return { sequences };
}

/** What gives a client's terminal the modes of a new one, whatever was shown there before. */
export const RESET_MODES = [
  // Ends what has begun, then: usual characters, no attributes, no margins, insertion, newline, keypad
  '\x18\x1b\\\x1b(B\x1b)B\x0f\x1b[0m\x1b[?6l\x1b[r\x1b[4l\x1b[20l\x1b>',
  '\x1b[?1;5;9;66;1000;1001;1002;1003;1004;1005;1006;1007;1015;1016;2004;2026;2027;2031;2048l',
  '\x1b[?7;25h\x1b[0 q\x1b[>4m',
].join('');
