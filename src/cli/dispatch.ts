import { findClosestName } from '../command-line/closest-name.ts';
import type { CommandSpec } from '../command-line/command-spec.ts';
import type { OptionTable } from '../command-line/option-table.ts';
import { isOptionWord, readOptionWord } from '../command-line/option-word.ts';
import { recoverWords } from '../command-line/own-bytes.ts';
import { parseWords } from '../command-line/parse-words.ts';
import { findFirstWord, joinTables } from '../command-line/program-words.ts';
import { usageError } from '../command-line/usage-error.ts';
import { RexaError } from '../protocol/errors.ts';
import type { CommandModule } from './commands/command-module.ts';
import { EXIT_DROP_IN_FAILED, EXIT_REXA_FAILED } from './exit-status.ts';
import { createMessages, flushMessages, PLAIN_MESSAGES } from './output/messages.ts';
import { findGivenProcess } from './ssh/background-mark.ts';
import { COMMANDS, type CommandName, RESERVED_WORDS, REXA } from './tables/program.ts';

/** Each command's module is loaded when it is called, and nothing of the others. */
const STARTS: Readonly<Record<CommandName, (words: readonly string[]) => Promise<number>>> = {
  run: bind('run', COMMANDS.run, () => import('./commands/run.ts')),
  ssh: bind('ssh', COMMANDS.ssh, () => import('./commands/ssh.ts')),
  shell: bind('shell', COMMANDS.shell, () => import('./commands/shell.ts')),
  session: bind('session', COMMANDS.session, () => import('./commands/session.ts')),
  forward: bind('forward', COMMANDS.forward, () => import('./commands/forward.ts')),
  talk: bind('talk', COMMANDS.talk, () => import('./commands/talk.ts')),
  cp: bind('cp', COMMANDS.cp, () => import('./commands/cp.ts')),
  jobs: bind('jobs', COMMANDS.jobs, () => import('./commands/jobs.ts')),
  logs: bind('logs', COMMANDS.logs, () => import('./commands/logs.ts')),
  attach: bind('attach', COMMANDS.attach, () => import('./commands/attach.ts')),
  wait: bind('wait', COMMANDS.wait, () => import('./commands/wait.ts')),
  kill: bind('kill', COMMANDS.kill, () => import('./commands/kill.ts')),
  smoke: bind('smoke', COMMANDS.smoke, () => import('./commands/smoke.ts')),
  ping: bind('ping', COMMANDS.ping, () => import('./commands/ping.ts')),
  keys: bind('keys', COMMANDS.keys, () => import('./commands/keys.ts')),
  completion: bind('completion', COMMANDS.completion, () => import('./commands/completion.ts')),
  help: bind('help', COMMANDS.help, () => import('./commands/help.ts')),
  version: bind('version', COMMANDS.version, () => import('./commands/version.ts')),
};

/** What a command line asks for. */
interface Choice {
  /** Null: rexa as a whole. */
  readonly name: CommandName | null;
  /** All words but the command's name. */
  readonly words: readonly string[];
  /** The first word, where no command of that name was found and it was taken as a HOST. */
  readonly host?: string;
}

/** Runs the whole command line of this process. @returns the exit status; never throws */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  let choice: Pick<Choice, 'name' | 'host'> = { name: guessCommand(words) };
  try {
    const chosen = chooseCommand(recoverWords(words, findGivenProcess()));
    choice = chosen;
    return chosen.name === null ? await startProgram(chosen.words) : await STARTS[chosen.name](chosen.words);
  } catch (error) {
    const { name, host } = choice;
    reportError(error, name, host === undefined ? null : findClosestName(host, Object.keys(COMMANDS)));
    return name === 'ssh' ? EXIT_DROP_IN_FAILED : EXIT_REXA_FAILED;
  }
}

/** Leaves at once, whatever is still open: a run ends with its command, not with our stdin. */
export async function leave(status: number): Promise<never> {
  await flushMessages();
  process.exit(status);
}

