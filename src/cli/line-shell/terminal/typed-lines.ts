import { insertText, previousBlank, previousPlace, removeTo } from '../editor/edit-text.ts';
import { measureText, splitGraphemes } from '../editor/graphemes.ts';
import type { Key } from '../editor/keys.ts';

/** What a key does while a command runs, as a terminal in its line mode would do it. */
export interface TypedStep {
  /** The line that is being typed now. */
  readonly text: string;
  /** What is shown for it. */
  readonly echo: string;
  /** What goes to the command's stdin. */
  readonly sent: string;
  readonly action: 'none' | 'interrupt' | 'quit' | 'end-of-input' | 'suspend';
}

/** @param text the line that was being typed before the key */
export function typeByKey(text: string, key: Key): TypedStep {
  if (key.kind === 'text') return typeIn(text, key.text);
  if (key.kind === 'paste') return typeIn(text, key.text);
  switch (key.name) {
    case 'enter':
      return { text: '', echo: '\r\n', sent: `${text}\n`, action: 'none' };
    case 'tab':
      return typeIn(text, '\t');
    case 'backspace':
    case 'ctrl-h':
      return eraseFrom(text, previousPlace({ text, cursor: text.length }));
    case 'ctrl-w':
      return eraseFrom(text, previousBlank({ text, cursor: text.length }));
    case 'ctrl-u':
      return eraseFrom(text, 0);
    case 'ctrl-c':
      return { text: '', echo: '^C', sent: '', action: 'interrupt' };
    case 'ctrl-backslash':
      return { text: '', echo: '^\\', sent: '', action: 'quit' };
    case 'ctrl-d':
      // In the middle of a line it gives the command what was typed so far
      if (text !== '') return { text: '', echo: '', sent: text, action: 'none' };
      return { text, echo: '', sent: '', action: 'end-of-input' };
    case 'ctrl-z':
      return { text, echo: '', sent: '', action: 'suspend' };
    default:
      return { text, echo: '', sent: '', action: 'none' };
  }
}

/** A text may hold line ends, when it was pasted: each ends a line. */
function typeIn(text: string, typed: string): TypedStep {
  const end = typed.lastIndexOf('\n');
  const echo = showTyped(typed);
  if (end === -1)
    return { text: insertText({ text, cursor: text.length }, typed).text, echo, sent: '', action: 'none' };
  return { text: typed.slice(end + 1), echo, sent: `${text}${typed.slice(0, end + 1)}`, action: 'none' };
}

function eraseFrom(text: string, place: number): TypedStep {
  const left = removeTo({ text, cursor: text.length }, place).text;
  const columns = measureText(text) - measureText(left);
  const echo = '\b'.repeat(columns) + ' '.repeat(columns) + '\b'.repeat(columns);
  return { text: left, echo, sent: '', action: 'none' };
}

function showTyped(text: string): string {
  return splitGraphemes(text)
    .map((grapheme) => (grapheme.text === '\n' ? '\r\n' : grapheme.shown))
    .join('');
}
