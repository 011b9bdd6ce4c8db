// Makes docs/exit-codes.md from the catalogue of errors and the table of exit statuses:
// `npm run docs` writes it, `npm test` only looks whether it is up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_STATUSES } from '../src/cli/exit-status.ts';
import { CATALOGUE } from '../src/protocol/errors.ts';
import { root } from './checks/run-captured.ts';
import type { StepResult } from './checks/step.ts';

const PAGE = join(root, 'docs', 'exit-codes.md');

const INTRODUCTION = `# Exit statuses and errors

Made by \`npm run docs\` from \`src/cli/exit-status.ts\` and \`src/protocol/errors.ts\`; not to be edited.

## Exit statuses of \`rexa run\`

A command may itself exit with any of these: \`--json\` decides, by its \`outcome\` and \`reason\`.`;

const ABOUT_ERRORS = `## Errors

Programs match on the code, never on the text. "Ends" is what an error closes on the wire.`;

/** Fails when the page is not what would be made now. */
export function checkExitCodes(): StepResult {
  const found = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : null;
  if (found === makePage()) return { ok: true, output: '' };
  return { ok: false, output: 'docs/exit-codes.md is stale: run `npm run docs`\n' };
}

function makePage(): string {
  const statuses = Object.entries(EXIT_STATUSES);
  const errors = Object.entries(CATALOGUE);
  return [
    INTRODUCTION,
    makeTable(
      ['status', 'when', 'meaning'],
      statuses.map(([name, { status, meaning }]) => [String(status), `\`${name}\``, meaning]),
    ),
    ABOUT_ERRORS,
    makeTable(
      ['code', 'ends', 'text'],
      errors.map(([code, { reaction, text }]) => [
        `\`${code}\``,
        reaction === 'none' ? '–' : `the ${reaction}`,
        text.replaceAll('%s', '…'),
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function makeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map(() => '---');
  return [head, rule, ...rows].map(makeRow).join('\n');
}

function makeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

export function writeExitCodes(): void {
  writeFileSync(PAGE, makePage());
}
