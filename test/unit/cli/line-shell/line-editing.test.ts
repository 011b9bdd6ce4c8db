import { describe, expect, it } from 'vitest';
import { editByKey } from '../../../../src/cli/line-shell/editor/edit-by-key.ts';
import { type EditorState, startEditing } from '../../../../src/cli/line-shell/editor/editor-state.ts';
import { createKeyDecoder } from '../../../../src/cli/line-shell/editor/keys.ts';

/** A text with its cursor as `|`. */
function read(text: string): Pick<EditorState, 'text' | 'cursor'> {
  const cursor = text.indexOf('|');
  return cursor === -1 ? { text, cursor: text.length } : { text: text.replace('|', ''), cursor };
}

function show({ text, cursor }: EditorState): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

/** What keys make of a text; the effects are those that are more than editing. */
function edit(start: string, typed: string, entries: readonly string[] = []) {
  const decoder = createKeyDecoder();
  let state = startEditing(entries, '', read(start));
  const effects: string[] = [];
  for (const key of [
    ...Array.from(typed).flatMap((character) => decoder.take(character)),
    ...decoder.flush(),
  ]) {
    const step = editByKey(state, key);
    state = step.state;
    if (step.effect !== 'none') effects.push(step.effect);
  }
  return { text: show(state), effects, state };
}

const UP = '\x1b[A';
const DOWN = '\x1b[B';
const LEFT = '\x1b[D';
const RIGHT = '\x1b[C';
const HOME = '\x1b[H';
const END = '\x1b[F';

describe('a key at the prompt', () => {
  it.each([
    ['letters', 'a|c', 'b', 'ab|c'],
    ['Left over a letter', 'ab|', LEFT, 'a|b'],
    ['Left over a wide character', '中文|', LEFT, '中|文'],
    ['Left over a family', 'a👨‍👩‍👧|', LEFT, 'a|👨‍👩‍👧'],
    ['Left over a letter with its accent', 'e\u0301|', LEFT, '|e\u0301'],
    ['Right over an emoji', '|😀x', RIGHT, '😀|x'],
    ['Backspace', 'ab|c', '\x7f', 'a|c'],
    ['Backspace of a flag', '🇩🇪|', '\x7f', '|'],
    ['Delete', 'a|bc', '\x1b[3~', 'a|c'],
    ['Ctrl-D in a text', 'a|bc', '\x04', 'a|c'],
    ['Home', 'ab|', HOME, '|ab'],
    ['Home in a text of lines', 'a\nbc|', HOME, 'a\n|bc'],
    ['End', '|ab', END, 'ab|'],
    ['End in a text of lines', '|ab\nc', END, 'ab|\nc'],
    ['Ctrl-A and Ctrl-E', 'a|b', '\x01x\x05y', 'xaby|'],
    ['Alt-b', 'ls one-two|', '\x1bb', 'ls one-|two'],
    ['Alt-b behind signs', 'ls one --|', '\x1bb', 'ls |one --'],
    ['Ctrl-Left over a word of Chinese', 'ls 中文 |', '\x1b[1;5D', 'ls |中文 '],
    ['Alt-f', '|ls one', '\x1bf', 'ls| one'],
    ['Alt-f over signs', 'ls| --one x', '\x1bf', 'ls --one| x'],
    ['Ctrl-W', 'rm -rf /a/b|', '\x17', 'rm -rf |'],
    ['Ctrl-W behind spaces', 'rm  |x', '\x17', '|x'],
    ['Alt-Backspace', 'rm /a/b|', '\x1b\x7f', 'rm /a/|'],
    ['Alt-d', 'a |bc-d', '\x1bd', 'a |-d'],
    ['Ctrl-U', 'abc|def', '\x15', '|def'],
    ['Ctrl-K', 'abc|def', '\x0b', 'abc|'],
    ['Ctrl-K at the end of a line', 'abc|\ndef', '\x0b', 'abc|def'],
    ['Ctrl-Y', 'abc|', '\x15\x19\x19', 'abcabc|'],
    ['Ctrl-Y of cuts in a row', 'one two three|', '\x17\x17\x19', 'one two three|'],
    ['Ctrl-Y of cuts in both directions', 'one| two', '\x17\x0b\x19', 'one two|'],
    ['Ctrl-T', 'ab|c', '\x14', 'acb|'],
    ['Ctrl-T at the end', 'ab|', '\x14', 'ba|'],
    ['Alt-Enter', 'a|b', '\x1b\r', 'a\n|b'],
    ['Up within the text', 'abc\nde|f', UP, 'ab|c\ndef'],
    ['Up to a shorter line', 'a\nbcd|', UP, 'a|\nbcd'],
    ['Down within the text', 'ab|c\nd', DOWN, 'abc\nd|'],
    ['a paste', 'a|d', '\x1b[200~b\nc\x1b[201~', 'ab\nc|d'],
    ['undo of a paste', 'a|', '\x1b[200~b\nc\x1b[201~\x1f', 'a|'],
    ['undo of a typed word', 'ls|', ' abc\x1f', 'ls |'],
    ['undo of a cut', 'abc|', '\x15\x1f', 'abc|'],
    ['an unknown key', 'a|', '\x1b[99~', 'a|'],
  ])('does what readline does: %s', (_, start, typed, text) => {
    expect(edit(start, typed).text).toBe(text);
  });

  it.each([
    ['Enter', 'ls|', '\r', 'submit'],
    ['Ctrl-C', 'ls|', '\x03', 'interrupt'],
    ['Ctrl-D in an empty line', '|', '\x04', 'end-of-input'],
    ['Ctrl-L', 'ls|', '\x0c', 'clear-screen'],
    ['Tab', 'ls|', '\t', 'complete'],
    ['Backspace at the start', '|a', '\x7f', 'bell'],
    ['Ctrl-D at the end', 'a|', '\x04', 'bell'],
    ['Ctrl-Y of nothing', 'a|', '\x19', 'bell'],
    ['Up without a history', 'a|', UP, 'bell'],
  ])('asks for more than editing: %s', (_, start, typed, effect) => {
    const edited = edit(start, typed);
    expect([edited.text, edited.effects]).toEqual([start, [effect]]);
  });
});

