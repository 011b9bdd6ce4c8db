import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseForwardTarget, parseListenTarget } from '../auth/forward-target.ts';
import { readAction } from '../command-line/actions.ts';
import type { CommandSpec } from '../command-line/command-spec.ts';
import { readPositiveDuration } from '../command-line/duration.ts';
import {
  choice,
  duration,
  file,
  files,
  flag,
  list,
  readChoice,
  readText,
  value,
} from '../command-line/option-kinds.ts';
import type { OptionTable, OptionValues } from '../command-line/option-table.ts';
import { parseWords } from '../command-line/parse-words.ts';
import { quoteWord, usageError } from '../command-line/usage-error.ts';
import { defaultAuthorizedKeys, unitConfigFile } from '../places/login-files.ts';
import { RexaError } from '../protocol/errors.ts';
import { RESUME_FOR_TERMINALS_MS } from '../protocol/limits.ts';
import { RELAY_RIGHTS, type RelayRights } from '../protocol/relay.ts';
import { VERSION } from '../protocol/version.ts';
import type { ForwardPolicy } from '../services/forward/authorize.ts';
import { RESUME_FOR_RUNS_MS } from '../services/limits.ts';
import type { RecordPolicy } from '../services/run/record-policy.ts';
import type { ConfiguredValues } from './config.ts';
import { DEFAULT_DRAIN_MS } from './limits.ts';
import type { LoginFiles } from './listen/listener.ts';
import type { LogFormat } from './log.ts';

/** What rexad can do beside serving. */
const ACTIONS = ['status', 'check-config', 'completion'] as const;

/** What rexad was started with. */
export interface DaemonOptions {
  /** `relay` is `--stdio`. */
  readonly action: 'serve' | 'relay' | (typeof ACTIONS)[number];
  /** What stands behind the action. */
  readonly actionWords: readonly string[];
  /** What `--stdio` leaves its client of this user's rights. */
  readonly rights: RelayRights;
  /** Addresses as they were given, at least one. */
  readonly listen: readonly string[];
  readonly drainMs: number;
  /** How long a link waits for another connection; null: as what is under way on it needs. */
  readonly resumeForMs: number | null;
  /** Null: what would stand in the audit file goes to the log. */
  readonly audit: string | null;
  /** The folder of transcripts; null: none are kept. */
  readonly talkLog: string | null;
  readonly recordTerminals: RecordPolicy;
  readonly logFormat: LogFormat;
  /** Whether the listeners are told on stdout, a line each. */
  readonly json: boolean;
  /** The name of the encoding that `host` means in a request, not checked; null: the locale's. */
  readonly encoding: string | null;
  readonly allowRoot: boolean;
  readonly login: LoginFiles;
  readonly forwarding: ForwardPolicy;
  /** Where more options stand; an absolute path. */
  readonly config: string | null;
  /** Null: never for idleness. */
  readonly idleExitMs: number | null;
}

const EXIT_USAGE = 2;

const FORWARDING = ['no', 'local', 'remote', 'yes'] as const;
const RECORD_POLICIES: readonly RecordPolicy[] = ['client', 'always', 'never'];

