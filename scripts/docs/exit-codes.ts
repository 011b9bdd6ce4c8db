import { EXIT_STATUSES } from '../../src/cli/exit-status.ts';
import { CATALOGUE } from '../../src/protocol/errors.ts';
import { makeTable } from './table.ts';

const INTRODUCTION = `# Exit statuses and errors

Made by \`npm run docs\` from \`src/cli/exit-status.ts\` and \`src/protocol/errors.ts\`; not to be edited.

## Exit statuses of \`rexa run\`

A command may itself exit with any of these: \`--json\` decides, by its \`outcome\` and \`reason\`.`;

const ABOUT_ERRORS = `## Errors

Programs match on the code, never on the text. "Ends" is what an error closes on the wire.`;

/** Returns docs/exit-codes.md: the table of exit statuses and the catalogue of errors. */
export function makeExitCodes(): string {
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
