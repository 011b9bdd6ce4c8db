import {
  type ListOption,
  type OptionSpec,
  type OptionTable,
  type OptionValues,
  type ValueOption,
  writeOption,
} from './option-table.ts';
import { isOptionWord, type OptionUse, readOptionWord } from './option-word.ts';
import { quoteWord, usageError } from './usage-error.ts';

/** What the words of a command are. */
export interface Grammar<Table extends OptionTable> {
  /** For messages: `rexa run`. */
  readonly name: string;
  readonly options: Table;
  /** The words that may stand among the options, in order, by the names that the help gives them: `HOST`. */
  readonly operands: readonly string[];
  /** Whether the last of them may be repeated among the options: then the rest begins at `--`. */
  readonly repeatsLast?: boolean;
  /** Whether operands may hold bytes that are not UTF-8 (byte text, see `readByteText`). */
  readonly operandsTakeBytes?: boolean;
  /** Whether more words may follow; from the first of them on nothing is an option any more. */
  readonly takesRest?: boolean;
  /** Whether those may hold bytes that are not UTF-8 (byte text, see `readByteText`). */
  readonly restTakesBytes?: boolean;
}

/** One thing that was said before the rest: an option with its value, or an operand. */
export type SaidWord =
  | { readonly kind: 'option'; readonly name: string; readonly value: string | null }
  | { readonly kind: 'operand'; readonly text: string };

/** A command line taken apart. */
export interface ParsedWords<Table extends OptionTable> {
  readonly values: OptionValues<Table>;
  /** Options and operands in the order that they stood in, for commands where the first of two counts. */
  readonly said: readonly SaidWord[];
  /** At most as many as the grammar names, if the last is not repeated; what is missing is for the command to say. */
  readonly operands: readonly string[];
  /** Exactly as it was given; null when not even `--` stood behind the operands. */
  readonly rest: readonly string[] | null;
}

/**
 * The light parser of the hot path. Options may stand before, between and behind the operands. They end at `--`, at
 * the first word behind the last operand, and at an option that is marked `last`.
 * @throws RexaError USAGE
 */
export function parseWords<Table extends OptionTable>(
  grammar: Grammar<Table>,
  words: readonly string[],
): ParsedWords<Table> {
  const found = createValues(grammar.options);
  const said: SaidWord[] = [];
  let missing = grammar.operands.length;
  let index = 0;
  while (index < words.length) {
    const word = words[index] ?? '';
    if (word === '--') {
      const left = grammar.repeatsLast === true ? 0 : missing;
      return finish(grammar, found, said, words.slice(index + 1), left);
    }
    if (isOptionWord(word)) {
      const { uses, next } = readOption(grammar, words, index, hintAt(grammar, said));
      for (const use of uses) addUse(found, use);
      said.push(...uses.map(({ name, value }) => ({ kind: 'option', name, value }) as const));
      if (uses.some(({ spec }) => spec.kind === 'flag' && spec.last === true)) break;
      index = next;
    } else if (missing > 0 || grammar.repeatsLast === true) {
      said.push({ kind: 'operand', text: word });
      missing = Math.max(0, missing - 1);
      index++;
    } else {
      return finish(grammar, found, said, words.slice(index), missing);
    }
  }
  return { ...finish(grammar, found, said, [], missing), rest: null };
}

/** From here on there are only words: first the operands that are still missing. */
function finish<Table extends OptionTable>(
  grammar: Grammar<Table>,
  found: FoundValues,
  before: readonly SaidWord[],
  words: readonly string[],
  missing: number,
): ParsedWords<Table> {
  const [extra] = words.slice(missing);
  if (extra !== undefined && !grammar.takesRest) {
    throw usageError(`unexpected argument ${quoteWord(extra)} for ${grammar.name}`);
  }
  const said = [...before, ...words.slice(0, missing).map((text) => ({ kind: 'operand', text }) as const)];
  if (grammar.operandsTakeBytes !== true)
    for (const each of said) if (each.kind === 'operand') refuseBytes(each.text);
  if (grammar.restTakesBytes !== true) words.forEach(refuseBytes);
  return {
    values: found as OptionValues<Table>,
    said,
    operands: said.flatMap((each) => (each.kind === 'operand' ? [each.text] : [])),
    rest: words.slice(missing),
  };
}

