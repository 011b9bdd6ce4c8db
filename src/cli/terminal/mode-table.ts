import type { ControlListener } from '../../protocol/control-parser.ts';
import { createColorChanges } from './color-changes.ts';
import { createKeyboardStacks } from './keyboard-stacks.ts';

/** What programs have made of a terminal and not taken back. */
export interface ModeTable extends ControlListener {
  readonly isOtherScreen: boolean;
  /** Whether what is written next looks and goes as on a new terminal. */
  readonly isPlain: boolean;
  /** Whether programs have asked for bracketed pastes. */
  readonly hasBracketedPaste: boolean;
  /** What takes all of it back; empty where there is nothing. */
  undo(): string;
}

/** Private modes (`CSI ? n h`) that a shell finds unset: what sets one is undone by resetting it. */
const UNSET = [
  // Cursor keys, screen and origin, mice, keypad, backarrow key, margins
  1, 5, 6, 9, 66, 67, 69, 80, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1015, 1016,
  // Pastes, synchronized output, grapheme clusters, colour scheme, size, paste events, keys of Windows
  2004, 2026, 2027, 2031, 2048, 5522, 9001,
];
/** Those that it finds set: autowrap, autorepeat, the cursor. */
const SET = [7, 8, 25];
const OTHER_SCREENS = [47, 1047, 1049];

/** Modes of ECMA-48 (`CSI n h`): locked keys, insertion, newlines; and the one that is set, no local echo. */
const ANSI_UNSET = [2, 4, 20];
const ANSI_SET = [12];

/** What a soft reset (DECSTR) takes back. */
const SOFTLY_RESET = ['?1', '?6', '?7', '?25', '4', '2', 'keypad', 'margins', 'characters', 'protection'];

/** What changes how text is written. */
const WRITING = [
  '?6',
  '?7',
  '4',
  '20',
  'margins',
  'shift',
  'utf8',
  'G(',
  'G)',
  'G*',
  'G+',
  'printer',
  'status',
];

/** Where the cursor goes when only the whole screen is known. */
const LAST_ROW = '\x1b[9999;1H';
const CSI = '\x1b[';

