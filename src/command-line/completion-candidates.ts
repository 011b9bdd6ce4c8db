import { escapeText, showText } from '../protocol/show-text.ts';
import type { CommandSpec, ProgramSpec } from './command-spec.ts';
import { findOption, listShown, type OptionTable, writeOption } from './option-table.ts';
import { isOptionWord } from './option-word.ts';
import { findAwaiting, findFirstWord, joinTables } from './program-words.ts';

/** One word that may stand where the cursor is. */
export interface Candidate {
  readonly text: string;
  readonly about: string;
}

/** What may stand where the cursor is. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Names of local files may stand there too. */
  readonly files: boolean;
  /** The operand that is repeated there. */
  readonly repeated?: string;
  /** An operand, or an option with its dashes, of which the program knows no values beforehand, and the operands before it. */
  readonly unknown?: { readonly operand: string; readonly before: readonly string[] };
}

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/**
 * What completes the last of these words. It follows the same grammar as the parser: behind the operands, words are
 * the remote command's, and no option is offered.
 * @param words what stands behind the program's name up to the cursor; the last one may be empty
 */
export function listCandidates(program: ProgramSpec, words: readonly string[]): Completion {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const first = findFirstWord(joinTables(program), before);
  if (first === null) return filterBy(current, completeFirstWord(program, before, current));
  const name = before[first.index] ?? '';
  const isCommand = !first.isOperand && Object.hasOwn(program.commands, name);
  const command = program.commands[isCommand ? name : program.shortFor];
  if (command === undefined) return NOTHING;
  const own = isCommand ? before.toSpliced(first.index, 1) : before;
  return filterBy(current, completeCommand(command, own, current));
}

function completeFirstWord(program: ProgramSpec, before: readonly string[], current: string): Completion {
  const table = joinTables(program);
  const awaiting = findAwaiting(table, before.at(-1));
  if (awaiting !== null) return completeValue(table, awaiting);
  if (current.startsWith('-') && !before.includes('--')) return completeOption(table, current);
  const commands = Object.entries(program.commands);
  const candidates = commands.map(([text, { summary }]) => ({ text, about: summary }));
  const hosts = completeOperand(program.commands[program.shortFor], []).candidates;
  return { candidates: [...candidates, ...hosts], files: false };
}

/** What completes the last of these words of a program that has no commands. */
export function listOwnCandidates(command: CommandSpec, words: readonly string[]): Completion {
  const current = words.at(-1) ?? '';
  return filterBy(current, completeCommand(command, words.slice(0, -1), current));
}

function completeCommand(command: CommandSpec, before: readonly string[], current: string): Completion {
  const { options } = command;
  const place = findPlace(command, before);
  if (place.kind === 'rest') return command.takesRest ? FILES : NOTHING;
  if (place.kind === 'value') {
    const completion = completeValue(options, place.name);
    const isKnown = completion.files || completion.candidates.length > 0;
    const unknown = { operand: writeOption(place.name), before: place.operands };
    return isKnown ? completion : { ...completion, unknown };
  }
  if (!place.optionsEnded && current.startsWith('-')) return completeOption(options, current);
  return completeOperand(command, place.operands);
}

/** @param before the operands that stand there already */
function completeOperand(command: CommandSpec | undefined, before: readonly string[]): Completion {
  const repeats = command?.repeatsLast === true;
  const operand = command?.operands[before.length] ?? (repeats ? command?.operands.at(-1) : undefined);
  if (operand === undefined) return command?.takesRest ? FILES : NOTHING;
  const texts = command?.operandChoices?.[operand];
  const isLater = repeats && before.length > 0;
  const candidates = isLater ? [] : (texts ?? []).map((text) => ({ text, about: '' }));
  const unknown = texts === undefined && !repeats ? { unknown: { operand, before } } : {};
  return { candidates, files: repeats, ...(repeats ? { repeated: operand } : {}), ...unknown };
}

/** Where the cursor is in a command. */
type Place =
  | { readonly kind: 'rest' }
  | { readonly kind: 'value'; readonly name: string; readonly operands: readonly string[] }
  | { readonly kind: 'word'; readonly operands: readonly string[]; readonly optionsEnded: boolean };

function findPlace(command: CommandSpec, before: readonly string[]): Place {
  const operands: string[] = [];
  let awaiting: string | null = null;
  let optionsEnded = false;
  for (const word of before) {
    if (awaiting !== null) awaiting = null;
    else if (!optionsEnded && word === '--') optionsEnded = true;
    else if (!optionsEnded && isOptionWord(word)) awaiting = findAwaiting(command.options, word);
    else if (operands.length < command.operands.length) operands.push(word);
    else if (command.repeatsLast !== true || optionsEnded) return { kind: 'rest' };
  }
  return awaiting === null
    ? { kind: 'word', operands, optionsEnded }
    : { kind: 'value', name: awaiting, operands };
}

function completeOption(table: OptionTable, current: string): Completion {
  const [written = '', value] = current.split('=', 2);
  if (value !== undefined) {
    const name = findOption(table, written.replace(/^-+/, ''));
    if (name === null) return NOTHING;
    const { candidates } = completeValue(table, name);
    return {
      candidates: candidates.map(({ text, about }) => ({ text: `${written}=${text}`, about })),
      files: false,
    };
  }
  const candidates = listShown(table).map(([name, { about }]) => ({ text: writeOption(name), about }));
  return { candidates, files: false };
}

function completeValue(table: OptionTable, name: string): Completion {
  const spec = table[name];
  if (spec === undefined || (spec.kind !== 'value' && spec.kind !== 'list')) return NOTHING;
  if (spec.choices === 'files') return FILES;
  return { candidates: (spec.choices ?? []).map((text) => ({ text, about: '' })), files: false };
}

function filterBy(current: string, { candidates, ...rest }: Completion): Completion {
  return { ...rest, candidates: candidates.filter(({ text }) => text.startsWith(current)) };
}

/**
 * Bytes of byte text that are not UTF-8 and no control characters in any encoding: a shell shows them as it shows those of
 * a local name.
 */
const HARMLESS_BYTES = /[\udca0-\udcff]/gu;

/** Writes candidates as the scripts of the shells read them, in byte text. A word that cannot be shown as it is, is none. */
export function writeCandidates({ candidates, files }: Completion): string {
  const lines = candidates
    .filter(({ text }) => isShownAsIs(text.replace(HARMLESS_BYTES, '')))
    .map(({ text, about }) => `${text}\t${showText(about)}\n`);
  return [...lines, ...(files ? [':files\n'] : [])].join('');
}

function isShownAsIs(text: string): boolean {
  return escapeText(text) === text;
}
