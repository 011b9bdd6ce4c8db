import { readDuration } from './duration.ts';
import type { CountOption, FlagOption, ListOption, ValueOption } from './option-table.ts';
import { quoteWord, usageError } from './usage-error.ts';

/** What an option may have beside what all of its kind have. */
type More<Spec, Given extends keyof Spec> = Partial<Omit<Spec, Given>>;

/** Returns an option that is given or not. */
export function flag(about: string, more: More<FlagOption, 'kind' | 'about'> = {}): FlagOption {
  return { kind: 'flag', about, ...more };
}

/** Returns an option that counts how often it is given. */
export function counted(about: string): CountOption {
  return { kind: 'count', about };
}

/** What an option with a value may have beside that. */
type MoreOfValue = More<ValueOption<unknown>, 'kind' | 'placeholder' | 'read' | 'about'>;

/** Returns an option with a value. */
export function value<Value>(
  placeholder: string,
  read: (text: string) => Value,
  about: string,
  more: MoreOfValue = {},
): ValueOption<Value> {
  return { kind: 'value', placeholder, read, about, ...more };
}

/** Returns an option with a value that may be repeated. */
export function list<Value>(
  placeholder: string,
  read: (text: string) => Value,
  about: string,
  more: MoreOfValue = {},
): ListOption<Value> {
  return { kind: 'list', placeholder, read, about, ...more };
}

/** Returns an option whose value is a file here. */
export function file(about: string, placeholder = 'FILE', read = readFileName): ValueOption<string> {
  return value(placeholder, read, about, { choices: 'files' });
}

/** Returns an option whose value is several files here, one each time that it is given. */
export function files(about: string): ListOption<string> {
  return list('FILE', readFileName, about, { choices: 'files' });
}

/** Returns an option whose value is a duration in milliseconds. */
export function duration(about: string, read: (text: string) => number = readDuration): ValueOption<number> {
  return value('DURATION', read, about);
}

/** Returns an option whose value is one of these words. @param what they are, in the message about another one */
export function choice<const Word extends string>(
  placeholder: string,
  words: readonly Word[],
  about: string,
  what?: string,
): ValueOption<Word> {
  return value(placeholder, (text) => readChoice(words, text, what), about, { choices: words });
}

/** Reads one of these words. @throws RexaError USAGE */
export function readChoice<Word extends string>(words: readonly Word[], text: string, what?: string): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  if (what === undefined) throw usageError(`${quoteWord(text)} is not one of ${words.join(', ')}`);
  throw usageError(
    `unknown ${what} ${quoteWord(text)}; use ${words.join(words.length === 2 ? ' or ' : ', ')}`,
  );
}

/** Takes any text. */
export function readText(text: string): string {
  return text;
}

/** Takes a text that is not empty. @throws RexaError USAGE */
export function readFilledText(text: string): string {
  if (text === '') throw usageError('a value is required');
  return text;
}

/** Takes the name of a file. @throws RexaError USAGE */
export function readFileName(text: string): string {
  if (text === '') throw usageError('a file name is required');
  return text;
}

/** Returns a reader of whole numbers in a range. @param what they are, in the message about another one */
export function numberFrom(least: number, most: number, what = 'a number'): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw usageError(`${quoteWord(text)} is not ${what} from ${least} to ${most}`);
  };
}
