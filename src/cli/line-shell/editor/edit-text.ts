import { splitGraphemes } from './graphemes.ts';

/** A text that is edited, and where in it, in UTF-16 units; always between two graphemes. */
export interface EditedText {
  readonly text: string;
  readonly cursor: number;
}

export const EMPTY_TEXT: EditedText = { text: '', cursor: 0 };

export function insertText({ text, cursor }: EditedText, inserted: string): EditedText {
  const joined = text.slice(0, cursor) + inserted + text.slice(cursor);
  // What was inserted may have become one character with what stands behind it
  return { text: joined, cursor: alignCursor(joined, cursor + inserted.length) };
}

/** Takes out what stands between the cursor and another place. */
export function removeTo({ text, cursor }: EditedText, place: number): EditedText {
  const from = Math.min(cursor, place);
  const left = text.slice(0, from) + text.slice(Math.max(cursor, place));
  return { text: left, cursor: alignCursor(left, from) };
}

export function moveTo({ text }: EditedText, cursor: number): EditedText {
  return { text, cursor };
}

export function previousPlace({ text, cursor }: EditedText): number {
  return places(text).findLast((place) => place < cursor) ?? 0;
}

export function nextPlace({ text, cursor }: EditedText): number {
  return places(text).find((place) => place > cursor) ?? text.length;
}

/** As in readline: over what is no word, then over the word. */
export function previousWord({ text, cursor }: EditedText): number {
  const before = text.slice(0, cursor);
  return before.replace(/[\p{L}\p{N}\p{M}_]+[^\p{L}\p{N}\p{M}_]*$|[^\p{L}\p{N}\p{M}_]+$/u, '').length;
}

export function nextWord({ text, cursor }: EditedText): number {
  const [skipped = ''] = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u.exec(text.slice(cursor)) ?? [];
  return cursor + skipped.length;
}

/** The beginning of the word that only spaces end (Ctrl-W). */
export function previousBlank({ text, cursor }: EditedText): number {
  return text.slice(0, cursor).replace(/\S*\s*$/, '').length;
}

export function lineStart({ text, cursor }: EditedText): number {
  return text.lastIndexOf('\n', cursor - 1) + 1;
}

export function lineEnd({ text, cursor }: EditedText): number {
  const end = text.indexOf('\n', cursor);
  return end === -1 ? text.length : end;
}

/** The same place in the line above, as far as that goes; null in the first line. */
export function placeAbove(edited: EditedText): number | null {
  const start = lineStart(edited);
  if (start === 0) return null;
  const above = lineStart({ text: edited.text, cursor: start - 1 });
  return alignCursor(edited.text, Math.min(above + edited.cursor - start, start - 1));
}

export function placeBelow(edited: EditedText): number | null {
  const end = lineEnd(edited);
  if (end === edited.text.length) return null;
  const below = end + 1;
  const last = lineEnd({ text: edited.text, cursor: below });
  return alignCursor(edited.text, Math.min(below + edited.cursor - lineStart(edited), last));
}

/** Exchanges the two characters around the cursor (Ctrl-T); at the end, the last two. */
export function transpose(edited: EditedText): EditedText {
  const { text } = edited;
  const cursor = edited.cursor === lineEnd(edited) ? previousPlace(edited) : edited.cursor;
  const before = previousPlace({ text, cursor });
  if (cursor === 0 || before < lineStart({ text, cursor })) return edited;
  const after = nextPlace({ text, cursor });
  const swapped = text.slice(cursor, after) + text.slice(before, cursor);
  return { text: text.slice(0, before) + swapped + text.slice(after), cursor: after };
}

function places(text: string): number[] {
  return [...splitGraphemes(text).map(({ at }) => at), text.length];
}

/** The first place between two graphemes from here on. */
function alignCursor(text: string, cursor: number): number {
  return places(text).find((place) => place >= cursor) ?? text.length;
}
