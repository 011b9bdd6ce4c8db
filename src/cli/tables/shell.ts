import type { CommandSpec } from '../../command-line/command-spec.ts';
import { flag } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import {
  COMMON_OPTIONS,
  CONNECT_OPTIONS,
  HOST_CHOICES,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
  TERMINAL_OPTIONS,
} from './common.ts';
import { ENCODING_ERRORS_OPTION, TERMINAL_ENCODING_OPTION } from './encodings.ts';
import { IN_SESSION_OPTIONS } from './session.ts';

const SHELL_OPTIONS = {
  line: flag('Line shell: run each line on its own, without a terminal on the host'),
  ...TERMINAL_OPTIONS,
  ...IN_SESSION_OPTIONS,
  encoding: TERMINAL_ENCODING_OPTION,
  'encoding-errors': ENCODING_ERRORS_OPTION,
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa shell`. */
export const SHELL_COMMAND: CommandSpec<typeof SHELL_OPTIONS> = {
  name: 'rexa shell',
  summary: 'Open a shell on the host, or a line shell',
  usage: ['rexa shell [OPTIONS] HOST', 'rexa shell [OPTIONS] HOST --line'],
  about:
    'Opens a login shell on a terminal of the host; Enter ~? lists the escapes. With --line, each line is a run of its ' +
    'own; the folder, variables, functions and so on persist. The line shell is also used if the host cannot open a ' +
    'terminal, or if stdin is not a terminal: then rexa runs the lines of stdin one after the other.',
  operands: ['HOST'],
  operandChoices: HOST_CHOICES,
  options: SHELL_OPTIONS,
  examples: [
    { line: 'rexa shell local', about: 'a shell on this machine, on a new terminal' },
    {
      line: 'rexa shell local --line',
      about: 'a line shell: each line has an outcome',
    },
    { line: 'rexa shell local --line <script', about: 'run the lines of a script' },
    { line: 'rexa shell ready://127.0.0.1:9999 --line', about: 'a Ready/Start peer' },
  ],
};
