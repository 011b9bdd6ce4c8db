// Generates the manual pages from the option tables of the parser.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_STATUSES } from '../../src/cli/exit-status.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS } from '../../src/cli/tables/common.ts';
import { COMMANDS, REXA } from '../../src/cli/tables/program.ts';
import { describeEscapes } from '../../src/cli/terminal/escapes.ts';
import type { CommandSpec, Example } from '../../src/command-line/command-spec.ts';
import { listShown, type OptionTable, writeOption } from '../../src/command-line/option-table.ts';
import { DAEMON_COMMAND } from '../../src/daemon/options.ts';
import { VERSION } from '../../src/protocol/version.ts';
import {
  bold,
  escapeRoff,
  italic,
  listing,
  makeTitle,
  paragraph,
  section,
  subsection,
  tagged,
} from './roff.ts';

const ENVIRONMENT: readonly (readonly [name: string, about: string])[] = [
  ['NO_COLOR', 'disables colours in messages, whatever its value'],
  ['FORCE_COLOR', 'enables colours in messages even if stderr is not a terminal'],
  ['REXA_CONFIG', 'configuration file of the client instead of the default one; none: no configuration'],
  ['REXA_DEBUG', 'if 1, an internal error prints its stack trace'],
  ['SSH_AUTH_SOCK', 'socket of the ssh-agent'],
  ['TERM', 'terminal type requested on the host'],
  ['XDG_RUNTIME_DIR', 'folder of the socket of local: rexa/rexad.sock'],
];

const FILES: readonly (readonly [name: string, about: string])[] = [
  ['~/.config/rexa/config.yaml', 'configuration of the client'],
  ['~/.local/state/rexa/rexad.sock', 'socket of local if XDG_RUNTIME_DIR is not set'],
  ['~/.local/state/rexa/rexad.log', 'log of a daemon that was started for local'],
  ['~/.local/state/rexa/history', 'history of the line shell'],
];

/** The pages, by the names of their files. */
export function makeManPages(): ReadonlyMap<string, string> {
  return new Map([
    ['rexa.1', makeClientPage()],
    ['rexad.1', makeDaemonPage()],
  ]);
}

/** Writes them into the folder `man` of what is built. */
export function writeManPages(outdir: string): void {
  mkdirSync(join(outdir, 'man'), { recursive: true });
  for (const [name, page] of makeManPages()) writeFileSync(join(outdir, 'man', name), page);
}

function makeClientPage(): string {
  return finish([
    makeTitle('rexa', 1, VERSION, 'User Commands'),
    section('NAME'),
    escapeRoff('rexa - run commands on other hosts'),
    section('SYNOPSIS'),
    ...writeUsage(REXA.usage),
    section('DESCRIPTION'),
    escapeRoff(REXA.about),
    section('COMMANDS'),
    ...Object.values(COMMANDS).flatMap(writeCommand),
    section('COMMON OPTIONS'),
    ...writeOptions(COMMON_OPTIONS),
    paragraph(escapeRoff('Commands that connect to a host also have:')),
    ...writeOptions(CONNECT_OPTIONS),
    section('ESCAPE CHARACTERS'),
    listing(describeEscapes('~')),
    section('EXIT STATUS'),
    ...Object.entries(EXIT_STATUSES).map(([name, { status, meaning }]) =>
      tagged(`${bold(String(status))} ${italic(name)}`, escapeRoff(meaning.replaceAll('`', ''))),
    ),
    section('ENVIRONMENT'),
    ...ENVIRONMENT.map(([name, about]) => tagged(bold(name), escapeRoff(about))),
    section('FILES'),
    ...FILES.map(([name, about]) => tagged(italic(name), escapeRoff(about))),
    section('EXAMPLES'),
    ...writeExamples(REXA.examples),
    section('SEE ALSO'),
    seeAlso('rexad', 'ssh'),
  ]);
}

function makeDaemonPage(): string {
  const { name, summary, usage, about, options, examples } = DAEMON_COMMAND;
  return finish([
    makeTitle(name, 1, VERSION, 'User Commands'),
    section('NAME'),
    escapeRoff(`${name} - ${summary[0]?.toLowerCase() ?? ''}${summary.slice(1)} of rexa`),
    section('SYNOPSIS'),
    ...writeUsage(usage),
    section('DESCRIPTION'),
    escapeRoff(about),
    section('OPTIONS'),
    ...writeOptions(options),
    section('EXIT STATUS'),
    ...[
      ['0', 'ended by SIGTERM'],
      ['1', 'any other error'],
      ['2', 'invalid command line'],
      ['3', 'another daemon already answers'],
    ].map(([status = '', meaning = '']) => tagged(bold(status), escapeRoff(meaning))),
    section('EXAMPLES'),
    ...writeExamples(examples),
    section('SEE ALSO'),
    seeAlso('rexa'),
  ]);
}

function writeCommand(command: CommandSpec): string[] {
  const shared: OptionTable = { ...COMMON_OPTIONS, ...CONNECT_OPTIONS };
  const own = Object.fromEntries(
    Object.entries(command.options).filter(([name]) => !Object.hasOwn(shared, name)),
  );
  return [
    subsection(command.name),
    ...writeUsage(command.usage),
    paragraph(escapeRoff(command.about)),
    ...writeOptions(own),
    ...writeExamples(command.examples),
  ];
}

function writeUsage(usage: readonly string[]): string[] {
  return ['.nf', ...usage.map(bold), '.fi'];
}

function writeOptions(table: OptionTable): string[] {
  return listShown(table).map(([name, spec]) => {
    const letter = spec.letter === undefined ? '' : `${bold(`-${spec.letter}`)}, `;
    const value =
      spec.kind === 'optional'
        ? `[=${italic(spec.placeholder)}]`
        : 'placeholder' in spec
          ? ` ${italic(spec.placeholder)}`
          : '';
    return tagged(`${letter}${bold(writeOption(name))}${value}`, escapeRoff(spec.about));
  });
}

function writeExamples(examples: readonly Example[]): string[] {
  if (examples.length === 0) return [];
  return [listing(examples.flatMap(({ line, about }) => (about === '' ? [line] : [`# ${about}`, line])))];
}

function seeAlso(...names: readonly string[]): string {
  return names.map((name) => `${bold(name)}(1)`).join(', ');
}

function finish(parts: readonly string[]): string {
  return `${parts.join('\n')}\n`;
}
