import { describe, expect, it, vi } from 'vitest';
import { COMMANDS, REXA } from '../../../src/cli/tables/program.ts';
import type { CommandSpec } from '../../../src/command-line/command-spec.ts';
import { renderCommandHelp, renderProgramHelp } from '../../../src/command-line/help.ts';
import { listShown, writeOption, writeValue } from '../../../src/command-line/option-table.ts';
import { DAEMON_COMMAND } from '../../../src/daemon/options.ts';

const pages: readonly (readonly [string, CommandSpec])[] = [
  ...Object.entries(COMMANDS),
  ['rexad', DAEMON_COMMAND],
];

describe('help', () => {
  it('of rexa lists its commands and how to go on', async () => {
    expect(await renderProgramHelp(REXA, 80)).toMatchSnapshot();
  });

  it.each(pages)('of %s has its usage, every shown option, and its examples', async (_, command) => {
    const page = await renderCommandHelp(command, 110);
    expect(page).toMatchSnapshot();
    const options = page.slice(page.indexOf('\nOptions:'), page.indexOf('\nExamples:'));
    for (const line of command.usage) expect(page).toContain(line);
    for (const { line } of command.examples) expect(page).toContain(line);
    for (const [name, spec] of Object.entries(command.options)) {
      const written = new RegExp(`^ +(-\\w, )?${writeOption(name)}\\b`, 'm');
      const isShown = listShown(command.options).some(([shown]) => shown === name);
      expect([name, written.test(options)]).toEqual([name, isShown]);
      if (isShown && 'placeholder' in spec)
        expect(options).toContain(`${writeOption(name)}${writeValue(spec)}`);
    }
  });

  it.each([40, 60, 80, 200])('keeps within %d columns, but for words that are longer', async (columns) => {
    for (const [, command] of pages) {
      const body = (await renderCommandHelp(command, columns)).split('\n').slice(command.usage.length);
      for (const line of body) expect(line.length).toBeLessThanOrEqual(Math.min(columns, 110));
    }
  });

  it("does not follow the user's language: all of it is in one", async () => {
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8');
    expect(await renderCommandHelp(COMMANDS.run, 80)).toContain('\nOptions:\n');
  });
});
