import { matchesWildcards } from '../../auth/wildcards.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { type ConfigLine, readConfigLine } from './config-line.ts';
import { findKeyword, suggestKeyword } from './keywords/find-keyword.ts';
import type { KeywordRow } from './keywords/row.ts';
import type { Draft } from './settings.ts';

/** What they say reaches the command, which may be given bytes that are not UTF-8. */
const BYTE_KEYWORDS: readonly string[] = ['RemoteCommand', 'SetEnv'];

/**
 * Does what one line of ssh_config says, as `-o` gives it.
 * @throws RexaError USAGE for what is unknown, wrong or refused
 */
export function applyLine(draft: Draft, text: string): void {
  const line = explain('-o', () => readConfigLine(text));
  if (line === null) return;
  const found = findKeyword(line.keyword);
  if (found !== null) return applyRow(draft, found.keyword, found.row, line, `-o ${found.keyword}`);
  const isIgnored = draft.ignoreUnknown?.some((pattern) =>
    matchesWildcards(pattern.toLowerCase(), line.keyword.toLowerCase()),
  );
  if (isIgnored === true) return;
  const closest = suggestKeyword(line.keyword);
  throw usageError(
    `-o: bad configuration option ${quoteWord(line.keyword)}${closest === null ? '' : `; did you mean ${closest}?`}`,
  );
}

/** The same for an option of one letter that stands for a keyword. @param written the option, for messages */
export function applyKeyword(draft: Draft, keyword: string, value: string, written: string): void {
  const found = findKeyword(keyword);
  if (found === null) throw new TypeError(`there is no keyword ${keyword}`);
  applyRow(draft, found.keyword, found.row, { keyword, words: [value], text: value }, written);
}

function applyRow(draft: Draft, keyword: string, row: KeywordRow, line: ConfigLine, written: string): void {
  const isOneOf = (values: readonly string[]): boolean => values.includes(line.words.join(' ').toLowerCase());
  switch (row.fate) {
    case 'honoured':
      if (!line.text.isWellFormed() && !BYTE_KEYWORDS.includes(keyword))
        throw usageError(`${written}: ${quoteWord(line.text)} is not valid UTF-8`);
      explain(written, () => row.take(draft, line));
      return;
    case 'harmless':
      if (row.ignoredAs !== undefined) {
        draft.traces.push(`command-line line 0: ${row.ignoredAs} option "${line.keyword.toLowerCase()}"`);
        return;
      }
      if (line.words.length === 0) throw usageError(`${written}: a value is missing`);
      if (row.warning !== undefined && !draft.remarks.has(keyword)) {
        draft.remarks.set(keyword, isOneOf(row.warning.unless) ? null : row.warning.text);
      }
      return;
    case 'refused':
      if (!isOneOf(row.unless)) throw usageError(`${written} is not supported: ${row.about}`);
      return;
    default:
      return row satisfies never;
  }
}

/** Says what a sentence is about. */
function explain<Value>(written: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) throw usageError(`${written}: ${error.message}`, { cause: error });
    throw error;
  }
}