const DAEMON_OPTIONS = {
  config: file('Configuration file: YAML with the long option names. The command line takes precedence'),
  listen: list(
    'URL',
    readText,
    "Listen at this address; may be repeated. Default: local, the user's Unix socket",
  ),
  drain: duration(
    `Time that running commands have after SIGTERM; a second SIGTERM ends them. Default: ${DEFAULT_DRAIN_MS / 1000}s`,
  ),
  'resume-for': duration(
    `Time that commands are kept for a client that lost its connection. Default: ${RESUME_FOR_RUNS_MS / 1000}s, terminals ${RESUME_FOR_TERMINALS_MS / 60_000}m`,
  ),
  'authorized-keys': files(
    'Keys that may log in over tls://; may be repeated. Default: ~/.config/rexa/authorized_keys and ~/.ssh/authorized_keys',
  ),
  'revoked-keys': file(
    'Revoked keys, as text or as a KRL of ssh-keygen -k; if the file is missing, all logins are refused',
  ),
  'host-key': files(
    'Private host key for tls://, created if missing; may be repeated: the first is served, the others are for clients to learn after login. Default: ~/.config/rexa/host/host_key',
  ),
  'host-certificate': file(
    'OpenSSH certificate of the host key, made by ssh-keygen -h -s; clients trust its authority by @cert-authority. Default: none',
  ),
  audit: file('Append the audit to FILE, one line of JSON for each decision and command. Default: the log'),
  'record-terminals': choice(
    'WHICH',
    RECORD_POLICIES,
    'Terminals that are recorded on this host: client (default: sessions whose clients ask for it), always (all, in ' +
      '~/.local/state/rexa/recordings) or never',
    'recording',
  ),
  'talk-log': file(
    'Append a transcript of each conversation of rexa talk to a file in DIR. Default: none is kept',
    'DIR',
  ),
  encoding: value(
    'NAME',
    readText,
    "Encoding of programs on this host: utf8, gbk … (rexa help encodings). Default: the locale's",
  ),
  'log-format': choice(
    'FORMAT',
    ['pretty', 'json'],
    'Log format on stderr: pretty (default) or json',
    'log format',
  ),
  json: flag(
    'Print the listeners on stdout, one JSON object per line; with status, print the status as one line of JSON',
  ),
  stdio: flag(
    "Relay stdin and stdout to the user's daemon, and start it if it is not running; used by ssh:// and exec: addresses",
  ),
  rights: choice(
    'RIGHTS',
    RELAY_RIGHTS,
    'With --stdio: full (default), or restrict: the client may only run commands that end with it, without terminals',
    'rights',
  ),
  'allow-tcp-forwarding': value(
    'WHICH',
    // sshd has both words
    (text) => readChoice(FORWARDING, text === 'all' ? 'yes' : text, 'forwarding'),
    'Forwarding that is allowed: yes (default), local (connections from this host), remote (listeners on it) or no',
    { choices: FORWARDING },
  ),
  'permit-open': list(
    'HOST:PORT',
    (text) => parseForwardTarget('permit-open', text),
    'Allow forwarded connections to this host and port only, * for any; may be repeated. Default: to any',
  ),
  'permit-listen': list(
    '[HOST:]PORT',
    (text) => parseListenTarget('permit-listen', text),
    'Allow listeners of forwarding on this host (a pattern) and port only, * for any; may be repeated. Default: on any',
  ),
  'gateway-ports': choice(
    'WHICH',
    ['no', 'yes', 'clientspecified'],
    'Addresses that forwarding may listen on: no (loopback, default), yes (all), or clientspecified (what the client asks for)',
    'gateway ports',
  ),
  'allow-root': flag("Allow root to listen on more than root's own Unix socket, or to relay with --stdio"),
  'idle-exit': value('DURATION', readPositiveDuration, 'Exit after this time without a client or a run', {
    hidden: true,
  }),
  help: flag('Show this help', { letter: 'h', last: true }),
  version: flag('Show the version', { letter: 'V', last: true }),
} as const satisfies OptionTable;

/** All that help and manual say of rexad. */
export const DAEMON_COMMAND: CommandSpec<typeof DAEMON_OPTIONS> = {
  name: 'rexad',
  summary: 'Daemon that runs commands',
  usage: [
    'rexad [OPTIONS]',
    'rexad --stdio [--rights RIGHTS]',
    'rexad [OPTIONS] status',
    'rexad [OPTIONS] check-config',
    'rexad completion SHELL',
  ],
  about:
    'Runs commands for its clients, as its own user, until it receives SIGTERM. status shows the status of the daemon that ' +
    'listens at the given address; check-config checks whether a daemon would start with these options; completion ' +
    'prints a completion script for bash, zsh or fish.',
  operands: ['ACTION'],
  operandChoices: { ACTION: ACTIONS },

  takesRest: true,
  options: DAEMON_OPTIONS,
  examples: [
    { line: 'rexad', about: 'serve this user at the address local' },
    {
      line: 'rexad --listen unix:/run/rexa/rexad.sock',
      about: 'another socket, in a folder with mode 0700',
    },
    {
      line: 'rexad --listen local --listen tls://0.0.0.0:7522',
      about: 'also the network, for authorized keys',
    },
    { line: 'rexad --json --log-format json', about: 'for a program that reads the output' },
    { line: 'rexad status', about: 'state, start time, addresses' },
    { line: 'source <(rexad completion bash)', about: 'in this shell; add it to ~/.bashrc for all' },
    { line: 'rexad --config /etc/rexad/build.yaml check-config', about: 'check before a restart' },
  ],
};

/**
 * Reads rexad's command line. `--help`, `--version` and a command line that cannot be understood end the process.
 * @param words without the program's name
 */
export async function parseDaemonOptions(words: readonly string[]): Promise<DaemonOptions> {
  try {
    const options = await readConfigured(words);
    if (options === 'help') {
      const { renderCommandHelp } = await import('../command-line/help.ts');
      leaveWith(`${await renderCommandHelp(DAEMON_COMMAND, process.stdout.columns || 80)}\n`);
    }
    if (options === 'version') leaveWith(`rexad ${VERSION}\n`);
    return options;
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    process.stderr.write(`rexad: ${error.message}\nrexad: 'rexad --help' lists the options\n`);
    process.exit(EXIT_USAGE);
  }
}

