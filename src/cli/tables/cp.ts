import type { CommandSpec } from '../../command-line/command-spec.ts';
import { choice, flag, list, readText } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, LOGIN_OPTIONS, RECONNECT_OPTIONS } from './common.ts';

const CP_OPTIONS = {
  r: flag('Copy folders with all that is in them', { letter: 'R' }),
  p: flag('Keep modes, times, extended attributes and, where allowed, owners'),
  L: flag('Follow symlinks. Default with -r: copy them as links'),
  update: flag('Skip files of the same length and time (with -p), or of the same length that are not older'),
  checksum: flag('Skip files of the same length and SHA-256'),
  delete: flag('Remove from the copied folders what the source lacks; not after a read error'),
  exclude: list(
    'PATTERN',
    readText,
    'Leave out what matches: a name, or with a slash a path below SRC; **, *, ?, [...]; NAME/ is a folder',
  ),
  glob: flag('Expand *, ? and [...] in the paths of hosts; without it they are characters'),
  'dry-run': flag('Change nothing, print what would be copied and removed'),
  resume: flag('Continue incomplete files, and keep them if the copy is interrupted'),
  durable: flag('Write each file to the disk (fsync) before it counts as copied'),
  inplace: flag('Write into existing files; an interruption leaves a part of one'),
  compress: choice(
    'WHEN',
    ['auto', 'never', 'always'],
    'Compress data on the way: auto (default: if the path is slower than the compressor), never or always',
  ),
  json: flag('Print one JSON object for each entry, and a summary, to stdout'),
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa cp`. */
export const CP_COMMAND: CommandSpec<typeof CP_OPTIONS> = {
  name: 'rexa cp',
  summary: 'Copy files',
  usage: ['rexa cp [OPTIONS] SRC... DST'],
  about:
    'Copies files to, from or between hosts. SRC and DST are paths here, HOST:PATH, or - for stdin and stdout; ./a:b is a ' +
    'path here. The rules for DST are those of cp: a folder that exists gets SRC inside, SRC/. is what is in SRC. A file ' +
    'appears under its name when it is complete and its hash is verified.',
  operands: ['SRC'],
  operandsTakeBytes: true,
  repeatsLast: true,
  takesRest: true,
  restTakesBytes: true,
  // In ssh they have a value
  behindName: ['p', 'L'],
  options: CP_OPTIONS,
  examples: [
    { line: 'rexa cp report.pdf web1:/srv/docs/', about: 'one file into a folder of the host' },
    { line: 'rexa cp -r web1:/var/log/app logs', about: 'a folder of the host' },
    { line: 'rexa cp -rp --update --delete site/. web1:/srv/www', about: 'only what has changed' },
    { line: 'rexa cp --resume disk.img db1:/backup/', about: 'continue an incomplete file' },
    { line: 'rexa cp db1:/backup/a.sql db2:/restore/', about: 'between two hosts' },
    { line: 'pg_dump app | rexa cp - db1:/backup/app.sql', about: 'a file from stdin' },
  ],
};
