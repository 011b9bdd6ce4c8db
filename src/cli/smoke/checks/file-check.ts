import { boolean, integer, oneOf, oneOrMore, writtenText } from '../parse/fields.ts';
import { type CheckKind, COMMON_CHECK_FIELDS, expectFact, shellProgram } from './check-kind.ts';
import { expectPatterns, PATTERN_FIELD } from './text-patterns.ts';

const FILE_TYPES = [
  'file',
  'directory',
  'symlink',
  'socket',
  'pipe',
  'character-device',
  'block-device',
] as const;

/** What stat(1) calls them. */
const TYPE_OF_STAT: Readonly<Record<string, (typeof FILE_TYPES)[number]>> = {
  'regular file': 'file',
  'regular empty file': 'file',
  directory: 'directory',
  'symbolic link': 'symlink',
  socket: 'socket',
  fifo: 'pipe',
  'character special file': 'character-device',
  'block special file': 'block-device',
};

const SUMS = ['md5', 'sha256', 'sha512'] as const;

/** Between the facts and the contents. */
const CONTENTS = '-- contents --';

/** Prints a fact a line, and what is asked for behind the path: sums and the contents. */
const PROGRAM = `file=$1; shift
if [ ! -e "$file" ] && [ ! -L "$file" ]; then echo 'exists false'; exit 0; fi
echo 'exists true'
LC_ALL=C stat -c 'mode %a
owner %U
group %G
size %s
filetype %F' -- "$file" || exit
if [ -L "$file" ]; then printf 'linked-to %s\\n' "$(readlink -- "$file")"; fi
for asked; do
  case $asked in
    contents) echo '${CONTENTS}'; cat -- "$file" || exit ;;
    *) set -- $("\${asked}sum" <"$file"); echo "$asked $1" ;;
  esac
done`;

const FIELDS = {
  ...COMMON_CHECK_FIELDS,
  exists: boolean('Whether it is there. Default: true'),
  mode: writtenText('Its mode in octal: "0644"'),
  owner: writtenText('The name of its owner'),
  group: writtenText('The name of its group'),
  size: integer('How many bytes it has', 0, Number.MAX_SAFE_INTEGER),
  filetype: oneOf('What it is; links are not followed', FILE_TYPES),
  'linked-to': writtenText('What a symbolic link holds'),
  md5: writtenText('Its MD5, in hexadecimal'),
  sha256: writtenText('Its SHA-256'),
  sha512: writtenText('Its SHA-512'),
  contents: oneOrMore('What it holds', PATTERN_FIELD),
  contains: oneOrMore('The same', PATTERN_FIELD),
} as const;

/** `file:` of goss, by stat(1) and its like. */
export const FILE_CHECK: CheckKind<typeof FIELDS> = {
  key: 'file',
  about: 'Files on the host, by their paths',
  fields: FIELDS,
  make(path, values) {
    const patterns = [...(values.contents ?? []), ...(values.contains ?? [])];
    const sums = SUMS.filter((name) => values[name] !== undefined);
    const fact = (key: string, wanted: string | number | undefined) =>
      wanted === undefined ? [] : [expectFact(key, String(wanted), (output) => readFact(output, key))];
    return {
      // The contents come last: they have no end
      argv: shellProgram(PROGRAM, path, ...sums, ...(patterns.length > 0 ? ['contents'] : [])),
      stdout: [
        ...fact('exists', String(values.exists ?? true)),
        ...fact('mode', values.mode?.replace(/^0+(?=.)/, '')),
        ...fact('owner', values.owner),
        ...fact('group', values.group),
        ...fact('size', values.size),
        ...fact('filetype', values.filetype),
        ...fact('linked-to', values['linked-to']),
        ...sums.flatMap((name) => fact(name, values[name]?.toLowerCase())),
        ...expectPatterns('contents', patterns, readContents),
      ],
    };
  },
};

function readFact(output: string, key: string): string | null {
  const [facts = ''] = output.split(`\n${CONTENTS}\n`, 1);
  const line = facts.split('\n').find((each) => each.startsWith(`${key} `));
  const found = line?.slice(key.length + 1);
  if (found === undefined) return null;
  return key === 'filetype' ? (TYPE_OF_STAT[found] ?? found) : found;
}

function readContents(output: string): string {
  const at = output.indexOf(`\n${CONTENTS}\n`);
  return at === -1 ? '' : output.slice(at + CONTENTS.length + 2);
}
