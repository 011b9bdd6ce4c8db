import { RECONNECT_FOR_MS } from '../../client/limits.ts';
import { readPositiveDuration } from '../../command-line/duration.ts';
import { choice, counted, duration, file, files, flag, value } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { readEscape } from '../../config/ssh/values.ts';
import { DEFAULT_CONNECT_TIMEOUT_MS, RESUME_FOR_TERMINALS_MS } from '../../protocol/limits.ts';
import { PREDICT_CHOICES } from '../terminal/prediction/predict-choice.ts';

/** When messages are coloured. */
export type ColorChoice = 'auto' | 'always' | 'never';

const COLOR_CHOICES: readonly ColorChoice[] = ['auto', 'always', 'never'];

/** What every command has. */
export const COMMON_OPTIONS = {
  q: flag('Quiet: print errors only, no warnings'),
  v: counted('Verbose: print debugging messages; -vv and -vvv print more'),
  color: choice('WHEN', COLOR_CHOICES, 'Colour messages: auto (default: on a terminal), always or never'),
  help: flag('Show this help', { letter: 'h', last: true }),
  version: flag('Show the version', { letter: 'V', last: true }),
} as const satisfies OptionTable;

/** What every command has that reaches a host. */
export const CONNECT_OPTIONS = {
  'connect-timeout': duration(
    `Time limit for connecting. Default: ${DEFAULT_CONNECT_TIMEOUT_MS / 1000}s`,
    readPositiveDuration,
  ),
} as const satisfies OptionTable;

/** What every command has that runs something there. */
export const RECONNECT_OPTIONS = {
  'reconnect-for': duration(
    `Time limit for reconnecting after a lost connection. Default: ${RECONNECT_FOR_MS / 1000}s, on a terminal ${RESUME_FOR_TERMINALS_MS / 60_000}m`,
  ),
} as const satisfies OptionTable;

/** `--config`. */
export const CONFIG_OPTION = file(
  'Configuration file; none: no configuration. Default: ~/.config/rexa/config.yaml',
);

/** What decides who logs in, and whom the host has to be. */
export const LOGIN_OPTIONS = {
  i: files('Private key to log in with; - reads it from stdin, env:NAME from a variable; may be repeated'),
  'accept-new': flag('Trust the key of an unknown host without asking'),
  config: { ...CONFIG_OPTION, letter: 'F' },
} as const satisfies OptionTable;

/** The escape character where nothing else is said. */
export const DEFAULT_ESCAPE = '~';

/** What every command has that joins our terminal to one of a host. */
export const TERMINAL_OPTIONS = {
  escape: value(
    'CHARACTER',
    readEscape,
    `Escape character of a terminal, recognized after Enter; ^X is Ctrl-X; none: no escapes. Default: ${DEFAULT_ESCAPE}`,
    { choices: ['none'] },
  ),
  predict: choice(
    'WHEN',
    PREDICT_CHOICES,
    'Show typed keys on a terminal before the host has echoed them: auto (default: if the round trip is longer than 60 ms), always or never',
  ),
} as const satisfies OptionTable;

/** What completion offers for a host. */
export const HOST_CHOICES: Readonly<Record<string, readonly string[]>> = { HOST: ['local'] };
