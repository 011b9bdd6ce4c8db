import { AUTHORITY_SIGNATURES, HOST_KEY_ALGORITHMS, readAlgorithms } from '../../../auth/host-algorithms.ts';
import { matchesWildcards } from '../../../auth/wildcards.ts';
import { quoteWord, usageError } from '../../../command-line/usage-error.ts';
import { readJumpHost } from '../jump-host.ts';
import { checkRemoteOpen } from '../permit-remote-open.ts';
import type { LogLevel, SshSettings } from '../settings.ts';
import {
  readAgentSocket,
  readAssignment,
  readChoice,
  readDomain,
  readEscape,
  readNumber,
  readPersist,
  readPort,
  readText,
  readUser,
  readVariablePattern,
  readYesNo,
} from '../values.ts';
import {
  type HonouredRow,
  honourCommand,
  honourEach,
  honourFiles,
  honourFirst,
  honourForward,
  honourTime,
  onlyWord,
} from './row.ts';

/** INT_MAX: ssh takes no larger number. */
const MAX_NUMBER = 2_147_483_647;

const readStrictness = readChoice<NonNullable<SshSettings['strictHostKeyChecking']>>({
  yes: 'yes',
  ask: 'ask',
  'accept-new': 'accept-new',
  no: 'no',
  off: 'no',
  true: 'yes',
  false: 'no',
});

const LEVELS = ['QUIET', 'FATAL', 'ERROR', 'INFO', 'VERBOSE', 'DEBUG', 'DEBUG1', 'DEBUG2', 'DEBUG3'] as const;
const readLevel = readChoice<LogLevel>(Object.fromEntries(LEVELS.map((level) => [level, level])));

/** @throws RexaError USAGE */
function readAlgorithmList(text: string, all: readonly string[]): readonly string[] {
  const read = readAlgorithms(readText(text), all);
  if (read === null) throw usageError(`Bad key types ${quoteWord(text)}`);
  return read;
}

const YES_NO = ['yes', 'no'];
const YES_NO_ASK = ['yes', 'no', 'ask'];
const readYesNoAsk = readChoice<'yes' | 'no' | 'ask'>({
  yes: 'yes',
  no: 'no',
  ask: 'ask',
  true: 'yes',
  false: 'no',
});

