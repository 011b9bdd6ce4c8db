import type { CommandSpec } from '../../../command-line/command-spec.ts';
import type { OptionTable, RefusedOption } from '../../../command-line/option-table.ts';
import { COMMON_OPTIONS, CONNECT_OPTIONS, HOST_CHOICES } from './common.ts';

const refuseFlag = (because: string): RefusedOption => ({ kind: 'refused', takesValue: false, because });
const refuseValue = (because: string): RefusedOption => ({ kind: 'refused', takesValue: true, because });

function refuseAll<Letter extends string>(letters: readonly Letter[], refusal: RefusedOption) {
  return Object.fromEntries(letters.map((letter) => [letter, refusal])) as Readonly<
    Record<Letter, RefusedOption>
  >;
}

const NO_TERMINALS = 'is not in this version of rexa: there are no terminals yet';
const NO_FORWARDING = 'is not in this version of rexa: nothing is forwarded yet';
const NO_KEYS = 'is not in this version of rexa: it reaches Unix sockets, which need no keys';
const NO_SSH = 'is an option of ssh that rexa does not have';

const SSH_OPTIONS = {
  n: { kind: 'flag', about: 'Send no stdin: the command reads an empty file' },
  T: { kind: 'flag', about: 'No terminal; there is none in this version' },
  l: {
    kind: 'value',
    placeholder: 'USER',
    read: (text: string) => text,
    about: "The user to run as; any but the daemon's own is denied",
  },
  a: { kind: 'flag', about: 'No agent is forwarded; none ever is', hidden: true },
  k: { kind: 'flag', about: 'No GSSAPI credentials are forwarded; none ever are', hidden: true },
  x: { kind: 'flag', about: 'No X11 is forwarded; none ever is', hidden: true },
  ...CONNECT_OPTIONS,
  ...COMMON_OPTIONS,
  t: refuseFlag(NO_TERMINALS),
  e: refuseValue(NO_TERMINALS),
  p: refuseValue('is not in this version of rexa: the addresses that it reaches have no port'),
  i: refuseValue(NO_KEYS),
  I: refuseValue(NO_KEYS),
  A: refuseFlag(NO_FORWARDING),
  D: refuseValue(NO_FORWARDING),
  L: refuseValue(NO_FORWARDING),
  R: refuseValue(NO_FORWARDING),
  W: refuseValue(NO_FORWARDING),
  X: refuseFlag(NO_FORWARDING),
  Y: refuseFlag(NO_FORWARDING),
  N: refuseFlag(NO_FORWARDING),
  f: refuseFlag('is not in this version of rexa: put it into the background with your shell'),
  s: refuseFlag('is not in this version of rexa: there are no subsystems'),
  o: refuseValue(`${NO_SSH}; its own are listed by 'rexa ssh --help'`),
  F: refuseValue(`${NO_SSH}: it reads no configuration of ssh`),
  ...refuseAll(['C', 'G', 'K', 'M', 'g', 'y', '4', '6'], refuseFlag(NO_SSH)),
  ...refuseAll(['B', 'E', 'J', 'O', 'P', 'Q', 'S', 'b', 'c', 'm', 'w'], refuseValue(NO_SSH)),
} as const satisfies OptionTable;

/** `rexa ssh`, and `rexa HOST`, which is short for it. */
export const SSH_COMMAND: CommandSpec<typeof SSH_OPTIONS> = {
  name: 'rexa ssh',
  summary: 'Run a shell line as ssh does; `rexa HOST …` is short for it',
  usage: ['rexa ssh [OPTIONS] HOST [OPTIONS] COMMAND...', 'rexa [OPTIONS] HOST [OPTIONS] COMMAND...'],
  about:
    "Joins the words of COMMAND by one space and runs them as a line of the host's shell ($SHELL -c). Bytes pass " +
    "as they are, in both directions. The exit status is the command's own; 255 when rexa itself failed. " +
    'Without COMMAND ssh opens a terminal, which this version cannot do yet.',
  operands: ['HOST'],
  takesRest: true,
  operandChoices: HOST_CHOICES,
  options: SSH_OPTIONS,
  examples: [
    { line: "rexa ssh local 'df -h | tail -1'", about: 'a shell line' },
    { line: 'rexa ssh -n local uptime', about: 'reads no stdin: right in a loop' },
    { line: 'rexa ssh local cat /etc/motd >motd', about: 'byte for byte' },
    { line: "rsync -e 'rexa ssh' -a local:src/ dest/", about: 'as the transport of another program' },
    { line: 'rexa unix:/run/rexa/rexad.sock uptime', about: 'the short form' },
  ],
};
