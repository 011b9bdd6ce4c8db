import stringWidth from 'string-width';

/** One character as a reader sees it. */
export interface Grapheme {
  /** Where it begins in its text, in UTF-16 units. */
  readonly at: number;
  readonly text: string;
  /** What is written on a terminal for it. */
  readonly shown: string;
  /** Columns of a terminal. */
  readonly width: number;
  /** Whether a terminal puts it into one row; else it may end a row within it. */
  readonly isWhole: boolean;
}

/** Made where a text needs it: that takes ten milliseconds. */
let segmenter: Intl.Segmenter | undefined;
const PLAIN = /^[\x20-\x7e]*$/;
const UNSAFE = /^[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]/v;
const TAB_COLUMNS = 4;

/** Takes a text apart. A line end is a grapheme without a width; its owner decides what it means. */
export function splitGraphemes(text: string): Grapheme[] {
  if (PLAIN.test(text))
    return Array.from(text, (shown, at) => ({ at, text: shown, shown, width: 1, isWhole: true }));
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment, index }) => ({
    at: index,
    text: segment,
    ...showGrapheme(segment),
  }));
}

/** Columns that a text without line ends takes on a terminal. */
export function measureText(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return splitGraphemes(text).reduce((sum, { width }) => sum + width, 0);
}

/** Cuts a text to so many columns of a terminal, at a grapheme. @param mark ends what is cut, in one column or none */
export function cutToColumns(text: string, columns: number, mark: '…' | '' = '…'): string {
  if (measureText(text) <= columns) return text;
  let shown = '';
  let width = mark.length;
  for (const grapheme of splitGraphemes(text)) {
    width += grapheme.width;
    if (width > columns) break;
    shown += grapheme.shown;
  }
  return shown + mark;
}

type Shown = Pick<Grapheme, 'shown' | 'width' | 'isWhole'>;

/** What cannot be written to a terminal as it is, is shown as in an editor: ^A, <200b>; a tab as spaces. */
function showGrapheme(segment: string): Shown {
  if (segment === '\n') return { shown: '', width: 0, isWhole: true };
  if (segment === '\t') return spell(' '.repeat(TAB_COLUMNS));
  if (UNSAFE.test(segment)) return spell(Array.from(segment, showCharacter).join(''));
  const width = stringWidth(segment);
  // A mark that has nothing to stand on
  if (width === 0) return { shown: `\u25cc${segment}`, width: 1, isWhole: true };
  return { shown: segment, width, isWhole: true };
}

function showCharacter(character: string): string {
  if (!UNSAFE.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : `<${code.toString(16).padStart(2, '0')}>`;
}

function spell(shown: string): Shown {
  return { shown, width: PLAIN.test(shown) ? shown.length : stringWidth(shown), isWhole: false };
}
