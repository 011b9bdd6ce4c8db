import { listSequences } from './key-table.ts';

/** A part of what a person has typed. */
export type TypedPart =
  | { readonly kind: 'text'; readonly text: string }
  /** A key by its name. */
  | { readonly kind: 'key'; readonly name: string };

const ESCAPE = '\x1b';
/** What terminals answer to questions of programs: attributes, cursor, modes, colours, sizes, focus, keyboard flags. */
const ANSWER =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
  /^(?:\x1b\[[?>=][\d;]*c|\x1b\[\??\d+;\d+(?:;\d+)?R|\x1b\[\??[\d;]*\$y|\x1b\[\?\d*u|\x1b\[\d+(?:;\d+)*t|\x1b\[\d*n|\x1b\[[IO]|\x1b[\]P_][^\x07\x1b]*(?:\x07|\x1b\\))/;
/** A sequence that no key has: of a mouse, or of pasted text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what sequences begin with
const SEQUENCE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~])/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are no text
const TEXT = /^[^\x00-\x1f\x7f]+/;

/** Reads what was typed as keys and texts. What the terminal itself has answered is left out. */
export function createTypedReader(): (bytes: Uint8Array) => readonly TypedPart[] {
  const names = listSequences();
  const byLength = [...names].toSorted(([a], [b]) => b.length - a.length);
  const decoder = new TextDecoder();

  function readNext(text: string): { readonly length: number; readonly part: TypedPart | null } {
    const plain = TEXT.exec(text)?.[0];
    if (plain !== undefined) return { length: plain.length, part: { kind: 'text', text: plain } };
    const own = byLength.find(([sent]) => sent.length > 1 && text.startsWith(sent));
    if (own !== undefined) return { length: own[0].length, part: { kind: 'key', name: own[1] } };
    const answer = ANSWER.exec(text)?.[0];
    if (answer !== undefined) return { length: answer.length, part: null };
    const other = SEQUENCE.exec(text)?.[0];
    if (other !== undefined) return { length: other.length, part: { kind: 'text', text: other } };
    const [first = '', second = ''] = text;
    if (first === ESCAPE && /^[!-~]$/.test(second))
      return { length: 2, part: { kind: 'key', name: `M-${second}` } };
    const name = names.get(first);
    return {
      length: first.length,
      part: name === undefined ? { kind: 'text', text: first } : { kind: 'key', name },
    };
  }

  return (bytes) => {
    const parts: TypedPart[] = [];
    for (let rest = decoder.decode(bytes, { stream: true }); rest !== ''; ) {
      const { length, part } = readNext(rest);
      if (part !== null) parts.push(part);
      rest = rest.slice(length);
    }
    return parts;
  };
}
