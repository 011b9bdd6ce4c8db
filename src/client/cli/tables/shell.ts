import type { CommandSpec } from '../../../command-line/command-spec.ts';
import type { OptionTable } from '../../../command-line/option-table.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, HOST_CHOICES, RECONNECT_OPTIONS } from './common.ts';
import { readEncodingName } from './run.ts';

const SHELL_OPTIONS = {
  line: { kind: 'flag', about: 'Line by line, without a terminal on the host; the only way in this version' },
  encoding: {
    kind: 'value',
    placeholder: 'NAME',
    read: readEncodingName,
    choices: ['host', 'auto', 'binary', 'utf8', 'gbk', 'gb18030', 'big5', 'shiftjis', 'eucjp', 'euckr'],
    about: "What commands read and write: host (default: the host's own), auto, gbk …",
  },
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa shell`. */
export const SHELL_COMMAND: CommandSpec<typeof SHELL_OPTIONS> = {
  name: 'rexa shell',
  summary: 'A shell on the host, line by line',
  usage: ['rexa shell [OPTIONS] HOST --line'],
  about:
    "Runs each line with the host's shell. Folder, variables, functions and the like stay from line to line. Ctrl-C " +
    'interrupts the running line and not the shell; exit or Ctrl-D leaves. Where stdin is no terminal, its lines are ' +
    "run one after the other; the exit status is the last one's.",
  operands: ['HOST'],
  takesRest: false,
  operandChoices: HOST_CHOICES,
  options: SHELL_OPTIONS,
  examples: [
    { line: 'rexa shell local --line', about: 'a shell on this machine' },
    { line: 'rexa shell local --line <script', about: "a script's lines, one by one" },
    { line: 'rexa shell ready://127.0.0.1:9999 --line', about: 'a Ready/Start peer' },
  ],
};