function bind<Table extends OptionTable>(
  name: CommandName,
  command: CommandSpec<Table>,
  load: () => Promise<CommandModule<Table>>,
): (words: readonly string[]) => Promise<number> {
  return async (words) => {
    const parsed = parseWords(command, words);
    return (await startCommonOption(name, parsed.values)) ?? (await load()).run(parsed);
  };
}

/** Does what `--help` and `--version` ask for, wherever they stand; null when neither was given. */
async function startCommonOption(name: CommandName | null, values: object): Promise<number | null> {
  const { help, version, V } = values as { help?: boolean; version?: boolean; V?: boolean };
  // Of rexa itself it is short for --version
  if (V === true && name !== null) return (await import('./commands/version.ts')).showSshVersion();
  if (help === true) return (await import('./commands/help.ts')).showHelp(name);
  if (version === true || V === true) return (await import('./commands/version.ts')).showVersion();
  return null;
}

async function startProgram(words: readonly string[]): Promise<number> {
  const grammar = { name: REXA.name, options: joinTables(REXA), operands: [] };
  const { values } = parseWords(grammar, words);
  const status = await startCommonOption(null, values);
  if (status !== null) return status;
  // The only option of ssh that needs no HOST, beside -V
  if ((values as { Q?: readonly string[] }).Q?.length) return STARTS.ssh(words);
  if (words.length > 0) throw usageError('a command or a HOST is missing');
  await (await import('./commands/help.ts')).showBriefHelp();
  return EXIT_REXA_FAILED;
}

/** @throws RexaError USAGE for an option in front that no command has, and for a reserved word */
function chooseCommand(words: readonly string[]): Choice {
  const table = joinTables(REXA);
  const first = findFirstWord(table, words);
  const front = first === null ? words : words.slice(0, first.index);
  for (const word of front) {
    if (isOptionWord(word)) readOptionWord(table, REXA.name, word);
  }
  if (first === null) return { name: null, words };
  const word = words[first.index] ?? '';
  // Programs that are given rexa for ssh write `-- HOST`, whatever the host is called
  if (first.isOperand) return { name: 'ssh', words };
  if (isCommandName(word)) return { name: word, words: words.toSpliced(first.index, 1) };
  if (Object.hasOwn(RESERVED_WORDS, word)) {
    throw usageError(
      `the command ${word} (${RESERVED_WORDS[word]}) is not available in this version of rexa; ` +
        `to reach a host of that name, use rexa ssh ${word}`,
    );
  }
  return { name: 'ssh', words, host: word };
}

function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

/** Which command a command line was meant for that cannot be read: it decides the exit status. */
function guessCommand(words: readonly string[]): CommandName | null {
  const plain = words.filter((word) => !isOptionWord(word));
  const named = plain.find((word) => isCommandName(word) || Object.hasOwn(RESERVED_WORDS, word));
  if (named === undefined) return plain.length === 0 ? null : 'ssh';
  return isCommandName(named) ? named : null;
}

/** @param meant the command that a HOST was probably meant for */
function reportError(error: unknown, name: CommandName | null, meant: string | null): void {
  const messages = createMessages(PLAIN_MESSAGES);
  if (isSystemError(error)) return messages.fail(describeSystemError(error));
  if (!(error instanceof RexaError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    messages.fail(`internal error: ${process.env['REXA_DEBUG'] ? stack : stack.split('\n')[0]}`);
    return;
  }
  messages.fail(error.message);
  if (error.code === 'USAGE') {
    messages.fail(`'rexa ${name === null ? '' : `${name} `}--help' shows the usage`);
    if (meant !== null) messages.fail(`did you mean the command rexa ${meant}?`);
  }
}

/** What the system said of a write to a full disk, or of a file of ours. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  if (!(error instanceof Error)) return false;
  const { syscall, path } = error as NodeJS.ErrnoException;
  return syscall === 'write' || path !== undefined;
}

/** Node's own sentence names the file. */
function describeSystemError({ path, message }: NodeJS.ErrnoException): string {
  return path === undefined ? `cannot write to stdout: ${message}` : message;
}
