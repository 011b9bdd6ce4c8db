import { suggestClosest } from '../../command-line/closest-name.ts';
import type { CommandSpec, Parsed } from '../../command-line/command-spec.ts';
import { renderCommandHelp, renderProgramHelp } from '../../command-line/help.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { print } from '../output/print.ts';
import { openStandardSink, standardTerminal } from '../output/standard-streams.ts';
import type { HELP_COMMAND } from '../tables/others.ts';
import { COMMANDS, REXA } from '../tables/program.ts';
import { renderEncodings } from './render-encodings.ts';

/** Where the terminal's width is not known. */
const DEFAULT_COLUMNS = 80;

/** `rexa help [COMMAND]`. */
export async function run(parsed: Parsed<typeof HELP_COMMAND>): Promise<number> {
  const [name] = parsed.operands;
  return showHelp(name ?? null);
}

/** Prints the help of a command, or of rexa. @throws RexaError USAGE for a name that is no command's */
export async function showHelp(name: string | null): Promise<number> {
  const page = await renderPage(name, standardTerminal(1)?.columns || DEFAULT_COLUMNS);
  return print(`${page}\n`);
}

function renderPage(name: string | null, columns: number): string | Promise<string> {
  if (name === null) return renderProgramHelp(REXA, columns);
  return name === 'encodings' ? renderEncodings() : renderCommandHelp(findCommand(name), columns);
}

/** Prints on stderr how rexa is called, when it is called without arguments. */
export async function showBriefHelp(): Promise<void> {
  const usage = REXA.usage.map((line, index) => `${index === 0 ? 'usage: ' : '       '}${line}`);
  const commands = Object.keys(COMMANDS).join(', ');
  const lines = [
    ...usage,
    '',
    `commands: ${commands}`,
    "'rexa help' shows more; 'rexa local' opens a terminal on this machine",
  ];
  await openStandardSink(2).write(Buffer.from(`${lines.join('\n')}\n`));
}

function findCommand(name: string): CommandSpec {
  const commands: Readonly<Record<string, CommandSpec>> = COMMANDS;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command;
  throw usageError(`unknown command ${quoteWord(name)}${suggestClosest(name, Object.keys(commands))}`);
}
