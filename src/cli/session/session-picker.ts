import { styleText } from 'node:util';
import { showText } from '../../protocol/show-text.ts';
import type { SessionInfo } from '../../services/sessions/client-types.ts';
import { cutToColumns, measureText } from '../line-shell/editor/graphemes.ts';
import type { TerminalSize } from '../terminal/local-terminal.ts';
import { describeSessions } from './describe-sessions.ts';

/** What a person chooses a session from. */
export interface PickerState {
  readonly sessions: readonly SessionInfo[];
  /** The name of the one that is chosen; null: there are none. */
  readonly chosen: string | null;
}

/** What a key means: another choice, or the end of choosing. */
export type PickerStep =
  | { readonly kind: 'state'; readonly state: PickerState }
  | { readonly kind: 'open'; readonly name: string; readonly mode: 'drive' | 'view' }
  | { readonly kind: 'quit' };

const MOVES: Readonly<Record<string, number>> = { up: -1, k: -1, down: 1, j: 1 };
const QUITS: readonly string[] = ['q', 'escape', 'ctrl-c', 'ctrl-d'];
/** Rows beside those of sessions and of the preview: the keys, the heads of the columns, and a line between. */
const OTHER_ROWS = 3;
/** With what is combined with others. */
const CHARACTERS_PER_COLUMN = 4;

/** Takes the sessions as they are now. The choice stays, or goes to the one that has its place. */
export function takeSessions(state: PickerState, sessions: readonly SessionInfo[]): PickerState {
  const before = indexOfChosen(state);
  const isThere = sessions.some(({ name }) => name === state.chosen);
  const next = sessions[Math.min(Math.max(0, before), sessions.length - 1)]?.name ?? null;
  return { sessions, chosen: isThere ? state.chosen : next };
}

/** Follows a key. @param key its name, or the character */
export function followKey(state: PickerState, key: string): PickerStep {
  if (QUITS.includes(key)) return { kind: 'quit' };
  const { sessions, chosen } = state;
  if (chosen !== null && key === 'enter') return { kind: 'open', name: chosen, mode: 'drive' };
  if (chosen !== null && key === 'v') return { kind: 'open', name: chosen, mode: 'view' };
  const to = indexOfChosen(state) + (MOVES[key] ?? 0);
  const next = sessions[Math.min(Math.max(0, to), sessions.length - 1)]?.name ?? null;
  return { kind: 'state', state: { sessions, chosen: next } };
}

/**
 * Returns the rows of a terminal: the sessions, and below them what the chosen one shows.
 * @param preview text from elsewhere, row by row
 */
export function drawPicker(
  state: PickerState,
  host: string,
  preview: readonly string[],
  { columns, rows }: TerminalSize,
): readonly string[] {
  const { sessions, chosen } = state;
  const [head = '', ...lines] = describeSessions(sessions, Date.now()).split('\n');
  const most = Math.max(1, Math.floor((rows - OTHER_ROWS) / 2));
  const first = Math.max(0, indexOfChosen(state) - most + 1);
  const shown = lines.slice(first, first + Math.min(most, sessions.length));
  const keys = `rexa session ${showText(host)}: Enter attaches, v looks, q quits`;
  const top = [
    inverse(fill(keys, columns)),
    cutToColumns(head, columns),
    ...shown.map((line, index) => {
      const isChosen = sessions[first + index]?.name === chosen;
      return isChosen ? inverse(fill(line, columns)) : cutToColumns(line, columns);
    }),
    dim('─'.repeat(columns)),
  ];
  const shownRows = lastFilled(preview, Math.max(0, rows - top.length));
  return [...top, ...shownRows.map((row) => cutRow(row, columns))].slice(0, rows);
}

function indexOfChosen({ sessions, chosen }: PickerState): number {
  return sessions.findIndex(({ name }) => name === chosen);
}

/** The last rows up to the last one with text. */
function lastFilled(rows: readonly string[], count: number): readonly string[] {
  const end = rows.findLastIndex((row) => row.trim() !== '') + 1;
  return rows.slice(Math.max(0, end - count), end);
}

/** What is far behind the last column need not be measured. */
function cutRow(row: string, columns: number): string {
  return cutToColumns(showText(row.slice(0, CHARACTERS_PER_COLUMN * columns)), columns);
}

function fill(text: string, columns: number): string {
  const cut = cutToColumns(text, columns);
  return `${cut}${' '.repeat(Math.max(0, columns - measureText(cut)))}`;
}

const inverse = (text: string): string => styleText('inverse', text, { validateStream: false });
const dim = (text: string): string => styleText('dim', text, { validateStream: false });
