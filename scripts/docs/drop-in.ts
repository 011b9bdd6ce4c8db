import { KEYWORDS } from '../../src/cli/ssh/keywords/find-keyword.ts';
import type { KeywordRow } from '../../src/cli/ssh/keywords/row.ts';
import { SSH_COMMAND } from '../../src/cli/tables/ssh.ts';
import { type OptionSpec, writeOption, writeValue } from '../../src/command-line/option-table.ts';
import { makeTable } from './table.ts';

/** What stands between `<!-- made: NAME -->` and `<!-- end -->`. */
const PARTS: Readonly<Record<string, () => string>> = { letters: makeLetters, keywords: makeKeywords };

const FATES: readonly {
  readonly fate: KeywordRow['fate'];
  readonly title: string;
  readonly about: string;
}[] = [
  { fate: 'honoured', title: 'Honoured', about: 'They do here what they do in ssh.' },
  {
    fate: 'harmless',
    title: 'Harmless',
    about: 'They may be given and change nothing, since there is nothing here that they could change.',
  },
  {
    fate: 'refused',
    title: 'Refused',
    about:
      'What was asked for would not happen: they are refused by name, unless their value asks for nothing.',
  },
];

/** Returns docs/drop-in.md with its tables made anew from the tables that the drop-in reads its words by. */
export function makeDropIn(page: string): string {
  return page.replaceAll(
    /(<!-- made: (\w+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, name: string, end: string) => {
      const make = PARTS[name];
      if (make === undefined) throw new Error(`nothing makes the part ${name}`);
      return `${begin}\n${make()}\n\n${end}`;
    },
  );
}

function makeLetters(): string {
  const letters = Object.entries(SSH_COMMAND.options).filter(([name]) => name.length === 1);
  const rows = letters.map(([name, spec]) => [writeUse(name, spec), describe(spec)]);
  return `## Options of one letter\n\n${makeTable(['option', ''], rows)}`;
}

function writeUse(name: string, spec: OptionSpec): string {
  return `\`${writeOption(name)}${writeValue(spec)}\``;
}

function describe(spec: OptionSpec): string {
  return spec.kind === 'refused' ? `Refused: it ${spec.because}` : spec.about;
}

function makeKeywords(): string {
  const parts = FATES.map(({ fate, title, about }) => {
    const rows = Object.entries(KEYWORDS)
      .filter(([, row]) => row.fate === fate)
      .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([keyword, row]) => [`\`${keyword}\``, describeKeyword(row)]);
    return `### ${title}\n\n${about}\n\n${makeTable(['keyword', ''], rows)}`;
  });
  return ['## Keywords of `-o`', ...parts].join('\n\n');
}

function describeKeyword(row: KeywordRow): string {
  if (row.fate !== 'refused' || row.unless.length === 0) return row.about;
  return `${row.about} (harmless: ${row.unless.map((text) => `\`${text}\``).join(', ')})`;
}
