import { findClosestName } from './closest-name.ts';
import {
  findOption,
  listShown,
  type OptionSpec,
  type OptionTable,
  takesValue,
  writeOption,
} from './option-table.ts';
import { quoteWord, usageError } from './usage-error.ts';

/** One option as it was used. */
export interface OptionUse {
  readonly name: string;
  readonly spec: OptionSpec;
  /** As it was written: `-v` where the table has `--verbose` too. */
  readonly written: string;
  /** Null where no value belongs to it. */
  readonly value: string | null;
}

/** What one word that begins with `-` says. */
export interface OptionWord {
  readonly uses: readonly OptionUse[];
  /** The option at the word's end whose value is the next word. */
  readonly awaiting: Omit<OptionUse, 'value'> | null;
}

/** Whether a word is an option: `-` alone is none, `--` is the end of the options. */
export function isOptionWord(word: string): boolean {
  return word.length > 1 && word.startsWith('-') && word !== '--';
}

/**
 * Takes a word such as `--timeout`, `--timeout=30s`, `-n`, `-nq` or `-cLINE` apart.
 * @param owner what the options belong to, for the message: `rexa run`
 * @param hint said of an unknown option that resembles no other
 * @throws RexaError USAGE for an option that the table lacks, and a value given to one that takes none
 */
export function readOptionWord(table: OptionTable, owner: string, word: string, hint = ''): OptionWord {
  return word.startsWith('--') ? readLong(table, owner, word, hint) : readLetters(table, owner, word, hint);
}

function readLong(table: OptionTable, owner: string, word: string, hint: string): OptionWord {
  const equals = word.indexOf('=');
  const written = equals < 0 ? word : word.slice(0, equals);
  const name = written.slice(2);
  // A key of one letter is never written with two dashes
  const spec = name.length > 1 && Object.hasOwn(table, name) ? table[name] : undefined;
  if (spec === undefined) throw unknownOption(table, owner, written, hint);
  if (equals < 0) {
    const use = { name, spec, written };
    return takesValue(spec)
      ? { uses: [], awaiting: use }
      : { uses: [{ ...use, value: null }], awaiting: null };
  }
  if (!takesValue(spec) && spec.kind !== 'refused' && spec.kind !== 'optional') {
    throw usageError(`${written} takes no value, but ${quoteWord(word.slice(equals + 1))} was given`);
  }
  return { uses: [{ name, spec, written, value: word.slice(equals + 1) }], awaiting: null };
}

function readLetters(table: OptionTable, owner: string, word: string, hint: string): OptionWord {
  const uses: OptionUse[] = [];
  for (let index = 1; index < word.length; index++) {
    const letter = word.charAt(index);
    const name = findOption(table, letter);
    const spec = name === null ? undefined : table[name];
    if (name === null || spec === undefined) throw unknownLetter(table, owner, word, letter, hint);
    const use = { name, spec, written: `-${letter}` };
    if (!takesValue(spec)) {
      uses.push({ ...use, value: null });
    } else if (index + 1 < word.length) {
      uses.push({ ...use, value: word.slice(index + 1) });
      break;
    } else {
      return { uses, awaiting: use };
    }
  }
  return { uses, awaiting: null };
}

function unknownLetter(table: OptionTable, owner: string, word: string, letter: string, hint: string): Error {
  const name = word.slice(1).replace(/=.*$/s, '');
  if (name.length > 1 && findOption(table, name) !== null) {
    return usageError(`unknown option -${name} of ${owner}; did you mean --${name}?`);
  }
  const within = word.length > 2 ? ` (in ${quoteWord(word)})` : '';
  return unknownOption(table, owner, `-${letter}`, hint, within);
}

function unknownOption(table: OptionTable, owner: string, written: string, hint: string, within = ''): Error {
  const shown = quoteWord(written).slice(1, -1);
  const closest = suggestOption(table, written);
  const rest = closest === null ? hint : `; did you mean ${writeOption(closest)}?`;
  return usageError(`unknown option ${shown} of ${owner}${within}${rest}`);
}

function suggestOption(table: OptionTable, written: string): string | null {
  const name = written.replace(/^-+/, '');
  if (name.length === 1) return written.startsWith('--') ? findOption(table, name) : null;
  const long = listShown(table).map(([known]) => known);
  return findClosestName(
    name,
    long.filter((known) => known.length > 1),
  );
}
