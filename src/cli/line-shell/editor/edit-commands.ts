import {
  type EditedText,
  insertText,
  lineEnd,
  lineStart,
  moveTo,
  nextPlace,
  nextWord,
  placeAbove,
  placeBelow,
  previousBlank,
  previousPlace,
  previousWord,
  removeTo,
  transpose,
} from './edit-text.ts';
import type { EditorEffect, EditorState, EditorStep } from './editor-state.ts';
import { walk } from './history.ts';

/** What a key does to the state, outside of a search. */
export type EditCommand = (state: EditorState) => EditorStep;

const MAX_UNDO_STEPS = 200;

const done = (state: EditorState): EditorStep => ({ state: { ...state, last: 'other' }, effect: 'none' });
const bell = (state: EditorState): EditorStep => ({ state, effect: 'bell' });
const ask =
  (effect: EditorEffect): EditCommand =>
  (state) => ({ state, effect });

const move =
  (find: (edited: EditedText) => number): EditCommand =>
  (state) =>
    done({ ...state, ...moveTo(state, find(state)) });

/** Changes the text, and remembers the one before. */
function change(state: EditorState, edited: EditedText): EditorState {
  if (edited.text === state.text) return { ...state, ...edited };
  const { text, cursor } = state;
  return { ...state, ...edited, undo: [...state.undo.slice(-MAX_UNDO_STEPS), { text, cursor }] };
}

const erase =
  (find: (edited: EditedText) => number): EditCommand =>
  (state) => {
    const place = find(state);
    return place === state.cursor ? bell(state) : done(change(state, removeTo(state, place)));
  };

/** Cuts in a row are put together, in the order of the text. */
const kill =
  (find: (edited: EditedText) => number): EditCommand =>
  (state) => {
    const place = find(state);
    const cut = state.text.slice(Math.min(place, state.cursor), Math.max(place, state.cursor));
    const before = state.last === 'kill' ? state.killed : '';
    const killed = place < state.cursor ? cut + before : before + cut;
    return { state: { ...change(state, removeTo(state, place)), killed, last: 'kill' }, effect: 'none' };
  };

/** Text that was typed: the letters of a word are one step for undo. */
export function typeText(state: EditorState, text: string): EditorStep {
  const edited = insertText(state, text);
  const isInWord = !/\s/.test(text);
  const next = isInWord && state.last === 'insert' ? { ...state, ...edited } : change(state, edited);
  return { state: { ...next, last: isInWord ? 'insert' : 'other' }, effect: 'none' };
}

/** Text that was put there as one. */
export function putText(state: EditorState, text: string): EditorStep {
  return done(change(state, insertText(state, text)));
}

/** Another text in the place of the whole. */
export function replaceText(state: EditorState, edited: EditedText): EditorState {
  return { ...change(state, edited), last: 'other' };
}

const step =
  (direction: -1 | 1, place: (edited: EditedText) => number | null): EditCommand =>
  (state) => {
    const inText = place(state);
    if (inText !== null) return done({ ...state, ...moveTo(state, inText) });
    return walkHistory(state, direction);
  };

function walkHistory(state: EditorState, direction: -1 | 1): EditorStep {
  const found = walk(state.walk, direction, state.text);
  if (found === null) return bell(state);
  const { text } = found;
  return done({ ...state, text, cursor: text.length, walk: found.walk, undo: [] });
}

function undo(state: EditorState): EditorStep {
  const before = state.undo.at(-1);
  if (before === undefined) return bell(state);
  return done({ ...state, ...before, undo: state.undo.slice(0, -1) });
}

