import type { CommandSpec } from '../../command-line/command-spec.ts';
import { COMPLETION_SHELLS } from '../../command-line/completion-scripts.ts';
import { flag, numberFrom, value } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, HOST_CHOICES, LOGIN_OPTIONS } from './common.ts';

/** The most round trips of one `rexa ping`. */
const MAX_PINGS = 1_000_000;

const PING_OPTIONS = {
  c: value('N', numberFrom(1, MAX_PINGS), 'Number of round trips. Default: 4'),
  json: flag('Print one line of JSON'),
  ...LOGIN_OPTIONS,
  i: {
    ...LOGIN_OPTIONS.i,
    about: `${LOGIN_OPTIONS.i.about}. With udp://, the interval between probes as in ping(8). Default: 1s`,
  },
  ...CONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa ping`. */
export const PING_COMMAND: CommandSpec<typeof PING_OPTIONS> = {
  name: 'rexa ping',
  summary: 'Check whether a daemon answers, and how fast',
  usage: ['rexa ping [OPTIONS] HOST', 'rexa ping [-c N] [-i INTERVAL] [OPTIONS] udp://HOST[:PORT]'],
  about:
    'Connects, prints the version and encoding of the daemon, and measures round trips, one after the other. With ' +
    'udp:// it sends probes, which a daemon with --listen udp:// answers without a login: status 0 if the host has ' +
    'answered, 1 if not, 125 for an error.',
  operands: ['HOST'],
  operandChoices: HOST_CHOICES,
  options: PING_OPTIONS,
  examples: [
    { line: 'rexa ping local', about: 'four round trips' },
    { line: 'rexa ping -c 1 --json local', about: 'for scripts' },
    { line: 'rexa ping -c 10 -i 0.2 udp://build1', about: 'datagrams: there or not, round trips and loss' },
  ],
};

const COMPLETION_OPTIONS = { ...COMMON_OPTIONS } as const satisfies OptionTable;

/** `rexa completion`. */
export const COMPLETION_COMMAND: CommandSpec<typeof COMPLETION_OPTIONS> = {
  name: 'rexa completion',
  summary: 'Print a completion script for bash, zsh or fish',
  usage: ['rexa completion SHELL'],
  about: 'Prints a script with which SHELL completes commands, options, hosts and jobs.',
  operands: ['SHELL'],
  // `rexa completion candidates WORD...` is what the scripts call
  takesRest: true,
  restTakesBytes: true,
  operandChoices: { SHELL: COMPLETION_SHELLS },
  options: COMPLETION_OPTIONS,
  examples: [
    { line: 'source <(rexa completion bash)', about: 'in this shell; add it to ~/.bashrc for all' },
    { line: 'source <(rexa completion zsh)', about: 'after compinit in ~/.zshrc' },
    { line: 'rexa completion fish >~/.config/fish/completions/rexa.fish', about: '' },
  ],
};

const HELP_OPTIONS = { ...COMMON_OPTIONS } as const satisfies OptionTable;

/** `rexa help`. */
export const HELP_COMMAND: CommandSpec<typeof HELP_OPTIONS> = {
  name: 'rexa help',
  summary: 'Show the help of rexa or of one command',
  usage: ['rexa help [COMMAND]'],
  about: 'Shows the description, options and examples of a command.',
  operands: ['COMMAND'],
  options: HELP_OPTIONS,
  examples: [
    { line: 'rexa help run', about: 'the same as rexa run --help' },
    { line: 'rexa help encodings', about: 'names for --encoding' },
  ],
};

const VERSION_OPTIONS = { ...COMMON_OPTIONS } as const satisfies OptionTable;

/** `rexa version`. */
export const VERSION_COMMAND: CommandSpec<typeof VERSION_OPTIONS> = {
  name: 'rexa version',
  summary: 'Show the version',
  usage: ['rexa version'],
  about: 'Shows the versions of rexa, its protocol and Node.js.',
  operands: [],
  options: VERSION_OPTIONS,
  examples: [{ line: 'rexa version', about: '' }],
};
