import { RECONNECT_FOR_MS } from '../../client/limits.ts';
import { readDuration, readPositiveDuration } from '../../command-line/duration.ts';
import type { OptionSpec, OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { readEscape } from '../../config/ssh/values.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS, RESUME_FOR_TERMINALS_MS } from '../../protocol/limits.ts';

/** When messages are coloured. */
export type ColorChoice = 'auto' | 'always' | 'never';

const COLOR_CHOICES: readonly ColorChoice[] = ['auto', 'always', 'never'];

/** What every command has. */
export const COMMON_OPTIONS = {
  q: { kind: 'flag', about: 'Quiet: print errors only, no warnings' },
  v: { kind: 'count', about: 'Verbose: print debugging messages; -vv and -vvv print more' },
  color: {
    kind: 'value',
    placeholder: 'WHEN',
    read: readColorChoice,
    choices: COLOR_CHOICES,
    about: 'Colour messages: auto (default: on a terminal), always or never',
  },
  help: { kind: 'flag', letter: 'h', last: true, about: 'Show this help' },
  version: { kind: 'flag', letter: 'V', last: true, about: 'Show the version' },
} as const satisfies OptionTable;

/** What every command has that reaches a host. */
export const CONNECT_OPTIONS = {
  'connect-timeout': {
    kind: 'value',
    placeholder: 'DURATION',
    read: readPositiveDuration,
    about: `Time limit for connecting. Default: ${DEFAULT_CONNECT_TIMEOUT_MS / 1000}s`,
  },
} as const satisfies OptionTable;

/** What every command has that runs something there. */
export const RECONNECT_OPTIONS = {
  'reconnect-for': {
    kind: 'value',
    placeholder: 'DURATION',
    read: readDuration,
    about: `Time limit for reconnecting after a lost connection. Default: ${RECONNECT_FOR_MS / 1000}s, on a terminal ${RESUME_FOR_TERMINALS_MS / 60_000}m`,
  },
} as const satisfies OptionTable;

/** `--config`. */
export const CONFIG_OPTION = {
  kind: 'value',
  placeholder: 'FILE',
  read: readFileName,
  choices: 'files',
  about: 'Configuration file; none: no configuration. Default: ~/.config/rexa/config.yaml',
} as const satisfies OptionSpec;

/** What decides who logs in, and whom the host has to be. */
export const LOGIN_OPTIONS = {
  i: {
    kind: 'list',
    placeholder: 'FILE',
    read: readFileName,
    choices: 'files',
    about: 'Private key to log in with; - reads it from stdin, env:NAME from a variable; may be repeated',
  },
  'accept-new': {
    kind: 'flag',
    about: 'Trust the key of an unknown host without asking',
  },
  config: { ...CONFIG_OPTION, letter: 'F' },
} as const satisfies OptionTable;

/** The escape character where nothing else is said. */
export const DEFAULT_ESCAPE = '~';

/** What every command has that joins our terminal to one of a host. */
export const TERMINAL_OPTIONS = {
  escape: {
    kind: 'value',
    placeholder: 'CHARACTER',
    read: readEscape,
    choices: ['none'],
    about: `Escape character of a terminal, recognized after Enter; ^X is Ctrl-X; none: no escapes. Default: ${DEFAULT_ESCAPE}`,
  },
} as const satisfies OptionTable;

/** What completion offers for a host. */
export const HOST_CHOICES: Readonly<Record<string, readonly string[]>> = { HOST: ['local'] };

function readColorChoice(text: string): ColorChoice {
  const choice = COLOR_CHOICES.find((known) => known === text);
  if (choice === undefined) throw usageError(`${quoteWord(text)} is not one of ${COLOR_CHOICES.join(', ')}`);
  return choice;
}

/** @throws RexaError USAGE */
function readFileName(text: string): string {
  if (text === '') throw usageError('a file name is required');
  return text;
}
