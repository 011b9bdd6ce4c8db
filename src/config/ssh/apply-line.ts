import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { invalid } from './config-error.ts';
import { type ConfigLine, readConfigLine } from './config-line.ts';
import { findKeyword, suggestKeyword } from './keywords/find-keyword.ts';
import type { HarmlessRow, KeywordRow, RefusedRow } from './keywords/row.ts';
import { matchesPatternList } from './patterns.ts';
import type { Draft } from './settings.ts';

/** They reach the command, which may be given bytes that are not UTF-8. */
const BYTE_KEYWORDS: readonly string[] = ['RemoteCommand', 'SetEnv'];

/** Where a setting is written, for messages. */
export interface Writing {
  /** `-p`, `-o Port`, `keyword Port`. */
  readonly name: string;
  /** As OpenSSH calls the place: `command-line line 0`. */
  readonly place: string;
  /** Whether it stands in a file that ssh reads by default, which may ask for what rexa lacks. */
  readonly isDefault: boolean;
}

/**
 * Applies one line of ssh_config, as `-o` gives it.
 * @throws RexaError USAGE for what is unknown, wrong or refused
 */
export function applyLine(draft: Draft, text: string): void {
  const line = explain('-o', () => readConfigLine(text));
  if (line === null) return;
  const found = findKeyword(line.keyword);
  if (found === null) {
    if (isIgnored(draft, line.keyword)) return;
    const closest = suggestKeyword(line.keyword);
    throw usageError(
      `-o: bad configuration option ${quoteWord(line.keyword)}${closest === null ? '' : `; did you mean ${closest}?`}`,
    );
  }
  applyRow(draft, found.keyword, found.row, line, onCommandLine(`-o ${found.keyword}`));
}

/** Applies an option of one letter that stands for a keyword. @param written the option, for messages */
export function applyKeyword(draft: Draft, keyword: string, value: string, written: string): void {
  const found = findKeyword(keyword);
  if (found === null) throw new TypeError(`there is no keyword ${keyword}`);
  const line = { keyword, words: [value], text: value };
  applyRow(draft, found.keyword, found.row, line, onCommandLine(written));
}

/** Returns whether `IgnoreUnknown` names an unknown keyword. */
export function isIgnored({ ignoreUnknown }: Draft, keyword: string): boolean {
  return (
    ignoreUnknown !== undefined && matchesPatternList(ignoreUnknown.toLowerCase(), keyword.toLowerCase())
  );
}

function onCommandLine(name: string): Writing {
  return { name, place: 'command-line line 0', isDefault: false };
}

/**
 * Applies a line with a known keyword.
 * @throws RexaError USAGE for what is wrong or refused
 */
export function applyRow(
  draft: Draft,
  keyword: string,
  row: KeywordRow,
  line: ConfigLine,
  writing: Writing,
): void {
  const { name } = writing;
  switch (row.fate) {
    case 'honoured':
      if (!line.text.isWellFormed() && !BYTE_KEYWORDS.includes(keyword))
        throw usageError(`${name}: ${quoteWord(line.text)} is not valid UTF-8`);
      explain(name, () => row.take(draft, line));
      if (draft.refusal !== undefined) throw invalid(`${writing.place}: RefuseConnection: ${draft.refusal}`);
      return;
    case 'harmless':
      passOver(draft, keyword, row, line, writing);
      return;
    case 'refused':
      if (!isOneOf(row.unless, line)) refuse(draft, keyword, row, writing);
      return;
    default:
      return row satisfies never;
  }
}

function passOver(
  draft: Draft,
  keyword: string,
  { ignoredAs, warning }: HarmlessRow,
  line: ConfigLine,
  { name, place, isDefault }: Writing,
): void {
  if (ignoredAs !== undefined) {
    draft.traces.push(`${place}: ${ignoredAs} option "${line.keyword.toLowerCase()}"`);
    return;
  }
  if (line.words.length === 0) throw usageError(`${name}: a value is missing`);
  if (warning === undefined || draft.remarks.has(keyword)) return;
  // Programs and persons that write it down for all hosts know: it would be said at every call
  draft.remarks.set(keyword, isDefault || isOneOf(warning.unless, line) ? null : warning.text);
}

function refuse(
  draft: Draft,
  keyword: string,
  { about }: RefusedRow,
  { name, place, isDefault }: Writing,
): void {
  const sentence = `${name} is not supported: ${about}`;
  if (!isDefault) throw usageError(sentence);
  if (!draft.remarks.has(keyword)) draft.remarks.set(keyword, `${place}: ${sentence}; it is ignored`);
}

function isOneOf(values: readonly string[], { words }: ConfigLine): boolean {
  return values.includes(words.join(' ').toLowerCase());
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
