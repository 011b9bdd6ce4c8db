import { quoteWord, usageError } from '../../command-line/usage-error.ts';

/** One line of ssh_config(5), as `-o` has it. */
export interface ConfigLine {
  readonly keyword: string;
  /** What stands behind the keyword, quotes taken off. */
  readonly words: readonly string[];
  /** The same as one text, quotes and all: a command is taken as it stands. */
  readonly text: string;
}

/**
 * Takes `Keyword=value`, `Keyword value` or `Keyword = value` apart.
 * @returns null for a line without a word
 * @throws RexaError USAGE for a quote that does not end
 */
export function readConfigLine(line: string): ConfigLine | null {
  const [, keyword = '', rest = ''] = /^\s*([^\s=]*)\s*=?\s*(.*?)\s*$/s.exec(line) ?? [];
  if (keyword === '' && rest === '') return null;
  if (keyword.startsWith('#')) return null;
  return { keyword, words: splitWords(rest), text: rest };
}

/** Words apart by blanks; quotes hold them together; `\` keeps a quote or itself; `#` in front of a word ends the line. */
function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  let index = 0;
  while (index < text.length) {
    while (isBlank(text[index])) index++;
    if (index >= text.length || text[index] === '#') break;
    const { word, end } = readWord(text, index);
    words.push(word);
    index = end;
  }
  return words;
}

function readWord(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = '';
  let quote: string | null = null;
  let index = start;
  for (; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\\' && isEscapable(text[index + 1], quote)) word += text.charAt(++index);
    else if (quote === null && (character === '"' || character === "'")) quote = character;
    else if (character === quote) quote = null;
    else if (quote === null && isBlank(character)) break;
    else word += character;
  }
  if (quote !== null) throw usageError(`${quoteWord(text)} has an unterminated quote`);
  return { word, end: index };
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

function isEscapable(character: string | undefined, quote: string | null): boolean {
  if (character === '"' || character === "'" || character === '\\') return true;
  return character === ' ' && quote === null;
}
