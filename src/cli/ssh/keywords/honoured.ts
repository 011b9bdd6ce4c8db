import { usageError } from '../../../command-line/usage-error.ts';
import type { LogLevel, SshSettings } from '../settings.ts';
import {
  readAssignment,
  readChoice,
  readEscape,
  readNumber,
  readPort,
  readText,
  readTimeMs,
  readYesNo,
} from '../values.ts';
import { forwarding, type HonouredRow, honourAll, honourFirst, onlyWord } from './row.ts';

const MAX_ATTEMPTS = 1_000;
const MAX_ALIVE_COUNT = 1_000;

const readStrictness = readChoice<NonNullable<SshSettings['strictHostKeyChecking']>>({
  yes: 'yes',
  ask: 'ask',
  'accept-new': 'accept-new',
  // A changed key stops everything here, so that this is all that is left of it
  no: 'accept-new',
  off: 'accept-new',
  true: 'yes',
  false: 'accept-new',
});

const LEVELS = ['QUIET', 'FATAL', 'ERROR', 'INFO', 'VERBOSE', 'DEBUG', 'DEBUG1', 'DEBUG2', 'DEBUG3'] as const;
const readLevel = readChoice<LogLevel>(Object.fromEntries(LEVELS.map((level) => [level, level])));

const YES_NO = ['yes', 'no'];

