import type { CompletionAnswer, CompletionQuestion } from '../backend.ts';
import { splitGraphemes } from '../editor/graphemes.ts';
import { quoteWord } from './quote.ts';
import { readShellWord, type ShellWord } from './shell-word.ts';

const FOLDER_COMMANDS = new Set(['cd', 'pushd', 'rmdir']);

/** A word to be completed, and what to ask the host about it. */
export interface CompletionPlan {
  readonly word: ShellWord;
  readonly question: CompletionQuestion;
}

/** What completion makes of a line. */
export interface CompletedLine {
  /** The new text in front of the cursor. */
  readonly before: string;
  /** What the word could be, when that is more than one and nothing could be added: the last parts of the paths. */
  readonly choices: readonly string[];
}

/** Null where there is nothing to complete: an empty command, an option, a comment, a word that is made at run time. */
export function planCompletion(before: string): CompletionPlan | null {
  const found = readShellWord(before);
  if (found === null) return null;
  const word = found.role === 'argument' ? skipAssignment(found, before) : found;
  if (word.isDynamic) return null;
  if (word.base !== '' && !word.value.startsWith('/')) return null;
  const kind = chooseKind(word);
  return kind === null ? null : { word, question: { kind, base: word.base, word: word.value } };
}

/** `--file=/etc`: what stands behind the sign is the path. */
function skipAssignment(word: ShellWord, before: string): ShellWord {
  const [option] = /^-{0,2}[A-Za-z][\w-]*=/.exec(before.slice(word.at)) ?? [];
  if (option === undefined || word.base !== '') return word;
  const at = word.at + option.length;
  // Read as the argument of a command that does nothing
  const behind = readShellWord(`: ${before.slice(at)}`);
  return behind === null ? word : { ...behind, at, command: word.command };
}

function chooseKind({ role, command, base, value }: ShellWord): CompletionQuestion['kind'] | null {
  if (role === 'target') return 'path';
  if (role === 'argument') {
    if (value.startsWith('-') && base === '') return null;
    return FOLDER_COMMANDS.has(command) ? 'folder' : 'path';
  }
  if (base !== '' || value.includes('/')) return 'program';
  return value === '' ? null : 'command';
}

/** What the answer makes of the line; null: it adds nothing, and there is nothing to show. */
export function completeLine(
  before: string,
  plan: CompletionPlan,
  answer: CompletionAnswer,
): CompletedLine | null {
  const { word } = plan;
  const fitting = answer.words.filter((choice) => choice.startsWith(word.value));
  const [only] = fitting;
  if (only === undefined) return null;
  const front = before.slice(0, word.at);
  if (fitting.length === 1) {
    const isFolder = only.endsWith('/');
    const quoted = quoteWord(word.base, only, word.quoting, !isFolder);
    return { before: `${front}${quoted}${isFolder ? '' : ' '}`, choices: [] };
  }
  const common = findCommonStart(fitting);
  if (common.length > word.value.length) {
    return { before: front + quoteWord(word.base, common, word.quoting, false), choices: [] };
  }
  return { before, choices: fitting.map(lastPart) };
}

/** What all begin with, in whole characters. */
function findCommonStart([first = '', ...others]: readonly string[]): string {
  let common = '';
  for (const { text } of splitGraphemes(first)) {
    if (!others.every((other) => other.startsWith(common + text))) break;
    common += text;
  }
  return common;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/', path.length - 2) + 1);
}
