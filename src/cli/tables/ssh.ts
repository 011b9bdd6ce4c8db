import type { CommandSpec } from '../../command-line/command-spec.ts';
import type { OptionTable, RefusedOption } from '../../command-line/option-table.ts';
import { KEYWORDS } from '../ssh/keywords/find-keyword.ts';
import {
  COMMON_OPTIONS,
  CONFIG_OPTION,
  CONNECT_OPTIONS,
  HOST_CHOICES,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
} from './common.ts';

const refuseFlag = (because: string): RefusedOption => ({ kind: 'refused', takesValue: false, because });
const refuseValue = (because: string): RefusedOption => ({ kind: 'refused', takesValue: true, because });
const text = (word: string): string => word;

const NO_FORWARDING = 'is not in this version of rexa: nothing is forwarded yet';
const NO_PROXY = 'is not in this version of rexa: hosts are reached directly';

const SSH_OPTIONS = {
  p: value('PORT', 'The port of HOST, if that is reached over the network'),
  l: value('USER', "The user to run as; any but the daemon's own is denied"),
  i: value('FILE', 'A private key to log in with; may be repeated', 'files'),
  o: {
    ...value('KEYWORD=VALUE', 'An option of ssh_config; docs/drop-in.md lists them', listAssignments()),
    takesBytes: true,
  },
  F: value('FILE', 'The configuration of rexa, in place of the usual one; none: no configuration', 'files'),
  E: value('FILE', 'Append what rexa has to say to FILE instead of stderr', 'files'),
  n: { kind: 'flag', about: 'Send no stdin: the command reads an empty file' },
  f: { kind: 'flag', about: 'Go into the background once logged in; includes -n' },
  N: { kind: 'flag', about: 'Run nothing: log in and stay' },
  s: { kind: 'flag', about: 'COMMAND is the name of a subsystem: sftp' },
  t: { kind: 'count', about: 'On a terminal of the host, if stdin is one; -tt: also if it is none' },
  T: { kind: 'flag', about: 'No terminal: a shell reads its commands from stdin' },
  e: value('CHARACTER', "The escape character of terminals; none: no escapes. Default: '~'"),
  G: { kind: 'flag', about: 'Print what the options come to, and do nothing else' },
  V: { kind: 'flag', about: 'Print the version on stderr, as ssh does', last: true },
  1: refuseFlag('asks for protocol 1 of ssh, which no ssh speaks any longer'),
  2: harmless('Protocol=2: ignored, as in every ssh'),
  4: { kind: 'flag', about: 'IPv4 only' },
  6: { kind: 'flag', about: 'IPv6 only' },
  A: harmless('ForwardAgent=yes: no agent is forwarded yet, and a warning says so'),
  a: harmless('ForwardAgent=no: none ever is'),
  C: harmless('Compression=yes: nothing is compressed'),
  g: harmless('GatewayPorts=yes: nothing is forwarded'),
  K: harmless('GSSAPI: there is none'),
  k: harmless('GSSAPI: there is none'),
  M: harmless('ControlMaster=yes: each call makes a connection of its own; refused beside -N'),
  S: { ...value('PATH', 'ControlPath: the socket that -O asks'), hidden: true },
  O: {
    ...value('COMMAND', 'Ask a shared connection: there is none, and the answer is that of ssh without one'),
    hidden: true,
  },
  X: harmless('ForwardX11=yes: no X11 is forwarded, and a warning says so'),
  x: harmless('ForwardX11=no: none ever is'),
  Y: harmless('ForwardX11=yes: no X11 is forwarded, and a warning says so'),
  'accept-new': LOGIN_OPTIONS['accept-new'],
  config: CONFIG_OPTION,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
  // Its letter is ssh's own here
  version: { kind: 'flag', last: true, about: COMMON_OPTIONS.version.about },
  B: refuseValue('is not in this version of rexa: the system chooses the interface'),
  b: refuseValue('is not in this version of rexa: the system chooses the address'),
  c: refuseValue('chooses a cipher in ssh, and here TLS 1.3 does; a command follows HOST without it'),
  D: refuseValue(NO_FORWARDING),
  I: refuseValue('is not in this version of rexa: a token is used through ssh-agent'),
  J: refuseValue(NO_PROXY),
  L: refuseValue(NO_FORWARDING),
  m: refuseValue('chooses a MAC in ssh, and here TLS 1.3 does'),
  P: refuseValue('is for files of ssh, which rexa does not read'),
  Q: refuseValue('asks ssh for its algorithms, and rexa has those of TLS 1.3'),
  R: refuseValue(NO_FORWARDING),
  W: refuseValue(NO_FORWARDING),
  w: refuseValue(NO_FORWARDING),
  y: refuseFlag('is not in this version of rexa: messages go to stderr, or to the file of -E'),
} as const satisfies OptionTable;

/** `rexa ssh`, and `rexa HOST`, which is short for it. */
export const SSH_COMMAND: CommandSpec<typeof SSH_OPTIONS> = {
  name: 'rexa ssh',
  summary: 'Run a shell line as ssh does; `rexa HOST …` is short for it',
  usage: ['rexa ssh [OPTIONS] HOST [OPTIONS] [COMMAND...]', 'rexa [OPTIONS] HOST [OPTIONS] [COMMAND...]'],
  about:
    "Joins the words of COMMAND by one space and runs them as a line of the host's shell ($SHELL -c). Bytes pass " +
    "as they are, in both directions. The exit status is the command's own; 255 when rexa itself failed. " +
    'Without COMMAND it is a login shell, on a terminal where stdin is one here; ~? behind Enter shows what is for rexa.',
  operands: ['HOST'],
  takesRest: true,
  restTakesBytes: true,
  operandChoices: HOST_CHOICES,
  options: SSH_OPTIONS,
  examples: [
    { line: 'rexa build1', about: 'a shell on the host build1' },
    { line: 'rexa ssh -t local vim notes', about: 'a program on a terminal' },
    { line: "rexa ssh local 'df -h | tail -1'", about: 'a shell line' },
    { line: 'rexa ssh -n local uptime', about: 'reads no stdin: right in a loop' },
    { line: 'rexa ssh local cat /etc/motd >motd', about: 'byte for byte' },
    { line: "rsync -e 'rexa ssh' -a local:src/ dest/", about: 'as the transport of another program' },
    { line: 'rexa unix:/run/rexa/rexad.sock uptime', about: 'the short form' },
  ],
};

/** An option with a value, as often as it is given: which of them counts is decided later, among all options. */
function value(placeholder: string, about: string, choices: readonly string[] | 'files' = []) {
  return { kind: 'list', placeholder, read: text, verbatim: true, about, choices } as const;
}

function harmless(about: string) {
  return { kind: 'flag', about, hidden: true } as const;
}

/** What completion offers behind `-o`. */
function listAssignments(): readonly string[] {
  return Object.entries(KEYWORDS).flatMap(([keyword, row]) => {
    if (row.fate !== 'honoured') return [];
    return (row.choices ?? ['']).map((choice) => `${keyword}=${choice}`);
  });
}