/** What only this machine and rexa read has to be text: only a command is given bytes. */
function refuseBytes(word: string): void {
  if (!word.isWellFormed()) throw usageError(`${quoteWord(word)} is not valid UTF-8`);
}

/** What was taken for an operand was probably the command, if what follows it is no option of ours. */
function hintAt<Table extends OptionTable>(grammar: Grammar<Table>, said: readonly SaidWord[]): string {
  const taken = said.findLast((each) => each.kind === 'operand');
  const name = grammar.operands.at(-1);
  if (taken === undefined || name !== 'HOST' || !grammar.takesRest) return '';
  return `; ${quoteWord(taken.text)} was taken as ${name}`;
}

/** The option at `index` with its value, wherever that stands. */
function readOption<Table extends OptionTable>(
  { options, name }: Grammar<Table>,
  words: readonly string[],
  index: number,
  hint: string,
): { readonly uses: readonly OptionUse[]; readonly next: number } {
  const { uses, awaiting } = readOptionWord(options, name, words[index] ?? '', hint);
  if (awaiting === null) return { uses, next: index + 1 };
  const value = words[index + 1];
  if (value === undefined)
    throw usageError(`${awaiting.written} needs a value${describeValue(awaiting.spec)}`);
  if (!isVerbatim(awaiting.spec) && looksLikeOption(options, value)) {
    throw usageError(
      `${awaiting.written} needs a value${describeValue(awaiting.spec)}, and ${quoteWord(value)} is an option; ` +
        `to use it as the value, write ${awaiting.written.startsWith('--') ? `${awaiting.written}=` : awaiting.written}${value}`,
    );
  }
  return { uses: [...uses, { ...awaiting, value }], next: index + 2 };
}

function isVerbatim(spec: OptionSpec): boolean {
  return (spec.kind === 'value' || spec.kind === 'list') && spec.verbatim === true;
}

function looksLikeOption(options: OptionTable, word: string): boolean {
  if (word === '--') return true;
  return word.startsWith('--') && Object.hasOwn(options, word.slice(2).replace(/=.*$/s, ''));
}

function describeValue(spec: OptionSpec): string {
  return spec.kind === 'value' || spec.kind === 'list' ? ` (${spec.placeholder})` : '';
}

type FoundValues = Record<string, unknown>;

function createValues(table: OptionTable): FoundValues {
  const found: FoundValues = {};
  for (const [name, spec] of Object.entries(table)) {
    if (spec.kind === 'flag' || spec.kind === 'optional') found[name] = false;
    else if (spec.kind === 'count') found[name] = 0;
    else if (spec.kind === 'list') found[name] = [];
  }
  return found;
}

function addUse(found: FoundValues, { name, spec, written, value }: OptionUse): void {
  switch (spec.kind) {
    case 'flag':
      found[name] = true;
      return;
    case 'optional':
      if (value === '') throw usageError(`${written}= needs a value (${spec.placeholder})`);
      found[name] = value ?? true;
      return;
    case 'count':
      found[name] = Number(found[name]) + 1;
      return;
    case 'list':
      found[name] = [...(found[name] as readonly unknown[]), readValue(spec, written, value ?? '')];
      return;
    case 'value':
      if (Object.hasOwn(found, name)) throw usageError(`${writeOption(name)} was given twice`);
      found[name] = readValue(spec, written, value ?? '');
      return;
    case 'refused':
      throw usageError(`${written} is not supported: ${spec.because}`);
    default:
      return spec satisfies never;
  }
}

function readValue(
  { read, takesBytes }: ValueOption<unknown> | ListOption<unknown>,
  written: string,
  text: string,
): unknown {
  try {
    if (takesBytes !== true) refuseBytes(text);
    return read(text);
  } catch (error) {
    if (error instanceof Error) throw usageError(`${written}: ${error.message}`, { cause: error });
    throw error;
  }
}
