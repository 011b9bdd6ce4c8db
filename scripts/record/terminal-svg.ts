import { splitGraphemes } from '../../src/cli/line-shell/editor/graphemes.ts';
import { escapeXml } from '../../src/cli/smoke/report/xml-text.ts';

/** A picture of a terminal. */
export interface TerminalPicture {
  readonly title: string;
  /** Rows as `tmux capture-pane -e` gives them: text with SGR sequences (ECMA-48, 8.3.117). */
  readonly rows: readonly string[];
  readonly columns: number;
  readonly cursor: { readonly column: number; readonly row: number };
}

interface Style {
  readonly color: string | null;
  readonly isDim: boolean;
  readonly isInverse: boolean;
}

/** Text of one style that begins at a column. */
interface Span extends Style {
  readonly column: number;
  readonly width: number;
  readonly text: string;
}

const CELL = { width: 8.4, height: 19 };
const MARGIN = 14;
const BAR_HEIGHT = 34;
const FONT_SIZE = 14;
const PAPER = '#1d2029';
const INK = '#d8dbe2';
/** Colours 30 to 37. */
const COLORS = ['#4b5263', '#ef6b73', '#98c379', '#e5c07b', '#6cb2f5', '#c678dd', '#56b6c2', '#d8dbe2'];
const ESC = '\x1b';
const SGR_OR_TEXT = new RegExp(String.raw`${ESC}\[([\d;]*)m|[^${ESC}]+`, 'g');
const PLAIN: Style = { color: null, isDim: false, isInverse: false };

/** Draws it as SVG. Each span is put at its column, so that it stands right whatever font the reader has. */
export function drawTerminal({ title, rows, columns, cursor }: TerminalPicture): string {
  const width = Math.round(2 * MARGIN + columns * CELL.width);
  const height = Math.round(BAR_HEIGHT + MARGIN + rows.length * CELL.height);
  const spans = rows.flatMap((row, index) => readRow(row).map((span) => drawSpan(span, index)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>`,
    ...['#ef6b73', '#e5c07b', '#98c379'].map(
      (fill, index) => `<circle cx="${20 + index * 18}" cy="17" r="5.5" fill="${fill}"/>`,
    ),
    `<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="${FONT_SIZE}" fill="${INK}">`,
    `<text x="${width / 2}" y="22" text-anchor="middle" fill="#8b91a0">${escapeXml(title)}</text>`,
    ...spans,
    `<rect x="${x(cursor.column)}" y="${y(cursor.row) - 14}" width="${CELL.width}" height="18" fill="${INK}" opacity="0.7"/>`,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

function readRow(row: string): Span[] {
  const spans: Span[] = [];
  let style = PLAIN;
  let column = 0;
  for (const [part, parameters] of row.matchAll(SGR_OR_TEXT)) {
    if (parameters !== undefined) style = changeStyle(style, parameters);
    else {
      const read = readText(part, column, style);
      spans.push(...read.spans);
      column = read.column;
    }
  }
  return spans.filter(({ text, isInverse }) => isInverse || text.trim() !== '');
}

/** Wide characters stand alone: their width in a font is seldom that of two columns. */
function readText(
  text: string,
  from: number,
  style: Style,
): { readonly spans: Span[]; readonly column: number } {
  const spans: Span[] = [];
  let column = from;
  let narrow = '';
  const endNarrow = (): void => {
    if (narrow !== '')
      spans.push({ ...style, text: narrow, column: column - narrow.length, width: narrow.length });
    narrow = '';
  };
  for (const { shown, width } of splitGraphemes(text)) {
    if (width === 1 && shown.length === 1) narrow += shown;
    else {
      endNarrow();
      spans.push({ ...style, text: shown, column, width });
    }
    column += width;
  }
  endNarrow();
  return { spans, column };
}

function changeStyle(style: Style, parameters: string): Style {
  let { color, isDim, isInverse } = style;
  for (const code of parameters.split(';').map(Number)) {
    if (code === 0) ({ color, isDim, isInverse } = PLAIN);
    else if (code === 7 || code === 27) isInverse = code === 7;
    else if (code === 2 || code === 22) isDim = code === 2;
    else if (code === 39) color = null;
    else if (code >= 30 && code <= 37) color = COLORS[code - 30] ?? null;
  }
  return { color, isDim, isInverse };
}

function drawSpan({ text, column, width, color, isDim, isInverse }: Span, row: number): string {
  const ink = isInverse ? PAPER : color;
  const fill = ink === null ? '' : ` fill="${ink}"`;
  const opacity = isDim ? ' opacity="0.6"' : '';
  const length = ` textLength="${round(width * CELL.width)}" lengthAdjust="spacingAndGlyphs"`;
  const back = isInverse
    ? `<rect x="${x(column)}" y="${y(row) - 14}" width="${round(width * CELL.width)}" height="${CELL.height}" fill="${color ?? INK}"/>`
    : '';
  return `${back}<text x="${x(column)}" y="${y(row)}"${length}${fill}${opacity} xml:space="preserve">${escapeXml(text)}</text>`;
}

function x(column: number): number {
  return round(MARGIN + column * CELL.width);
}

function y(row: number): number {
  return round(BAR_HEIGHT + (row + 1) * CELL.height - 5);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
