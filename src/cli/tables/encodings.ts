import { choice, value } from '../../command-line/option-kinds.ts';
import { usageError } from '../../command-line/usage-error.ts';

/** Names of encodings that completion offers. */
const NAMES = ['utf8', 'gbk', 'gb18030', 'big5', 'shiftjis', 'eucjp', 'euckr'];

/** `--encoding` of what reads the output of a command. */
export const ENCODING_OPTION = value(
  'NAME',
  readEncodingName,
  "Encoding of the output: host (default: the host's own), auto, binary (bytes unchanged), gbk … (rexa help encodings)",
  { choices: ['host', 'auto', 'binary', ...NAMES, 'utf16le'] },
);

/** `--stdin-encoding` of what writes to a command. */
export const STDIN_ENCODING_OPTION = value(
  'NAME',
  readEncodingName,
  'Encoding of stdin and arguments. Default: same as --encoding',
  { choices: ['host', 'binary', ...NAMES, 'utf16le'] },
);

/** `--encoding` of a terminal. */
export const TERMINAL_ENCODING_OPTION = value(
  'NAME',
  readEncodingName,
  "Encoding of the session: host (default: the host's own), auto, gbk …",
  { choices: ['host', 'auto', 'binary', ...NAMES] },
);

/** `--encoding-errors` of what writes to a command. */
export const ENCODING_ERRORS_OPTION = choice(
  'WHAT',
  ['strict', 'replace'],
  'Handling of input that the encoding lacks: strict (default) cancels the run, or rings the bell for typed keys; replace sends ? instead',
);

/** @throws RexaError USAGE */
function readEncodingName(text: string): string {
  if (text === '') throw usageError('an encoding name is required');
  return text;
}
