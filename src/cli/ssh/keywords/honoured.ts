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
  // A changed key is always an error, so learning unknown keys is all that remains of `no`
  no: 'accept-new',
  off: 'accept-new',
  true: 'yes',
  false: 'accept-new',
});

const LEVELS = ['QUIET', 'FATAL', 'ERROR', 'INFO', 'VERBOSE', 'DEBUG', 'DEBUG1', 'DEBUG2', 'DEBUG3'] as const;
const readLevel = readChoice<LogLevel>(Object.fromEntries(LEVELS.map((level) => [level, level])));

const YES_NO = ['yes', 'no'];

/** Keywords with the same effect as in ssh, spelled as in ssh_config(5). */
export const HONOURED: Readonly<Record<string, HonouredRow>> = {
  AddressFamily: honourFirst(
    'addressFamily',
    readChoice({ any: 'any', inet: 'inet', inet6: 'inet6' }),
    '`any`, `inet` (`-4`) or `inet6` (`-6`)',
    ['any', 'inet', 'inet6'],
  ),
  BatchMode: honourFirst('batchMode', readYesNo, 'ask no questions: what needs an answer fails', YES_NO),
  CertificateFile: honourAll(
    'certificateFile',
    readText,
    'certificate for one of the keys; may be repeated; `FILE-cert.pub` next to a key file is found automatically',
  ),
  ClearAllForwardings: {
    fate: 'honoured',
    about: 'clears all forwarding options',
    choices: YES_NO,
    take(draft, line) {
      draft.clearsForwardings ??= readYesNo(onlyWord(line));
    },
  },
  ConnectionAttempts: honourFirst(
    'connectionAttempts',
    readNumber(1, MAX_ATTEMPTS),
    'number of attempts, one per second; an attempt that the host refused is not repeated',
  ),
  ConnectTimeout: honourFirst(
    'connectTimeoutMs',
    readConnectTimeout,
    'time limit for the connection and the hello of the daemon; `none`: the default of rexa, 10 s',
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
    'connections are not shared: each call opens its own. `yes` and `ask` (`-M`) are refused with `-N`, whose only purpose would be the sharing',
    ['yes', 'ask', 'auto', 'autoask', 'no'],
  ),
  ControlPath: honourFirst('controlPath', readText, 'socket for `-O`; no connection is shared (`-S`)'),
  DynamicForward: forwarding('DynamicForward'),
  EscapeChar: honourFirst(
    'escapeChar',
    readEscape,
    'escape character of a terminal: a character, `^` and a letter, or `none` (`-e`)',
  ),
  ForkAfterAuthentication: honourFirst(
    'forkAfterAuthentication',
    readYesNo,
    'go to the background after login (`-f`)',
    YES_NO,
  ),
  HostKeyAlias: honourFirst('hostKeyAlias', readText, 'name of the host in known_hosts'),
  HostName: honourFirst('hostName', readText, 'name or address to connect to, instead of HOST; `%h` is HOST'),
  IdentitiesOnly: honourFirst('identitiesOnly', readYesNo, 'offer only the keys of `IdentityFile`', YES_NO),
  IdentityAgent: honourFirst(
    'identityAgent',
    readText,
    'socket of the agent, `none`, `SSH_AUTH_SOCK`, or `$NAME` for the variable of that name',
  ),
  IdentityFile: honourAll('identityFile', readText, 'private key (`-i`); may be repeated; `none`: no key'),
  IgnoreUnknown: {
    fate: 'honoured',
    about: 'patterns of unknown keywords to ignore; must come before them',
    take(draft, line) {
      draft.ignoreUnknown ??= onlyWord(line).split(',');
    },
  },
  LocalCommand: {
    fate: 'honoured',
    about: 'line for the local shell, run after login if `PermitLocalCommand` is `yes`',
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
    '`QUIET`: `-q`, no messages at all, as in ssh; `FATAL`, `ERROR`: no warnings; `VERBOSE`, `DEBUG`: `-v`; `DEBUG2`: `-vv`; `DEBUG3`: `-vvv`',
    LEVELS,
  ),
  PermitLocalCommand: honourFirst('permitLocalCommand', readYesNo, 'allow `LocalCommand`', YES_NO),
  Port: honourFirst(
    'port',
    readPort,
    'port of a host that is reached over the network: a number or a service name (`-p`)',
  ),
  PreferredAuthentications: {
    fate: 'honoured',
    about: 'must contain `publickey`: rexa authenticates by public key only',
    take(_, line) {
      if (!onlyWord(line).toLowerCase().split(',').includes('publickey'))
        throw usageError('must contain publickey: rexa authenticates by public key only');
    },
  },
  RemoteCommand: {
    fate: 'honoured',
    about: 'command to run if none follows HOST; `none`: no command',
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
    'local variables to pass to the command; `*` and `?` are wildcards; those that the host refuses are left out; `-NAME` removes a name',
  ),
  ServerAliveCountMax: honourFirst(
    'serverAliveCountMax',
    readNumber(0, MAX_ALIVE_COUNT),
    'number of intervals without data after which the connection is lost; 0: never; default: 3',
  ),
  ServerAliveInterval: honourFirst(
    'serverAliveIntervalMs',
    readTimeMs,
    'interval between checks that the host is alive; 0: the default of rexa, every 5 s',
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
    'variables of the command; the first value of a name is used; one that the host refuses is an error',
  ),
  StdinNull: honourFirst('stdinNull', readYesNo, 'no stdin (`-n`)', YES_NO),
  StrictHostKeyChecking: honourFirst(
    'strictHostKeyChecking',
    readStrictness,
    '`yes`: refuse unknown hosts; `ask`; `accept-new`, `no` and `off`: trust unknown hosts and save their keys. A changed key is always refused',
    ['yes', 'ask', 'accept-new', 'no', 'off'],
  ),
  User: honourFirst('user', readText, 'user to run as (`-l`); users other than the daemon’s own are denied'),
  UserKnownHostsFile: {
    fate: 'honoured',
    about: 'known_hosts files; new keys are saved in the first one; `none` and `/dev/null`: save nothing',
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      settings.userKnownHostsFile ??= words.map(readText);
    },
  },
  GlobalKnownHostsFile: {
    fate: 'honoured',
    about: 'further known_hosts files, which are only read; default: none',
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      settings.globalKnownHostsFile ??= words.map(readText);
    },
  },
};

function readConnectTimeout(text: string): number {
  return text.toLowerCase() === 'none' ? 0 : readTimeMs(text);
}
