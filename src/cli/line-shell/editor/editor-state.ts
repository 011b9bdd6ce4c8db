import { type EditedText, EMPTY_TEXT } from './edit-text.ts';
import { type HistorySearch, type HistoryWalk, startWalk } from './history.ts';

/** All that a line editor knows. Each key makes a new one. */
export interface EditorState extends EditedText {
  readonly walk: HistoryWalk;
  /** Null while nothing is searched for. */
  readonly search: HistorySearch | null;
  /** What was cut last, for Ctrl-Y. */
  readonly killed: string;
  /** What the last key did: cuts in a row are one, and so are letters for undo. */
  readonly last: 'kill' | 'insert' | 'last-word' | 'other';
  /** The texts before, for undo. */
  readonly undo: readonly EditedText[];
  /** How far back Alt-. has gone, and how long the word is that it put there. */
  readonly lastWord: { readonly back: number; readonly length: number };
}

/** What is to be done about a key beyond editing. */
export type EditorEffect =
  | 'none'
  | 'submit'
  | 'interrupt'
  | 'end-of-input'
  | 'complete'
  | 'clear-screen'
  | 'bell';

export interface EditorStep {
  readonly state: EditorState;
  readonly effect: EditorEffect;
}

export function startEditing(
  entries: readonly string[],
  killed = '',
  edited: EditedText = EMPTY_TEXT,
): EditorState {
  return {
    ...edited,
    walk: startWalk(entries),
    search: null,
    killed,
    last: 'other',
    undo: [],
    lastWord: { back: 0, length: 0 },
  };
}
