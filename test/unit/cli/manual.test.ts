import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  COMMON_OPTIONS,
  CONNECT_OPTIONS,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
} from '../../../src/cli/tables/common.ts';
import { COMMANDS, RESERVED_WORDS } from '../../../src/cli/tables/program.ts';
import type { CommandSpec } from '../../../src/command-line/command-spec.ts';
import {
  listShown,
  type OptionTable,
  writeOption,
  writeValue,
} from '../../../src/command-line/option-table.ts';
import { DAEMON_COMMAND } from '../../../src/daemon/options.ts';

const page = readFileSync(new URL('../../../docs/cli.md', import.meta.url), 'utf8');
const sections = new Map(
  page.split(/^## /m).map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

const commands: readonly CommandSpec[] = [...Object.values(COMMANDS), DAEMON_COMMAND];

/** The rows of a table of options, as the page has them. */
function readRows(section: string): readonly string[] {
  return section.split('\n').filter((line) => line.startsWith('| `-'));
}

/** The same, as they should be. */
function writeRows(table: OptionTable, without: OptionTable = {}): readonly string[] {
  return listShown(table)
    .filter(([name]) => !Object.hasOwn(without, name))
    .map(([name, spec]) => {
      const letter = spec.letter === undefined ? '' : `-${spec.letter}, `;
      const value = writeValue(spec);
      return `| \`${letter}${writeOption(name)}${value}\` | ${spec.about} |`;
    });
}

describe('docs/cli.md', () => {
  it.each(commands)('has the options, forms and examples of $name as the tables have them', (command) => {
    const section = sections.get(command.name) ?? '';
    const shared =
      command === DAEMON_COMMAND
        ? {}
        : { ...COMMON_OPTIONS, ...CONNECT_OPTIONS, ...LOGIN_OPTIONS, ...RECONNECT_OPTIONS };
    expect(readRows(section)).toEqual(writeRows(command.options, shared));
    for (const form of command.usage) expect(section).toContain(`\n${form}\n`);
    for (const { line, about } of command.examples) {
      expect(section.replaceAll(/ {2,}/g, ' ')).toContain(
        about === '' ? `\n${line}\n` : `\n${line} # ${about}\n`,
      );
    }
  });

  it('names the options that all commands share once', () => {
    const section = sections.get('Conventions') ?? '';
    expect(readRows(section)).toEqual(
      [COMMON_OPTIONS, LOGIN_OPTIONS, CONNECT_OPTIONS, RECONNECT_OPTIONS].flatMap((table) =>
        writeRows(table),
      ),
    );
  });

  it('has a section for nothing else, and names each option that is refused by its long name', () => {
    const names = commands.map(({ name }) => name);
    expect([...sections.keys()].slice(1)).toEqual(['Conventions', ...names]);
    for (const { name, options } of commands) {
      const refused = Object.entries(options).filter(
        ([key, spec]) => key.length > 1 && spec.kind === 'refused',
      );
      for (const [key] of refused) expect(sections.get(name)).toContain(`\`--${key}\``);
    }
  });

  it('lists every word that is a command or will be one', () => {
    for (const word of [...Object.keys(COMMANDS), ...Object.keys(RESERVED_WORDS)]) {
      expect(sections.get('Conventions')).toContain(`\`${word}\``);
    }
  });
});
