import { escapeText } from '../../protocol/show-text.ts';

/** Returns text in a form that is safe on a terminal. A tab stays one. */
export function escapeSaid(text: string): string {
  return text.split('\t').map(escapeText).join('\t');
}