describe('the history at the prompt', () => {
  const entries = ['one', 'two', 'for x in 1\ndo :\ndone', 'git log one'];

  it.each([
    ['goes back', '', `${UP}${UP}`, 'for x in 1\ndo :\ndone|'],
    ['goes up within a text of lines', '', `${UP}${UP}${UP}`, 'for x in 1\ndo :|\ndone'],
    ['goes through a text of lines, then on', '', `${UP}${UP}${UP}${UP}${UP}`, 'two|'],
    ['comes back to what was being written', 'new', `${UP}${DOWN}`, 'new|'],
    ['edits what it shows', '', `${UP}!`, 'git log one!|'],
    ['is walked by whole entries with Ctrl-P', '', '\x10\x10\x10', 'two|'],
    ['has the last word', 'echo ', '\x1b.', 'echo one|'],
    ['has the last words of earlier entries', 'echo ', '\x1b.\x1b.\x1b.', 'echo two|'],
  ])('%s', (_, start, typed, text) => {
    expect(edit(start, typed, entries).text).toBe(text);
  });

  it.each([
    ['finds the youngest', '\x12one\r', 'git log one|'],
    ['goes on to older ones', '\x12one\x12\x12\r', 'one|'],
    ['comes back', '\x12one\x12\x12\x13\r', 'for x in 1\ndo :\ndone|'],
    ['narrows', '\x12o\x12n\r', 'for x in 1\ndo :\ndone|'],
    ['widens', '\x12onx\x7f\r', 'git log one|'],
    ['is given up', '\x12one\x07', 'before|'],
    ['is given up by Ctrl-C', '\x12one\x03', 'before|'],
    ['goes over into editing', `\x12one${HOME}x`, 'x|git log one'],
    ['keeps what was written when nothing is found', '\x12zzz\r', 'before|'],
    ['takes wide characters', '\x12中\x7flog\r', 'git log one|'],
  ])('when it is searched, %s', (_, typed, text) => {
    expect(edit('before', typed, entries).text).toBe(text);
  });

  it('says that nothing was found, and submits what was found at once', () => {
    expect(edit('', '\x12zzz', entries).effects).toEqual(['bell', 'bell', 'bell']);
    expect(edit('', '\x12two\r', entries).effects).toEqual(['submit']);
  });

  it('is walked on from what a search has found', () => {
    expect(edit('before', `\x12two${END}${UP}`, entries).text).toBe('one|');
  });
});
