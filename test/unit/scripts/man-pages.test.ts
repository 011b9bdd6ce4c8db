import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { makeManPages } from '../../../scripts/build/make-man-pages.ts';
import { bold, escapeRoff } from '../../../scripts/build/roff.ts';
import { COMMANDS } from '../../../src/cli/tables/program.ts';
import { listShown, writeOption } from '../../../src/command-line/option-table.ts';
import { DAEMON_COMMAND } from '../../../src/daemon/options.ts';

const pages = makeManPages();
const hasGroff = spawnSync('groff', ['--version']).status === 0;

const tables = [
  ...Object.values(COMMANDS).map((command) => ['rexa.1', command] as const),
  ['rexad.1', DAEMON_COMMAND] as const,
];

describe('a manual page', () => {
  it.each(tables)('%s has all that $1.name has', (file, command) => {
    const page = pages.get(file) ?? '';
    for (const form of command.usage) expect(page).toContain(bold(form));
    for (const [name, spec] of listShown(command.options)) {
      expect(page).toContain(bold(writeOption(name)));
      expect(page).toContain(escapeRoff(spec.about));
    }
    for (const { line } of command.examples) expect(page).toContain(escapeRoff(line));
  });

  it.runIf(hasGroff).each([...pages.keys()])('%s is read by groff without a warning', (file) => {
    const { status, stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], {
      input: pages.get(file),
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it.runIf(hasGroff)('shows characters as they are, and takes none of them for an instruction', () => {
    const text = ".TH 'quoted' -c \\n ~? ^Z `x` 80×24 …";
    const { stdout } = spawnSync('groff', ['-man', '-Tutf8', '-P-c', '-P-b', '-P-u'], {
      input: `.TH X 1\n.nf\n${escapeRoff(text)}\n`,
      encoding: 'utf8',
    });
    expect(stdout).toContain(text);
  });
});
