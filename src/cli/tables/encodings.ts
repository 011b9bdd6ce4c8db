import type { OptionSpec } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';

/** `--encoding` of what reads the output of a command. */
export const ENCODING_OPTION = {
  kind: 'value',
  placeholder: 'NAME',
  read: readEncodingName,
  choices: [
    'host',
    'auto',
    'binary',
    'utf8',
    'gbk',
    'gb18030',
    'big5',
    'shiftjis',
    'eucjp',
    'euckr',
    'utf16le',
  ],
  about:
    "Encoding of the output: host (default: the host's own), auto, binary (bytes unchanged), gbk … (rexa help encodings)",
} as const satisfies OptionSpec;

/** `--stdin-encoding` of what writes to a command. */
export const STDIN_ENCODING_OPTION = {
  kind: 'value',
  placeholder: 'NAME',
  read: readEncodingName,
  choices: ['host', 'binary', 'utf8', 'gbk', 'gb18030', 'big5', 'shiftjis', 'eucjp', 'euckr', 'utf16le'],
  about: 'Encoding of stdin and arguments. Default: same as --encoding',
} as const satisfies OptionSpec;

const ENCODING_ERRORS = ['strict', 'replace'] as const;

/** `--encoding-errors` of what writes to a command. */
export const ENCODING_ERRORS_OPTION = {
  kind: 'value',
  placeholder: 'WHAT',
  read: readEncodingErrors,
  choices: ENCODING_ERRORS,
  about:
    'Handling of input that the encoding lacks: strict (default) cancels the run, or rings the bell for typed keys; replace sends ? instead',
} as const satisfies OptionSpec;

/** @throws RexaError USAGE */
function readEncodingErrors(text: string): (typeof ENCODING_ERRORS)[number] {
  const choice = ENCODING_ERRORS.find((known) => known === text);
  if (choice === undefined)
    throw usageError(`${quoteWord(text)} is not one of ${ENCODING_ERRORS.join(', ')}`);
  return choice;
}

/** @throws RexaError USAGE */
export function readEncodingName(text: string): string {
  if (text === '') throw usageError('an encoding name is required');
  return text;
}
