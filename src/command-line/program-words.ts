import type { ProgramSpec } from './command-spec.ts';
import type { OptionTable } from './option-table.ts';
import { isOptionWord, readOptionWord } from './option-word.ts';

/** Joins the options of all commands that may stand before the command's name. Commands agree on which take a value. */
export function joinTables(program: ProgramSpec): OptionTable {
  const entries = Object.values(program.commands).flatMap(({ options, behindName = [] }) =>
    Object.entries(options).filter(([name]) => !behindName.includes(name)),
  );
  return Object.fromEntries(entries);
}

/** Where the first word stands that is neither an option nor an option's value. */
export interface FirstWord {
  readonly index: number;
  /** It stands behind `--`: an operand, whatever it is called. */
  readonly isOperand: boolean;
}

/** The first word that is neither an option nor an option's value; null: there is none. */
export function findFirstWord(table: OptionTable, words: readonly string[]): FirstWord | null {
  let index = 0;
  while (index < words.length) {
    const word = words[index] ?? '';
    if (word === '--') return index + 1 < words.length ? { index: index + 1, isOperand: true } : null;
    if (!isOptionWord(word)) return { index, isOperand: false };
    index += findAwaiting(table, word) === null ? 1 : 2;
  }
  return null;
}

/** The name of the option whose value is the next word. */
export function findAwaiting(table: OptionTable, word: string | undefined): string | null {
  if (word === undefined || !isOptionWord(word)) return null;
  try {
    return readOptionWord(table, '', word).awaiting?.name ?? null;
  } catch {
    return null;
  }
}
