import type { CommandSpec } from '../../command-line/command-spec.ts';
import { readPositiveDuration } from '../../command-line/duration.ts';
import { duration, file, flag, numberFrom, readFileName, value } from '../../command-line/option-kinds.ts';
import type { OptionTable } from '../../command-line/option-table.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import { MAX_SESSION_HISTORY_LINES } from '../../protocol/limits.ts';
import { SESSION_HISTORY_LINES } from '../limits.ts';
import {
  COMMON_OPTIONS,
  CONNECT_OPTIONS,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
  TERMINAL_OPTIONS,
} from './common.ts';

/** What `rexa session` can do. */
export const SESSION_ACTIONS = ['list', 'new', 'attach', 'view', 'end', 'share', 'unshare', 'play'] as const;

/** One of them. */
export type SessionAction = (typeof SESSION_ACTIONS)[number];

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Reads the name of a session. @throws RexaError USAGE */
export function readSessionName(text: string): string {
  if (NAME.test(text)) return text;
  throw usageError(
    `${quoteWord(text)} is not a session name: 1 to 64 characters of A-Z a-z 0-9 . _ -, the first a letter or a digit`,
  );
}

/** How a session is recorded that is started. */
const RECORD_OPTIONS = {
  record: value(
    'FILE',
    readFileName,
    'Record a new session in this new file on the host (asciicast v3); auto: the host names it',
  ),
  'record-input': flag(
    'With --record, record keys too, except while the terminal hides lines (passwords); best effort',
  ),
} as const satisfies OptionTable;

/** What opens a terminal in a session. */
export const IN_SESSION_OPTIONS = {
  session: value(
    'NAME',
    readSessionName,
    'Open the terminal in this session of the host, or join it; Enter ~d detaches',
  ),
  ...RECORD_OPTIONS,
} as const satisfies OptionTable;

const SESSION_OPTIONS = {
  detach: flag('new: start the session and do not attach', { letter: 'd' }),
  lines: value(
    'COUNT',
    numberFrom(0, MAX_SESSION_HISTORY_LINES, 'a number of lines'),
    `attach, view: lines above the screen to get. Default: ${SESSION_HISTORY_LINES}`,
  ),
  ...RECORD_OPTIONS,
  with: file('share, unshare: the public key to share with; unshare without it: all keys', 'KEYFILE'),
  drive: flag('share: the key may type too. Default: only look'),
  for: duration('share: for this long (2h). Default: until unshare', readPositiveDuration),
  speed: value('FACTOR', readSpeed, 'play: play so many times as fast. Default: 1'),
  'idle-limit': duration('play: cut longer pauses to this'),
  start: duration('play: begin at this time of the recording'),
  json: flag('list, end: print one line of JSON'),
  ...TERMINAL_OPTIONS,
  ...LOGIN_OPTIONS,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

/** `rexa session`. */
export const SESSION_COMMAND: CommandSpec<typeof SESSION_OPTIONS> = {
  name: 'rexa session',
  summary: 'Terminal sessions that outlive client and daemon',
  usage: [
    'rexa session HOST',
    'rexa session list [--json] HOST',
    'rexa session new [OPTIONS] HOST NAME [-- FILE [ARG...]]',
    'rexa session attach|view [OPTIONS] HOST NAME',
    'rexa session end HOST NAME',
    'rexa session share HOST NAME --with KEYFILE [--drive] [--for DURATION]',
    'rexa session unshare HOST NAME [--with KEYFILE]',
    'rexa session play [OPTIONS] FILE',
  ],
  about:
    'A session is a terminal on HOST that stays when its clients leave or the daemon restarts. new starts a login shell, or ' +
    'FILE, and attaches; without a terminal it only starts it. attach joins a session, view looks at it without typing, ' +
    'Enter ~d detaches. Several clients can be attached: the smallest of those that type sets the size. end hangs up the ' +
    'terminal. With HOST alone, choose one of its sessions on the terminal. share lets a key log in at HOST for this session and for nothing else. play shows a recording: Space pauses, the arrow keys seek, q quits. The exit status is that of the program if it ends while attached, and 0 after detaching.',
  operands: ['ACTION', 'HOST', 'SESSION'],
  takesRest: true,
  restTakesBytes: true,
  operandChoices: { ACTION: SESSION_ACTIONS, HOST: ['local'] },
  options: SESSION_OPTIONS,
  examples: [
    { line: 'rexa session new build1 deploy', about: 'a shell in a session' },
    { line: 'rexa session new build1 editor -- vim notes', about: 'a program in a session' },
    { line: 'rexa session attach build1 deploy', about: 'from any machine' },
    { line: 'rexa session view build1 deploy', about: 'look at it' },
    { line: 'rexa session new --record auto build1 audit', about: 'recorded on the host' },
    { line: 'rexa session play --speed 2 audit.cast', about: 'play a recording' },
    { line: 'rexa session share build1 deploy --with ann.pub --for 2h', about: 'let somebody look' },
    { line: 'rexa session list build1', about: 'sessions, and who is attached' },
  ],
};

/** @throws RexaError USAGE */
function readSpeed(text: string): number {
  const speed = /^\d{1,4}(?:\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (speed > 0) return speed;
  throw usageError(`${quoteWord(text)} is not a speed above 0, such as 2 or 0.5`);
}
