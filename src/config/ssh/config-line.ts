import { quoteWord, usageError } from '../../command-line/usage-error.ts';

/** One line of ssh_config(5), of a file or of `-o`. */
export interface ConfigLine {
  readonly keyword: string;
  /** What follows the keyword, without quotes. */
  readonly words: readonly string[];
  /** The same as one text, with its quotes: a command is taken as it is written. */
  readonly text: string;
}

/** A keyword, which may be in double quotes, one `=` or blanks, and the rest without blanks around it. */
const LINE = /^[ \t\r\n]*(?:"([^"]*)"|([^ \t\r\n="]*))(?:[ \t\r\n]*=)?[ \t\r\n]*(.*?)[ \t\r\n\f]*$/s;

/**
 * Splits `Keyword=value`, `Keyword value` or `Keyword = value`.
 * @returns null for an empty line and a comment
 * @throws RexaError USAGE for a quote that does not end
 */
export function readConfigLine(line: string): ConfigLine | null {
  const [, quoted, bare = '', rest = ''] = LINE.exec(line) ?? [];
  const keyword = quoted ?? bare;
  if (keyword === '' && rest === '') return null;
  if (keyword.startsWith('#')) return null;
  return { keyword, words: splitWords(rest), text: rest };
}

/** Words are separated by blanks; quotes hold them together; `\` escapes a quote or itself; `#` before a word ends the line. */
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
