import { SSH_COMMAND } from '../../src/cli/tables/ssh.ts';
import { type OptionSpec, writeOption, writeValue } from '../../src/command-line/option-table.ts';
import { KEYWORDS } from '../../src/config/ssh/keywords/find-keyword.ts';
import type { KeywordRow } from '../../src/config/ssh/keywords/row.ts';
import { makeTable } from './table.ts';

/** Generates the text between `<!-- made: NAME -->` and `<!-- end -->`. */
const PARTS: Readonly<Record<string, () => string>> = { letters: makeLetters, keywords: makeKeywords };

const FATES: readonly {
  readonly fate: KeywordRow['fate'];
  readonly title: string;
  readonly about: string;
}[] = [
  { fate: 'honoured', title: 'Honoured', about: 'They have the same effect as in ssh.' },
  {
    fate: 'harmless',
    title: 'Accepted without effect',
    about: 'They are accepted and have no effect, since they configure something that rexa does not have.',
  },
  {
    fate: 'refused',
    title: 'Refused',
    about: 'Ignoring them would change the meaning of the command. Values that request nothing are accepted.',
  },
];

/** Returns docs/drop-in.md with its tables generated from those of the drop-in's parser. */
export function makeDropIn(page: string): string {
  return page.replaceAll(
    /(<!-- made: (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, name: string, end: string) => {
      const make = PARTS[name];
      if (make === undefined) throw new Error(`unknown part ${name}`);
      return `${begin}\n${make()}\n\n${end}`;
    },
  );
}

function makeLetters(): string {
  const letters = Object.entries(SSH_COMMAND.options).filter(([name]) => name.length === 1);
  const rows = letters.map(([name, spec]) => [writeUse(name, spec), describe(spec)]);
  return `## Options\n\n${makeTable(['option', 'meaning'], rows)}`;
}

function writeUse(name: string, spec: OptionSpec): string {
  return `\`${writeOption(name)}${writeValue(spec)}\``;
}

function describe(spec: OptionSpec): string {
  return spec.kind === 'refused' ? `Refused: ${spec.because}` : spec.about;
}

function makeKeywords(): string {
  const parts = FATES.map(({ fate, title, about }) => {
    const rows = Object.entries(KEYWORDS)
      .filter(([, row]) => row.fate === fate)
      .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([keyword, row]) => [`\`${keyword}\``, describeKeyword(row)]);
    return `### ${title}\n\n${about}\n\n${makeTable(['keyword', 'meaning'], rows)}`;
  });
  return ['## Keywords for `-o`', ...parts].join('\n\n');
}

function describeKeyword(row: KeywordRow): string {
  if (row.fate !== 'refused' || row.unless.length === 0) return row.about;
  return `${row.about} (accepted: ${row.unless.map((text) => `\`${text}\``).join(', ')})`;
}