/** YAML is loaded where there is a file of it. @param unit the configuration of the systemd unit */
export async function readConfigured(
  words: readonly string[],
  unit: string = unitConfigFile(),
): Promise<DaemonOptions | 'help' | 'version'> {
  const options = readDaemonOptions(words);
  if (typeof options === 'string') return options;
  const config = options.config ?? findUnitConfig(options.action, words, unit);
  if (config === null) return options;
  const { readDaemonConfig } = await import('./config.ts');
  return readDaemonOptions(words, await readDaemonConfig(config, DAEMON_OPTIONS));
}

/** Returns the configuration of the systemd unit for this account: a bare `rexad status` is about its daemon. */
function findUnitConfig(
  action: DaemonOptions['action'],
  words: readonly string[],
  unit: string,
): string | null {
  if (action !== 'status' || words.some((word) => word.startsWith('--listen'))) return null;
  return existsSync(unit) ? unit : null;
}

function leaveWith(text: string): never {
  process.stdout.write(text);
  process.exit(0);
}

/**
 * @param configured what a configuration says, where the words do not
 * @throws RexaError USAGE
 */
export function readDaemonOptions(
  words: readonly string[],
  configured: ConfiguredValues<typeof DAEMON_OPTIONS> = {},
): DaemonOptions | 'help' | 'version' {
  const { values: said, operands, rest } = parseWords(DAEMON_COMMAND, words);
  if (said.help) return 'help';
  if (said.version) return 'version';
  const action = chooseAction(operands[0], said);
  const actionWords = rest ?? [];
  if (action !== 'completion' && actionWords[0] !== undefined)
    throw usageError(`unexpected argument ${quoteWord(actionWords[0])} for rexad`);
  const values = { ...configured, ...dropDefaults(said) };
  return {
    action,
    actionWords,
    rights: said.rights ?? 'full',
    config: said.config === undefined ? null : path.resolve(said.config),
    listen: values.listen ?? ['local'],
    drainMs: values.drain ?? DEFAULT_DRAIN_MS,
    resumeForMs: values['resume-for'] ?? null,
    audit: values.audit ?? null,
    talkLog: values['talk-log'] ?? null,
    recordTerminals: values['record-terminals'] ?? 'client',
    logFormat: values['log-format'] ?? 'pretty',
    json: values.json ?? false,
    encoding: values.encoding ?? null,
    allowRoot: values['allow-root'] ?? false,
    login: readLoginFiles(values),
    forwarding: readForwardPolicy(values),
    idleExitMs: values['idle-exit'] ?? null,
  };
}

function readLoginFiles(values: ConfiguredValues<typeof DAEMON_OPTIONS>): LoginFiles {
  return {
    hostKeys: values['host-key'] ?? [],
    hostCertificate: values['host-certificate'] ?? null,
    // A daemon that asks for no keys needs no home folder
    get authorizedKeys() {
      return chooseAuthorizedKeys(values['authorized-keys'] ?? []);
    },
    revokedKeys: values['revoked-keys'] ?? null,
  };
}

function readForwardPolicy(values: ConfiguredValues<typeof DAEMON_OPTIONS>): ForwardPolicy {
  const which = values['allow-tcp-forwarding'] ?? 'yes';
  return {
    local: which === 'yes' || which === 'local',
    remote: which === 'yes' || which === 'remote',
    permitOpen: listOrAny(values['permit-open']),
    permitListen: listOrAny(values['permit-listen']),
    gatewayPorts: values['gateway-ports'] ?? 'no',
  };
}

function listOrAny<T>(values: readonly T[] | undefined): readonly T[] | null {
  return values === undefined || values.length === 0 ? null : values;
}

function chooseAction(
  word: string | undefined,
  { stdio, rights, listen }: Pick<OptionValues<typeof DAEMON_OPTIONS>, 'stdio' | 'rights' | 'listen'>,
): DaemonOptions['action'] {
  if (stdio && (word !== undefined || listen.length > 0))
    throw usageError('--stdio cannot be combined with --listen or an action');
  if (!stdio && rights !== undefined) throw usageError('--rights requires --stdio');
  if (word === undefined) return stdio ? 'relay' : 'serve';
  return readAction('rexad', ACTIONS, word);
}

/** What the words say and do not just leave as it is: a flag that isn't given, a list without an entry. */
function dropDefaults<Values extends object>(said: Values): Partial<Values> {
  const isSaid = (given: unknown): boolean =>
    given !== false && !(Array.isArray(given) && given.length === 0);
  return Object.fromEntries(Object.entries(said).filter(([, given]) => isSaid(given))) as Partial<Values>;
}

/** Paths are absolute from here on: messages name them, and the folders above them are looked at. */
function chooseAuthorizedKeys(given: readonly string[]): readonly string[] {
  if (given.length > 0) return given.map((name) => path.resolve(name));
  return defaultAuthorizedKeys();
}