/** What does here what it does in ssh; by the spelling of ssh_config(5). */
export const HONOURED: Readonly<Record<string, HonouredRow>> = {
  AddressFamily: honourFirst(
    'addressFamily',
    readChoice({ any: 'any', inet: 'inet', inet6: 'inet6' }),
    '`any`, `inet` (`-4`) or `inet6` (`-6`)',
    ['any', 'inet', 'inet6'],
  ),
  BatchMode: honourFirst('batchMode', readYesNo, 'no question is asked: what needs one fails', YES_NO),
  CertificateFile: honourAll(
    'certificateFile',
    readText,
    'a certificate for one of the keys; several may be given; `FILE-cert.pub` beside a key is found by itself',
  ),
  ClearAllForwardings: {
    fate: 'honoured',
    about: 'takes back what asks for a forwarding',
    choices: YES_NO,
    take(draft, line) {
      draft.clearsForwardings ??= readYesNo(onlyWord(line));
    },
  },
  ConnectionAttempts: honourFirst(
    'connectionAttempts',
    readNumber(1, MAX_ATTEMPTS),
    'so many times, one a second; a host that answers and refuses is not asked again',
  ),
  ConnectTimeout: honourFirst(
    'connectTimeoutMs',
    readConnectTimeout,
    'for the connection and the hello of the daemon; `none` is the default of rexa, 10 s',
  ),
  ControlMaster: honourFirst(
    'controlMaster',
    readChoice({
      yes: 'yes',
      ask: 'ask',
      auto: 'auto',
      autoask: 'autoask',
      no: 'no',
      true: 'yes',
      false: 'no',
    }),
    'connections are not shared: each call makes its own. `yes` and `ask` (`-M`) are refused beside `-N`, which would do nothing else',
    ['yes', 'ask', 'auto', 'autoask', 'no'],
  ),
  ControlPath: honourFirst(
    'controlPath',
    readText,
    'the socket that `-O` asks, where no connection is shared (`-S`)',
  ),
  DynamicForward: forwarding('DynamicForward'),
  EscapeChar: honourFirst(
    'escapeChar',
    readEscape,
    'a character, `^` and a letter, or `none`; in terminals (`-e`)',
  ),
  ForkAfterAuthentication: honourFirst(
    'forkAfterAuthentication',
    readYesNo,
    'into the background once the daemon has let us in (`-f`)',
    YES_NO,
  ),
  HostKeyAlias: honourFirst('hostKeyAlias', readText, 'the name under which the key of the host is known'),
  HostName: honourFirst('hostName', readText, 'where to connect to, in place of HOST; `%h` is HOST'),
  IdentitiesOnly: honourFirst('identitiesOnly', readYesNo, 'only the keys of `IdentityFile`', YES_NO),
  IdentityAgent: honourFirst(
    'identityAgent',
    readText,
    'a socket, `none`, `SSH_AUTH_SOCK` or `$NAME` for the variable of that name',
  ),
  IdentityFile: honourAll(
    'identityFile',
    readText,
    'a private key (`-i`); several may be given; `none` is none',
  ),
  IgnoreUnknown: {
    fate: 'honoured',
    about: 'patterns of keywords that may be unknown; it stands before them',
    take(draft, line) {
      draft.ignoreUnknown ??= onlyWord(line).split(',');
    },
  },
  LocalCommand: {
    fate: 'honoured',
    about: 'a line for our own shell, run once logged in, if `PermitLocalCommand` says so',
    take({ settings }, { text }) {
      const command = readText(text);
      if (settings.localCommand === undefined)
        settings.localCommand = command.toLowerCase() === 'none' ? null : command;
    },
  },
  LocalForward: forwarding('LocalForward'),
  LogLevel: honourFirst(
    'logLevel',
    readLevel,
    '`QUIET` is `-q`, which says nothing at all, as ssh; `FATAL` and `ERROR` leave warnings out, `VERBOSE` and `DEBUG` are `-v`, `DEBUG2` is `-vv`, `DEBUG3` is `-vvv`',
    LEVELS,
  ),
  PermitLocalCommand: honourFirst('permitLocalCommand', readYesNo, 'whether `LocalCommand` is run', YES_NO),
  Port: honourFirst(
    'port',
    readPort,
    'of a host that is reached over the network: a number, or the name of a service (`-p`)',
  ),
  PreferredAuthentications: {
    fate: 'honoured',
    about: 'has to name `publickey`: rexa proves keys, and nothing else',
    take(_, line) {
      if (!onlyWord(line).toLowerCase().split(',').includes('publickey'))
        throw usageError('rexa proves keys, and nothing else: publickey has to be among them');
    },
  },
  RemoteCommand: {
    fate: 'honoured',
    about: 'run where no words stand behind HOST; `none` is none',
    take({ settings }, { text }) {
      const command = readText(text);
      if (settings.remoteCommand === undefined)
        settings.remoteCommand = command.toLowerCase() === 'none' ? null : command;
    },
  },
  RemoteForward: forwarding('RemoteForward'),
  RequestTTY: honourFirst(
    'requestTty',
    readChoice({ auto: 'auto', no: 'no', yes: 'yes', force: 'force', true: 'yes', false: 'no' }),
    '`auto`, `no` (`-T`), `yes` (`-t`) or `force` (`-tt`)',
    ['auto', 'no', 'yes', 'force'],
  ),
  SendEnv: honourAll(
    'sendEnv',
    readText,
    'variables of ours for the command, with `*` and `?`; what the host refuses is left out; `-NAME` takes one back',
  ),
  ServerAliveCountMax: honourFirst(
    'serverAliveCountMax',
    readNumber(0, MAX_ALIVE_COUNT),
    'so many intervals without a byte, and the connection counts as lost; 0: never; default 3',
  ),
  ServerAliveInterval: honourFirst(
    'serverAliveIntervalMs',
    readTimeMs,
    'how often it is looked whether the host is alive; 0: as rexa does by itself, every 5 s',
  ),
  SessionType: honourFirst(
    'sessionType',
    readChoice({ default: 'default', none: 'none', subsystem: 'subsystem' }),
    '`default`, `none` (`-N`) or `subsystem` (`-s`)',
    ['default', 'none', 'subsystem'],
  ),
  SetEnv: honourAll(
    'setEnv',
    readAssignment,
    'variables of the command; the first of a name counts; one that the host refuses is an error',
  ),
  StdinNull: honourFirst('stdinNull', readYesNo, 'no stdin (`-n`)', YES_NO),
  StrictHostKeyChecking: honourFirst(
    'strictHostKeyChecking',
    readStrictness,
    '`yes`: an unknown host is refused; `ask`; `accept-new`, `no` and `off`: it is learned. A changed key is always refused',
    ['yes', 'ask', 'accept-new', 'no', 'off'],
  ),
  User: honourFirst('user', readText, 'who to be there (`-l`); another one than the daemon’s own is denied'),
  UserKnownHostsFile: {
    fate: 'honoured',
    about: 'files of known hosts, the first of which learns; `none` and `/dev/null` remember nothing',
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      settings.userKnownHostsFile ??= words.map(readText);
    },
  },
  GlobalKnownHostsFile: {
    fate: 'honoured',
    about: 'further files of known hosts, which never learn; without it none',
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      settings.globalKnownHostsFile ??= words.map(readText);
    },
  },
};

function readConnectTimeout(text: string): number {
  return text.toLowerCase() === 'none' ? 0 : readTimeMs(text);
}
