import type { EditorState, EditorStep } from './editor-state.ts';
import { findEntry, type HistorySearch } from './history.ts';
import type { Key } from './keys.ts';

/** Ctrl-R outside of a search: it begins one. */
export function startSearch(state: EditorState): EditorStep {
  const search: HistorySearch = { wanted: '', found: null, before: state.text };
  return { state: { ...state, search, last: 'other' }, effect: 'none' };
}

/**
 * A key in a search. Text narrows it, Ctrl-R and Ctrl-S go on, Ctrl-G and Ctrl-C give it up; any other key takes what
 * was found and then does what it does: null.
 */
export function searchByKey(state: EditorState, search: HistorySearch, key: Key): EditorStep | null {
  if (key.kind === 'text') return narrow(state, search, search.wanted + key.text);
  if (key.kind === 'paste') return narrow(state, search, search.wanted + key.text.replaceAll('\n', ' '));
  switch (key.name) {
    case 'ctrl-r':
      return goOn(state, search, -1);
    case 'ctrl-s':
      return goOn(state, search, 1);
    case 'backspace':
    case 'ctrl-h':
      return narrow(state, search, Array.from(search.wanted).slice(0, -1).join(''));
    case 'ctrl-g':
    case 'ctrl-c':
    case 'escape':
      return end(state, search.before);
    default:
      return null;
  }
}

/** The state with what was found as its text. */
export function acceptSearch(state: EditorState, search: HistorySearch): EditorState {
  const found = search.found === null ? undefined : state.walk.entries[search.found];
  if (found === undefined) return { ...state, search: null };
  const walk = { ...state.walk, place: search.found ?? state.walk.place, draft: search.before };
  return { ...state, text: found, cursor: found.length, walk, search: null };
}

/** The search for another text: what is shown stays, if it fits. */
function narrow(state: EditorState, search: HistorySearch, wanted: string): EditorStep {
  const { entries } = state.walk;
  const from = search.found === null ? entries.length : search.found + 1;
  const start = wanted.startsWith(search.wanted) ? from : entries.length;
  const found = findEntry(entries, wanted, start, -1, null);
  return tell(state, { ...search, wanted, found }, found !== null || wanted === '');
}

function goOn(state: EditorState, search: HistorySearch, step: -1 | 1): EditorStep {
  const { entries } = state.walk;
  const shown = search.found === null ? null : (entries[search.found] ?? null);
  const from = search.found ?? (step === -1 ? entries.length : -1);
  const found = findEntry(entries, search.wanted, from, step, shown);
  return tell(state, { ...search, found: found ?? search.found }, found !== null);
}

function tell(state: EditorState, search: HistorySearch, isFound: boolean): EditorStep {
  return { state: { ...state, search }, effect: isFound ? 'none' : 'bell' };
}

function end(state: EditorState, text: string): EditorStep {
  return { state: { ...state, text, cursor: text.length, search: null }, effect: 'none' };
}