/** Keywords with the same effect as in ssh, spelled as in ssh_config(5). */
export const HONOURED: Readonly<Record<string, HonouredRow>> = {
  AddressFamily: honourFirst(
    'addressFamily',
    readChoice({ any: 'any', inet: 'inet', inet6: 'inet6' }),
    '`any`, `inet` (`-4`) or `inet6` (`-6`)',
    ['any', 'inet', 'inet6'],
  ),
  BatchMode: honourFirst('batchMode', readYesNo, 'ask no questions: what needs an answer fails', YES_NO),
  CanonicalDomains: {
    fate: 'honoured',
    about: 'domains under which `CanonicalizeHostname` looks for HOST; `none` ends the list',
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      settings.canonicalDomains ??= words.map(readDomain);
    },
  },
  CanonicalizeFallbackLocal: honourFirst(
    'canonicalizeFallbackLocal',
    readYesNo,
    '`no`: a name that is in none of the domains is an error; default: `yes`, it is looked up as it is',
    YES_NO,
  ),
  CanonicalizeHostname: honourFirst(
    'canonicalizeHostname',
    readChoice({ yes: 'yes', no: 'no', always: 'always', true: 'yes', false: 'no' }),
    'complete HOST by one of `CanonicalDomains`, and read the files again with that name; `always`: also behind a jump host or program',
    ['yes', 'no', 'always'],
  ),
  CanonicalizeMaxDots: honourFirst(
    'canonicalizeMaxDots',
    readNumber(0, MAX_NUMBER),
    'dots that a name may have to be completed; default: 1',
  ),
  CASignatureAlgorithms: honourFirst(
    'caSignatureAlgorithms',
    (text) => readAlgorithmList(text, AUTHORITY_SIGNATURES),
    'algorithms that the authority of a host certificate may sign with; default: all, without SHA-1',
  ),
  CertificateFile: honourEach(
    'certificateFile',
    readText,
    'certificate for one of the keys; may be repeated; `FILE-cert.pub` next to a key file is found automatically',
  ),
  ClearAllForwardings: honourFirst('clearAllForwardings', readYesNo, 'clears all forwarding options', YES_NO),
  ConnectionAttempts: honourFirst(
    'connectionAttempts',
    readNumber(1, MAX_NUMBER),
    'number of attempts, one per second; an attempt that the host refused is not repeated',
  ),
  ConnectTimeout: honourTime(
    'connectTimeoutMs',
    'time limit for the connection and the hello of the daemon; 0 and `none`: the default of rexa, 10 s',
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
  ControlPath: honourFirst(
    'controlPath',
    readText,
    'control socket of a shared connection; `none`: none is shared (`-S`)',
  ),
  ControlPersist: honourFirst(
    'controlPersistMs',
    readPersist,
    'keep a shared connection in the background: `yes`, `no`, or for how long after its last use',
    YES_NO,
  ),
  DynamicForward: honourForward('D', 'SOCKS server here that connects from the host; may be repeated (`-D`)'),
  ExitOnForwardFailure: honourFirst(
    'exitOnForwardFailure',
    readYesNo,
    'a forwarding that cannot listen is an error, not a warning',
    YES_NO,
  ),
  GatewayPorts: honourFirst(
    'gatewayPorts',
    readYesNo,
    'forwardings without an address listen on all addresses here (`-g`)',
    YES_NO,
  ),
  EnableEscapeCommandline: honourFirst(
    'enableEscapeCommandline',
    readYesNo,
    '`no`: `~C` opens no command line; default: `yes`',
    YES_NO,
  ),
  EscapeChar: honourFirst(
    'escapeChar',
    readEscape,
    'escape character of a terminal: a character, `^` and a letter, or `none` (`-e`)',
  ),
  ForwardAgent: {
    fate: 'honoured',
    about:
      'the command may use the ssh-agent of this machine (`-A`, `-a`): `yes`, `no`, the path of another socket, or `$NAME` for the variable of that name; default: `no`',
    choices: YES_NO,
    take({ settings }, line) {
      const word = onlyWord(line);
      if (/^(?:yes|no|true|false)$/i.test(word)) settings.forwardAgent ??= readYesNo(word.toLowerCase());
      else {
        const path = readAgentSocket(word);
        settings.forwardAgent ??= true;
        settings.forwardAgentPath ??= path;
      }
    },
  },
  ForkAfterAuthentication: honourFirst(
    'forkAfterAuthentication',
    readYesNo,
    'go to the background after login (`-f`)',
    YES_NO,
  ),
  HashKnownHosts: honourFirst(
    'hashKnownHosts',
    readYesNo,
    'write new lines of known_hosts with a hash in place of the name of the host',
    YES_NO,
  ),
  HostKeyAlgorithms: honourFirst(
    'hostKeyAlgorithms',
    (text) => readAlgorithmList(text, HOST_KEY_ALGORITHMS),
    'algorithms of host keys and certificates: a host whose key is of another type is refused, and its certificate counts if one of its own is in the list; default: all',
  ),
  HostKeyAlias: honourFirst('hostKeyAlias', readText, 'name of the host in known_hosts'),
  HostName: honourFirst('hostName', readText, 'name or address to connect to, instead of HOST; `%h` is HOST'),
  IdentitiesOnly: honourFirst('identitiesOnly', readYesNo, 'offer only the keys of `IdentityFile`', YES_NO),
  IdentityAgent: honourFirst(
    'identityAgent',
    readText,
    'socket of the agent, `none`, `SSH_AUTH_SOCK`, or `$NAME` for the variable of that name',
  ),
  IdentityFile: honourEach('identityFile', readText, 'private key (`-i`); may be repeated; `none`: no key'),
  IgnoreUnknown: {
    fate: 'honoured',
    about: 'patterns of unknown keywords to ignore; must come before them',
    take(draft, line) {
      draft.ignoreUnknown ??= onlyWord(line);
    },
  },
  LocalCommand: honourCommand(
    'localCommand',
    'line for the local shell, run after login if `PermitLocalCommand` is `yes`',
  ),
  LocalForward: honourForward('L', 'listens here, connects from the host; may be repeated (`-L`)'),
  LogLevel: honourFirst(
    'logLevel',
    readLevel,
    '`QUIET`: `-q`, no messages at all, as in ssh; `FATAL`, `ERROR`: no warnings; `VERBOSE`, `DEBUG`: `-v`; `DEBUG2`: `-vv`; `DEBUG3`: `-vvv`',
    LEVELS,
  ),
  PermitLocalCommand: honourFirst('permitLocalCommand', readYesNo, 'allow `LocalCommand`', YES_NO),
  PermitRemoteOpen: {
    fate: 'honoured',
    about:
      'places here that a SOCKS server on the host (`-R PORT`) may connect to: `HOST:PORT`, `*` for any host or port, `any` or `none`',
    take({ settings }, { words }) {
      const places = checkRemoteOpen(words);
      settings.permitRemoteOpen ??= places;
    },
  },
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
  ProxyCommand: {
    fate: 'honoured',
    about: 'a program whose stdin and stdout are the connection; `none`: none',
    take({ settings }, { text }) {
      const command = text.replace(/^[ \t=]*/, '');
      if (command === '') throw usageError('a value is missing');
      if (settings.proxyJump === undefined && settings.proxyCommand === undefined)
        settings.proxyCommand = command.toLowerCase() === 'none' ? null : command;
    },
  },
  ProxyJump: {
    fate: 'honoured',
    about: 'jump hosts, comma-separated, the nearest first; `none`: none (`-J`)',
    take({ settings }, { text }) {
      // As ssh reads it: quotes are part of a name, and refused with it
      const list = text.replace(/#.*$/s, '').trim();
      if (list === '') throw usageError('a value is missing');
      const jumps = list.toLowerCase() === 'none' ? [] : list.split(',');
      for (const jump of jumps) readJumpHost(jump);
      if (settings.proxyJump === undefined && settings.proxyCommand === undefined) settings.proxyJump = jumps;
    },
  },
  RefuseConnection: {
    fate: 'honoured',
    about: 'refuse to connect to the host, with this message',
    take(draft, line) {
      draft.refusal ??= readText(onlyWord(line));
    },
  },
  RemoteCommand: honourCommand('remoteCommand', 'command to run if none follows HOST; `none`: no command'),
  RemoteForward: honourForward(
    'R',
    'listens on the host, connects from here; without a target a SOCKS server; may be repeated (`-R`)',
  ),
  RequestTTY: honourFirst(
    'requestTty',
    readChoice({ auto: 'auto', no: 'no', yes: 'yes', force: 'force', true: 'yes', false: 'no' }),
    '`auto`, `no` (`-T`), `yes` (`-t`) or `force` (`-tt`)',
    ['auto', 'no', 'yes', 'force'],
  ),
  RevokedHostKeys: honourFiles(
    'revokedHostKeys',
    'files of revoked host keys: public keys or key revocation lists; while one cannot be read, every host is refused',
  ),
  SendEnv: {
    fate: 'honoured',
    about:
      'local variables to pass to the command; `*` and `?` are wildcards; those that the host refuses are left out; `-NAME` removes a name',
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      for (const word of words.map(readVariablePattern)) {
        const names = settings.sendEnv ?? [];
        settings.sendEnv = word.startsWith('-')
          ? names.filter((name) => !matchesWildcards(word.slice(1), name))
          : [...names, word];
      }
    },
  },
  ServerAliveCountMax: honourFirst(
    'serverAliveCountMax',
    readNumber(0, MAX_NUMBER),
    'number of intervals without data after which the connection is lost; 0: never; default: 3',
  ),
  ServerAliveInterval: honourTime(
    'serverAliveIntervalMs',
    'interval between checks that the host is alive; 0: the default of rexa, every 5 s',
  ),
  SessionType: honourFirst(
    'sessionType',
    readChoice({ default: 'default', none: 'none', subsystem: 'subsystem' }),
    '`default`, `none` (`-N`) or `subsystem` (`-s`)',
    ['default', 'none', 'subsystem'],
  ),
  SetEnv: {
    fate: 'honoured',
    about:
      'variables of the command; the first line counts, and in it the first value of a name; one that the host refuses is an error',
    take({ settings }, { words }) {
      if (words.length === 0) throw usageError('a value is missing');
      const values = words.map(readAssignment);
      const isFirst = ([name]: readonly [string, string], index: number): boolean =>
        values.findIndex(([other]) => other === name) === index;
      settings.setEnv ??= values.filter(isFirst);
    },
  },
  StdinNull: honourFirst('stdinNull', readYesNo, 'no stdin (`-n`)', YES_NO),
  StreamLocalBindUnlink: honourFirst(
    'streamLocalBindUnlink',
    readYesNo,
    'remove a Unix socket that exists where a forwarding is to listen here',
    YES_NO,
  ),
  StrictHostKeyChecking: honourFirst(
    'strictHostKeyChecking',
    readStrictness,
    '`yes`: refuse unknown hosts; `ask`; `accept-new`, `no` and `off`: trust unknown hosts and save their keys. A changed key is always refused',
    ['yes', 'ask', 'accept-new', 'no', 'off'],
  ),
  Tag: honourFirst('tag', readText, 'name for `Match tagged` of ssh configuration files (`-P`)'),
  User: honourFirst('user', readUser, 'user to run as (`-l`); users other than the daemon’s own are denied'),
  UpdateHostKeys: honourFirst(
    'updateHostKeys',
    readYesNoAsk,
    'learn further keys of the host after login, and remove those that it has no more; `ask`; default: `yes` where neither `UserKnownHostsFile` nor `VerifyHostKeyDNS` is set',
    YES_NO_ASK,
  ),
  VerifyHostKeyDNS: honourFirst(
    'verifyHostKeyDns',
    readYesNoAsk,
    'rexa does not look up host keys in DNS; `yes` and `ask` make `no` the default of `UpdateHostKeys`',
    YES_NO_ASK,
  ),
  UserKnownHostsFile: honourFiles(
    'userKnownHostsFile',
    'known_hosts files; new keys are saved in the first one; `none` and `/dev/null`: save nothing',
  ),
  GlobalKnownHostsFile: honourFiles(
    'globalKnownHostsFile',
    'further known_hosts files, which are only read; default: none',
  ),
};