/** Creates the one table of what can be changed, and how each is undone; xterm's ctlseqs has them all. */
export function createModeTable(): ModeTable {
  /** What was changed, and how it is undone, in the order of the changes. */
  const changed = new Map<string, string>();
  const saved = new Map<string, string | undefined>();
  const titles: string[] = [];
  const colors = createColorChanges();
  const keyboards = createKeyboardStacks();
  let colorStack = 0;
  let hasAttributes = false;

  const isOtherScreen = (): boolean => OTHER_SCREENS.some((mode) => changed.has(`?${mode}`));

  function keep(key: string, isChanged: boolean, undo: string): void {
    if (isChanged) changed.set(key, undo);
    else changed.delete(key);
  }

  function setMode(prefix: string, mode: number, isSet: boolean): void {
    const [unset, set] = prefix === '?' ? [[...UNSET, ...OTHER_SCREENS], SET] : [ANSI_UNSET, ANSI_SET];
    const key = `${prefix}${mode}`;
    if (unset.includes(mode)) keep(key, isSet, `${CSI}${key}l`);
    else if (set.includes(mode)) keep(key, !isSet, `${CSI}${key}h`);
  }

  /** XTSAVE and XTRESTORE. */
  function saveMode(mode: number): void {
    saved.set(`?${mode}`, changed.get(`?${mode}`));
  }

  function restoreMode(mode: number): void {
    const key = `?${mode}`;
    if (!saved.has(key)) return;
    const undo = saved.get(key);
    keep(key, undo !== undefined, undo ?? '');
  }

  /** `CSI ? n …` with one or several modes. */
  function changeModes(prefix: string, modes: readonly number[], final: string): void {
    for (const mode of modes) {
      if (final === 'h' || final === 'l') setMode(prefix, mode, final === 'h');
      else if (prefix === '?' && final === 's') saveMode(mode);
      else if (prefix === '?' && final === 'r') restoreMode(mode);
    }
  }

  function changeTitles(kind: string, which: string): void {
    if (kind === '22') titles.push(which);
    else if (kind === '23') titles.pop();
  }

  function pushColors(count: number): void {
    colorStack = Math.max(0, colorStack + count);
  }

  /** The rows of the table: the form of a sequence, and what it changes. */
  const rows: Readonly<Record<string, (numbers: readonly string[]) => void>> = {
    // Margins (DECSTBM): given back without moving the cursor
    r: (numbers) =>
      keep(
        'margins',
        numbers.some((each) => each !== ''),
        '',
      ),
    // Keys with modifiers (XTMODKEYS, XTFMTKEYS), and when the pointer is hidden (XTSMPOINTER)
    '>m': ([what = '', ...value]) => keep(`>${what}m`, value.length > 0, `${CSI}>${what}m`),
    '>n': ([what = '']) => keep(`>${what}m`, true, `${CSI}>${what}m`),
    '>f': ([what = '', ...value]) => keep(`>${what}f`, value.length > 0, `${CSI}>${what}f`),
    '>p': ([what = '']) => keep('>p', what !== '' && what !== '1', `${CSI}>1p`),
    m: (numbers) => {
      hasAttributes = numbers.some((each) => each !== '' && each !== '0');
    },
    // The keyboard protocol of kitty
    '>u': () => keyboards.push(isOtherScreen()),
    '<u': ([count = '']) => keyboards.pop(isOtherScreen(), Number(count) || 1),
    '=u': ([flags = '']) => keyboards.set(isOtherScreen(), flags !== '0' && flags !== ''),
    // The shape of the cursor (DECSCUSR), protected characters (DECSCA)
    ' q': ([shape = '']) => keep('cursor', shape !== '' && shape !== '0', `${CSI}0 q`),
    '"q': ([what = '']) => keep('protection', what === '1', `${CSI}0"q`),
    // Titles, and colours, that were pushed
    t: ([kind = '', which = '0']) => changeTitles(kind, which),
    '#P': () => pushColors(1),
    '#Q': () => pushColors(-1),
    // Tab stops; the printer and the status line, which take the output
    g: () => keep('tabs', true, `${CSI}?5W`),
    '?W': () => keep('tabs', false, ''),
    i: ([what = '']) =>
      what === '4' || what === '5' ? keep('printer', what === '5', `${CSI}4i`) : undefined,
    '$}': ([what = '']) => keep('status', what === '1', `${CSI}0$}`),
    '!p': () => {
      for (const key of SOFTLY_RESET) changed.delete(key);
    },
  };

  function reset(): void {
    changed.clear();
    saved.clear();
    titles.length = 0;
    colorStack = 0;
    hasAttributes = false;
    colors.reset();
    keyboards.reset();
  }

  function undoMargins(): string {
    // To leave the origin mode moves the cursor, and to come back by a saved one would bring it again
    if (changed.has('?6')) return `${CSI}r${LAST_ROW}`;
    return changed.has('margins') ? `\x1b7${CSI}r\x1b8` : '';
  }

  return {
    get isOtherScreen() {
      return isOtherScreen();
    },
    get isPlain() {
      return !hasAttributes && !WRITING.some((key) => changed.has(key));
    },
    get hasBracketedPaste() {
      return changed.has('?2004');
    },
    handleShift(isOut) {
      keep('shift', isOut, '\x0f');
    },
    handleEscape(sequence) {
      if (sequence === 'c') return reset();
      if (sequence === '=' || sequence === '>') keep('keypad', sequence === '=', '\x1b>');
      else if (sequence === 'H') keep('tabs', true, `${CSI}?5W`);
      else if (sequence === '%@' || sequence === '%G') keep('utf8', sequence === '%@', '\x1b%G');
      // Which characters are meant, and by which of them
      else if (/^[()*+]/.test(sequence)) {
        const [set = ''] = sequence;
        // G0 is always put right
        keep(`G${set}`, sequence !== `${set}B`, set === '(' ? '' : `\x1b${set}B`);
      } else if (sequence === 'n' || sequence === 'o') keep('shift', true, '\x0f');
    },
    handleControl(parameters, intermediates, final) {
      const [, prefix = '', numbers = ''] = /^([<=>?]?)(.*)$/.exec(parameters) ?? [];
      const parts = numbers.split(';');
      if (intermediates === '' && (prefix === '' || prefix === '?') && /[hlsr]/.test(final) && numbers !== '')
        changeModes(prefix, parts.map(Number), final);
      rows[`${prefix}${intermediates}${final}`]?.(parts);
    },
    handleCommand: colors.take,
    undo() {
      const screens = OTHER_SCREENS.map((mode) => `?${mode}`);
      const left = [...changed].filter(([key]) => !screens.includes(key)).map(([, undo]) => undo);
      return [
        ...left,
        // The other screen's are only reached while that is shown
        isOtherScreen() ? keyboards.undo(true) : '',
        ...screens.map((key) => changed.get(key) ?? ''),
        keyboards.undo(false),
        undoMargins(),
        `${CSI}#Q`.repeat(colorStack),
        colors.undo(),
        ...titles.toReversed().map((which) => `${CSI}23;${which}t`),
      ].join('');
    },
  };
}
