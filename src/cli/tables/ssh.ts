import type { CommandSpec } from '../../command-line/command-spec.ts';
import { counted, flag, list, readText } from '../../command-line/option-kinds.ts';
import type { OptionTable, RefusedOption } from '../../command-line/option-table.ts';
import { KEYWORDS } from '../../config/ssh/keywords/find-keyword.ts';
import {
  COMMON_OPTIONS,
  CONFIG_OPTION,
  CONNECT_OPTIONS,
  HOST_CHOICES,
  LOGIN_OPTIONS,
  RECONNECT_OPTIONS,
  TERMINAL_OPTIONS,
} from './common.ts';
import { IN_SESSION_OPTIONS } from './session.ts';

const refuseFlag = (because: string): RefusedOption => ({ kind: 'refused', takesValue: false, because });
const refuseValue = (because: string): RefusedOption => ({ kind: 'refused', takesValue: true, because });

const SSH_OPTIONS = {
  p: value('PORT', 'Port of HOST, if it is reached over the network'),
  l: value('USER', "User to run as; users other than the daemon's own are denied"),
  i: value('FILE', 'Private key to log in with; may be repeated', 'files'),
  o: {
    ...value('KEYWORD=VALUE', 'Option of ssh_config; docs/drop-in.md lists them', listAssignments()),
    takesBytes: true,
  },
  F: value('FILE', 'File of ssh_config to read, instead of the default ones; none: no file', 'files'),
  E: value('FILE', 'Append messages of rexa to FILE instead of stderr', 'files'),
  n: flag('Send no stdin: the command reads an empty file'),
  f: flag('Go to the background after login; implies -n'),
  N: flag('Run no command: log in and stay connected'),
  s: flag('Run the subsystem named by COMMAND: sftp'),
  t: counted('Allocate a terminal on the host if stdin is a terminal; -tt: always'),
  T: flag('Allocate no terminal: a shell reads commands from stdin'),
  L: value('SPEC', 'Listen here, connect from HOST: [BIND:]PORT:TARGET:PORT; may be repeated'),
  R: value('SPEC', 'Listen on HOST, connect from here; may be repeated'),
  D: value('SPEC', 'SOCKS server on [BIND:]PORT here that connects from HOST; may be repeated'),
  J: value('HOST', 'Jump hosts to connect through, comma-separated, the nearest first'),
  W: value('TARGET:PORT', 'Connect stdin and stdout with this port, as seen from HOST; implies -N'),
  g: flag('Listen on all addresses where -L or -D has none'),
  A: flag('Let the command use the ssh-agent of this machine'),
  a: flag('Let it use no ssh-agent, whatever ForwardAgent says'),
  M: counted('Share the connection with later calls; -MM: after asking (ControlMaster)'),
  S: value('PATH', 'Control socket of the shared connection; none: share none (ControlPath)'),
  O: value('COMMAND', 'Control the shared connection: check, forward, cancel, exit, stop, proxy'),
  e: value('CHARACTER', "Escape character of a terminal; none: no escapes. Default: '~'"),
  G: flag('Print the resulting settings and exit'),
  Q: value('QUERY', 'Print the supported algorithms of a kind and exit; help: the kinds'),
  explain: flag('Print where each setting comes from, the route and the offered keys'),
  P: value('TAG', 'Tag for Match tagged of ssh configuration files'),
  V: flag('Print the version on stderr, as ssh does', { last: true }),
  1: refuseFlag('SSH protocol 1 is obsolete'),
  2: harmless('Protocol=2: ignored, as in ssh'),
  4: flag('IPv4 only'),
  6: flag('IPv6 only'),
  C: harmless('Compression=yes: ignored; rexa has no compression'),
  K: harmless('GSSAPI: ignored; rexa has no GSSAPI'),
  k: harmless('GSSAPI: ignored; rexa has no GSSAPI'),
  X: harmless('ForwardX11=yes: ignored with a warning; X11 is not forwarded'),
  x: harmless('ForwardX11=no: no effect; X11 is not forwarded'),
  Y: harmless('ForwardX11=yes: ignored with a warning; X11 is not forwarded'),
  ...IN_SESSION_OPTIONS,
  predict: TERMINAL_OPTIONS.predict,
  'accept-new': LOGIN_OPTIONS['accept-new'],
  config: CONFIG_OPTION,
  ...CONNECT_OPTIONS,
  ...RECONNECT_OPTIONS,
  ...COMMON_OPTIONS,
  // Its letter is ssh's own here
  version: flag(COMMON_OPTIONS.version.about, { last: true }),
  B: refuseValue('the system chooses the interface'),
  b: refuseValue('the system chooses the address'),
  c: refuseValue('TLS 1.3 negotiates the cipher; to run a command, write it after HOST'),
  I: refuseValue('use a PKCS#11 token through ssh-agent'),
  m: refuseValue('TLS 1.3 negotiates the MAC'),
  w: refuseValue('rexa forwards connections, not packets'),
  y: refuseFlag('messages go to stderr, or to the file given with -E'),
} as const satisfies OptionTable;

/** `rexa ssh`, and `rexa HOST`, which is short for it. */
export const SSH_COMMAND: CommandSpec<typeof SSH_OPTIONS> = {
  name: 'rexa ssh',
  summary: 'Run a shell line as ssh does; also `rexa HOST …`',
  usage: ['rexa ssh [OPTIONS] HOST [OPTIONS] [COMMAND...]', 'rexa [OPTIONS] HOST [OPTIONS] [COMMAND...]'],
  about:
    "Joins the arguments of COMMAND with spaces and runs the line in the host's shell ($SHELL -c). Bytes are passed " +
    "unchanged in both directions. The exit status is the command's; 255 if rexa itself failed. " +
    'Without COMMAND it opens a login shell, on a terminal if stdin is one; Enter ~? lists the escapes.',
  operands: ['HOST'],
  takesRest: true,
  restTakesBytes: true,
  operandChoices: HOST_CHOICES,
  options: SSH_OPTIONS,
  examples: [
    { line: 'rexa build1', about: 'a shell on the host build1' },
    { line: 'rexa ssh -t local vim notes', about: 'a program on a terminal' },
    { line: 'rexa build1 --session work', about: 'a session that stays when you leave' },
    { line: "rexa ssh local 'df -h | tail -1'", about: 'a shell line' },
    { line: 'rexa ssh -n local uptime', about: 'without stdin, as in a loop' },
    { line: 'rexa ssh local cat /etc/motd >motd', about: 'output is passed unchanged' },
    { line: "rsync -e 'rexa ssh' -a local:src/ dest/", about: 'as the transport of rsync' },
    { line: 'rexa unix:/run/rexa/rexad.sock uptime', about: 'the short form' },
  ],
};

/** An option with a value, as often as it is given: which of them counts is decided later, among all options. */
function value(placeholder: string, about: string, choices: readonly string[] | 'files' = []) {
  return list(placeholder, readText, about, { choices, verbatim: true });
}

function harmless(about: string) {
  return flag(about, { hidden: true });
}

/** What completion offers behind `-o`. */
function listAssignments(): readonly string[] {
  return Object.entries(KEYWORDS).flatMap(([keyword, row]) => {
    if (row.fate !== 'honoured') return [];
    return (row.choices ?? ['']).map((choice) => `${keyword}=${choice}`);
  });
}
