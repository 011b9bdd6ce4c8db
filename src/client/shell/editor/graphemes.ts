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
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PLAIN = /^[\x20-\x7e]*$/;
const UNSAFE = /^[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]/v;
const TAB_COLUMNS = 4;

/** Takes a text apart. A line end is a grapheme without a width; its owner decides what it means. */
export function splitGraphemes(text: string): Grapheme[] {
  if (PLAIN.test(text)) return Array.from(text, (shown, at) => ({ at, text: shown, shown, width: 1 }));
  return Array.from(SEGMENTER.segment(text), ({ segment, index }) => ({
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

/** What cannot be written to a terminal as it is, is shown as in an editor: ^A, <200b>; a tab as spaces. */
function showGrapheme(segment: string): { readonly shown: string; readonly width: number } {
  if (segment === '\n') return { shown: '', width: 0 };
  if (segment === '\t') return { shown: ' '.repeat(TAB_COLUMNS), width: TAB_COLUMNS };
  if (!UNSAFE.test(segment)) {
    const width = stringWidth(segment);
    // A mark that has nothing to stand on
    return width === 0 ? { shown: `\u25cc${segment}`, width: 1 } : { shown: segment, width };
  }
  const code = segment.codePointAt(0) ?? 0;
  const rest = segment.slice(String.fromCodePoint(code).length);
  const shown =
    code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : `<${code.toString(16).padStart(2, '0')}>`;
  const tail =
    rest === ''
      ? ''
      : splitGraphemes(rest)
          .map((grapheme) => grapheme.shown)
          .join('');
  return { shown: shown + tail, width: shown.length + (rest === '' ? 0 : measureText(rest)) };
}
