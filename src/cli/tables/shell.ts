import type { CommandSpec } from '../../command-line/command-spec.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import {
  COMMON_OPTIONS,
  CONNECT_OPTIONS,
  HOST_CHOICES,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
  TERMINAL_OPTIONS,
} from './common.ts';
import { ENCODING_ERRORS_OPTION, readEncodingName } from './encodings.ts';

const SHELL_OPTIONS = {
  line: {
    kind: 'flag',
    about: 'Line by line, without a terminal on the host: each line is a run of its own',
  },
  ...TERMINAL_OPTIONS,
  encoding: {
    kind: 'value',
    placeholder: 'NAME',
    read: readEncodingName,
    choices: ['host', 'auto', 'binary', 'utf8', 'gbk', 'gb18030', 'big5', 'shiftjis', 'eucjp', 'euckr'],
    about: "What commands read and write: host (default: the host's own), auto, gbk …",
  },
  'encoding-errors': ENCODING_ERRORS_OPTION,
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa shell`. */
export const SHELL_COMMAND: CommandSpec<typeof SHELL_OPTIONS> = {
  name: 'rexa shell',
  summary: 'A shell on the host: on a terminal, or line by line',
  usage: ['rexa shell [OPTIONS] HOST', 'rexa shell [OPTIONS] HOST --line'],
  about:
    "The login shell on a terminal of the host; ~? behind Enter shows what is for rexa itself. With --line the host's " +
    'shell runs each line on its own, and folder, variables, functions and the like stay from line to line. So it is ' +
    'too where the host has no terminal to give, and where stdin is none: then its lines are run one after the other.',
  operands: ['HOST'],
  takesRest: false,
  operandChoices: HOST_CHOICES,
  options: SHELL_OPTIONS,
  examples: [
    { line: 'rexa shell local', about: 'a shell on this machine, on a terminal of its own' },
    {
      line: 'rexa shell local --line',
      about: 'line by line: each has an outcome, a lost connection takes one line',
    },
    { line: 'rexa shell local --line <script', about: "a script's lines, one by one" },
    { line: 'rexa shell ready://127.0.0.1:9999 --line', about: 'a Ready/Start peer' },
  ],
};