/** Puts the last word of the entry before there; again, that of the one before that. */
function insertLastWord(state: EditorState): EditorStep {
  const isRepeated = state.last === 'last-word';
  const back = isRepeated ? state.lastWord.back + 1 : 1;
  const entry = state.walk.entries.at(-back);
  if (entry === undefined) return bell(state);
  const word = entry.trim().split(/\s+/).at(-1) ?? '';
  const cleared = isRepeated ? removeTo(state, state.cursor - state.lastWord.length) : state;
  const edited = insertText(cleared, word);
  return {
    state: { ...change(state, edited), last: 'last-word', lastWord: { back, length: word.length } },
    effect: 'none',
  };
}

const COMMANDS = {
  submit: ask('submit'),
  interrupt: ask('interrupt'),
  complete: ask('complete'),
  'clear-screen': ask('clear-screen'),
  'delete-or-leave': (state) => (state.text === '' ? ask('end-of-input')(state) : erase(nextPlace)(state)),
  'new-line': (state) => putText(state, '\n'),
  left: move(previousPlace),
  right: move(nextPlace),
  'word-left': move(previousWord),
  'word-right': move(nextWord),
  'line-start': move(lineStart),
  'line-end': move(lineEnd),
  'text-start': move(() => 0),
  'text-end': move(({ text }) => text.length),
  up: step(-1, placeAbove),
  down: step(1, placeBelow),
  'history-back': (state) => walkHistory(state, -1),
  'history-forth': (state) => walkHistory(state, 1),
  'erase-left': erase(previousPlace),
  'erase-right': erase(nextPlace),
  'kill-word-left': kill(previousWord),
  'kill-word-right': kill(nextWord),
  'kill-blank-left': kill(previousBlank),
  'kill-line-start': kill(lineStart),
  'kill-line-end': kill((edited) => {
    const end = lineEnd(edited);
    // At the end of a line its line end, as in Emacs
    return end === edited.cursor ? nextPlace(edited) : end;
  }),
  yank: (state) => (state.killed === '' ? bell(state) : putText(state, state.killed)),
  transpose: (state) => done(change(state, transpose(state))),
  undo,
  'last-word': insertLastWord,
} as const satisfies Record<string, EditCommand>;

type CommandName = keyof typeof COMMANDS;

/** Readline's keys, as in its Emacs mode. */
const BINDINGS: Readonly<Record<string, CommandName>> = {
  enter: 'submit',
  'alt-enter': 'new-line',
  tab: 'complete',
  left: 'left',
  right: 'right',
  up: 'up',
  down: 'down',
  home: 'line-start',
  end: 'line-end',
  delete: 'erase-right',
  backspace: 'erase-left',
  'page-up': 'history-back',
  'page-down': 'history-forth',
  'ctrl-left': 'word-left',
  'ctrl-right': 'word-right',
  'alt-left': 'word-left',
  'alt-right': 'word-right',
  'ctrl-home': 'text-start',
  'ctrl-end': 'text-end',
  'ctrl-delete': 'kill-word-right',
  'alt-backspace': 'kill-word-left',
  'ctrl-a': 'line-start',
  'ctrl-b': 'left',
  'ctrl-c': 'interrupt',
  'ctrl-d': 'delete-or-leave',
  'ctrl-e': 'line-end',
  'ctrl-f': 'right',
  'ctrl-h': 'erase-left',
  'ctrl-k': 'kill-line-end',
  'ctrl-l': 'clear-screen',
  'ctrl-n': 'history-forth',
  'ctrl-p': 'history-back',
  'ctrl-t': 'transpose',
  'ctrl-u': 'kill-line-start',
  'ctrl-w': 'kill-blank-left',
  'ctrl-y': 'yank',
  'ctrl-_': 'undo',
  'alt-b': 'word-left',
  'alt-f': 'word-right',
  'alt-d': 'kill-word-right',
  'alt-.': 'last-word',
  'alt-_': 'last-word',
};

/** Null for a key that has no meaning here. */
export function findCommand(keyName: string): EditCommand | null {
  const name = Object.hasOwn(BINDINGS, keyName) ? BINDINGS[keyName] : undefined;
  return name === undefined ? null : COMMANDS[name];
}
