import type { Argv } from 'yargs';
import type { CommandSpec, Example, ProgramSpec } from './command-spec.ts';
import { listShown, type OptionTable, writeValue } from './option-table.ts';

/** Wider than this, lines are hard to read. */
const MAX_WIDTH_COLUMNS = 110;

/**
 * The help of one command, laid out by yargs, which is loaded only here.
 * @param columns the width of the terminal
 */
export async function renderCommandHelp(command: CommandSpec, columns: number): Promise<string> {
  const page = await startPage(command.about, columns);
  const letters = addOptions(page, command.options);
  addExamples(page, command.examples, columns);
  return writeUsage(command.usage) + straighten(await page.getHelp(), letters);
}

/** The help of a whole program: its commands and what they are for. */
export async function renderProgramHelp(program: ProgramSpec, columns: number): Promise<string> {
  const page = await startPage(program.about, columns);
  for (const [name, { summary }] of Object.entries(program.commands)) page.command(name, summary);
  addExamples(page, program.examples, columns);
  page.epilogue(`'${program.name} help COMMAND' shows the help of a command.`);
  return writeUsage(program.usage) + (await page.getHelp());
}

/** yargs would fold these lines. */
function writeUsage(usage: readonly string[]): string {
  return `Usage: ${usage.join('\n       ')}\n\n`;
}

/** What its declarations lack. */
type Page = Argv & { usageConfiguration(configuration: { readonly 'hide-types': boolean }): Page };

async function startPage(about: string, columns: number): Promise<Argv> {
  const { default: yargs } = await import('yargs');
  const page = yargs([]) as Page;
  return page
    .usageConfiguration({ 'hide-types': true })
    .scriptName('')
    .detectLocale(false)
    .exitProcess(false)
    .help(false)
    .version(false)
    .parserConfiguration({ 'camel-case-expansion': false, 'boolean-negation': false })
    .wrap(widthOf(columns))
    .usage(about);
}

/** Gives the options of one letter that yargs would write as `--c LINE` or `--4`. */
function addOptions(page: Argv, table: OptionTable): readonly string[] {
  const letters: string[] = [];
  for (const [name, spec] of listShown(table)) {
    const key = `${name}${writeValue(spec)}`;
    const hasValue = key !== name;
    if (name.length === 1 && (hasValue || /\d/.test(name))) letters.push(key);
    page.option(key, { describe: spec.about, ...(spec.letter === undefined ? {} : { alias: spec.letter }) });
  }
  return letters;
}

function straighten(help: string, letters: readonly string[]): string {
  return letters.reduce((text, key) => {
    const written = `    --${key} `;
    return text.replace(written, `-${key}`.padEnd(written.length));
  }, help);
}

/** A line that yargs would fold, since it is wider than half of the page, stands alone: it can be pasted. */
function addExamples(page: Argv, examples: readonly Example[], columns: number): void {
  const widest = Math.floor(widthOf(columns) / 2);
  for (const { line, about } of examples) {
    if (line.length <= widest) page.example(line, about);
    else page.example(line, '').example('', about);
  }
}

function widthOf(columns: number): number {
  return Math.min(columns, MAX_WIDTH_COLUMNS);
}
