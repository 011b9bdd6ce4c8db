import type { Config } from '../../client/config/config-schema.ts';
import { loadConfig } from '../../client/config/load-config.ts';
import {
  expandProxyCommand,
  findFinalPlace,
  type GivenPlace,
  type HostSettings,
  resolveHostSettings,
} from '../../client/config/resolve-host-settings.ts';
import type { SshSharing } from '../../client/config/ssh-host.ts';
import type { OpenHost } from '../../client/host.ts';
import type { OpenOptions } from '../../client/open-host.ts';
import type { ConnectOptions } from '../../client/run-types.ts';
import { withoutUndefined } from '../../client/without-undefined.ts';
import { findClosestName } from '../../command-line/closest-name.ts';
import { quoteWord, usageError } from '../../command-line/usage-error.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { readEscape } from '../../config/ssh/values.ts';
import type { createQuestions } from '../ask/questions.ts';
import { type ForwardSettings, forwardSettingsOf } from '../forward/forward-rules.ts';
import type { Messages } from '../output/messages.ts';
import { standardTerminal } from '../output/standard-streams.ts';
import { createConnectionLine } from './connection-line.ts';
import { findJumpHost } from './find-jump-host.ts';
import { ON_STDIN, readIdentities } from './identities.ts';
import { refuseUser } from './refuse-user.ts';

/** What is said of a login as in the library. */
type LoginOption =
  | 'user'
  | 'certificates'
  | 'identitiesOnly'
  | 'agent'
  | 'globalKnownHosts'
  | 'hashKnownHosts'
  | 'revokedHostKeys'
  | 'hostKeyAlias'
  | 'hostKeyAlgorithms'
  | 'caSignatureAlgorithms'
  | 'family';

/** What the command line says of a host; what it does not say is absent, and a configuration may say it. */
export interface HostOptions extends GivenPlace, Pick<ConnectOptions, LoginOption> {
  /** The configuration in place of the usual one; `none`: do without. */
  readonly config?: string | undefined;
  readonly identities?: readonly string[] | undefined;
  /** Files of known hosts, of which the first learns; null: nothing is known, and nothing is remembered. */
  readonly knownHosts?: readonly string[] | null | undefined;
  /** Whether further keys of the host are learned. Default: as in ssh. */
  readonly updateHostKeys?: 'yes' | 'no' | 'ask' | undefined;
  /** What is done about a host that is not known: it is asked about (default), believed, or refused. */
  readonly unknownHost?: 'ask' | 'accept-new' | 'refuse' | undefined;
  /** Whether a person may be asked for anything. Default: where there is a terminal. */
  readonly mayAsk?: boolean | undefined;
  /** Jump hosts, the nearest first; empty: none. */
  readonly jump?: readonly string[] | undefined;
  /** A program whose stdin and stdout are the connection, as a line for the shell; null: none. */
  readonly proxyCommand?: string | null | undefined;
  /** The same with what is said of each. Default: what is said of this host, as far as it is about logins. */
  readonly ofJumps?: readonly CalledHost[] | undefined;
  readonly connectTimeoutMs?: number | undefined;
  /** How long a lost connection is looked for again. */
  readonly reconnectForMs?: number | undefined;
  /** Milliseconds between looks whether the host is alive. */
  readonly keepaliveMs?: number | undefined;
  /** How the connection is shared with other processes. Default: as the configuration says. */
  readonly share?: ShareOptions | null | undefined;
  /** Words that HOST may be a slip of, and what was meant then: commands, where their name was taken for a host's. */
  readonly similar?: ReadonlyMap<string, string> | undefined;
}

/** A host, and what is said of it. */
export interface CalledHost {
  /** As it was written. */
  readonly named: string;
  /** HOST, without a user. */
  readonly called: string;
  readonly given: HostOptions;
}

/** How a connection is shared with other processes of this user. */
export interface ShareOptions {
  /** As ControlMaster of ssh_config(5); `no`: one that is shared already is used. */
  readonly mode: NonNullable<SshSettings['controlMaster']>;
  /** The control socket; null: one in a folder of rexa. */
  readonly path: string | null;
  /** How long a process in the background keeps it when nobody uses it; null: there is none. */
  readonly persistMs: number | null;
  /** No other connection is made where that cannot be used. */
  readonly isRequired?: boolean;
  /** What holds for forwardings that others ask for. Absent: the defaults of ssh_config. */
  readonly forwarding?: ForwardSettings;
}

/** A host, with all that options and configuration come to. */
export interface HostPlan {
  /** For `openHost`. */
  readonly connect: OpenOptions;
  /** What a configuration says of every command there. */
  readonly run: Pick<HostSettings, 'encoding' | 'stdinEncoding' | 'env'> & Pick<OpenHost, 'escape'>;
  /** How its connection is shared; null: it is not. */
  readonly share: ShareOptions | null;
  /** Jump hosts, the nearest first, where no route is given. */
  readonly jumps: readonly CalledHost[];
  /** A program whose stdin and stdout are the connection; null: none. */
  readonly proxyCommand: string | null;
  /** What was probably meant by the name, in a sentence; null: it is no slip of another one. */
  readonly suggestion: string | null;
}

/**
 * Puts together what is known of a host before it is connected to: the command line before the configuration.
 * @param called HOST, without a user
 * @throws RexaError CONFIG_*, AUTH_FILE_*, ADDRESS_INVALID, ADDRESS_UNSUPPORTED, USER_REFUSED, USAGE
 */
export async function planHost(called: string, given: HostOptions, messages: Messages): Promise<HostPlan> {
  const config = await loadConfig(given.config);
  refuseGroup(called, config);
  const settings = resolveHostSettings(config, called, given);
  for (const remark of settings.remarks ?? []) messages.warn(remark);
  const user = given.user ?? settings.user;
  const target = settings.address;
  const common: OpenOptions = {
    target,
    log: (line) => messages.debug(1, line),
    warn: (line) => messages.warn(line),
    handleStatus: createConnectionLine(standardTerminal(2), messages.isQuiet).handleStatus,
    ...withoutUndefined({
      timeout: given.connectTimeoutMs ?? settings.connectTimeoutMs,
      keepalive: given.keepaliveMs,
      reconnectFor: given.reconnectForMs,
      user,
    }),
  };
  const { encoding, stdinEncoding, env, escape: sign } = settings;
  const run = { encoding, stdinEncoding, env, ...(sign === undefined ? {} : { escape: readEscape(sign) }) };
  if (target.kind === 'tls') {
    const suggestion = suggestName(called, config, given.similar);
    return {
      connect: { ...common, ...(await planLogin(given, settings)) },
      run,
      ...planWay(given, settings, user),
      share: given.share === undefined ? planShare(settings, user) : given.share,
      suggestion,
    };
  }
  if ((given.jump ?? []).length > 0 || typeof given.proxyCommand === 'string')
    throw usageError('a jump host or ProxyCommand needs a host over TLS');
  const direct = { jumps: [], proxyCommand: null, share: null };
  if (target.kind === 'exec' && given.user !== undefined)
    throw usageError('an exec: address takes no user: the program determines it');
  if (target.kind === 'ssh' || target.kind === 'exec')
    return { connect: { ...common, mayAsk: given.mayAsk !== false }, run, ...direct, suggestion: null };
  const refusal = refuseUser(given.user ?? null);
  if (refusal !== null) throw refusal;
  return { connect: common, run, ...direct, suggestion: null };
}

/** A configuration has a connection kept in the background for later calls; ssh's files as they say it. */
function planShare(settings: HostSettings, user: string | undefined): ShareOptions | null {
  const { shareMs, sharing } = settings;
  if (shareMs !== undefined) return { mode: 'auto', path: null, persistMs: shareMs };
  const place = findFinalPlace(settings, user);
  return sharing && place ? shareOptionsOf(sharing, sharing.controlPath(place)) : null;
}

/** Returns how a connection is shared by the words of ssh_config(5). */
export function shareOptionsOf(settings: Omit<SshSharing, 'controlPath'>, path: string): ShareOptions {
  const { controlMaster: mode = 'no', controlPersistMs = 0 } = settings;
  const persistMs = controlPersistMs === 0 ? null : controlPersistMs;
  return { mode, path, persistMs, forwarding: forwardSettingsOf(settings) };
}

/** What is given of jump hosts or a program goes before what is configured of both. */
function planWay(
  given: HostOptions,
  settings: HostSettings,
  user: string | undefined,
): Pick<HostPlan, 'jumps' | 'proxyCommand'> {
  const find = (names: readonly string[] = []): readonly CalledHost[] =>
    given.ofJumps ?? names.map((named) => findJumpHost(named, given));
  if (given.jump !== undefined || given.proxyCommand !== undefined)
    return { jumps: find(given.jump), proxyCommand: given.proxyCommand ?? null };
  return { jumps: find(settings.jump), proxyCommand: expandProxyCommand(settings, user) };
}

/** Refuses the name of a group, which would be looked up as that of a host. @throws RexaError USAGE */
function refuseGroup(called: string, config: Config | null): void {
  const groups = config?.groups ?? {};
  if (!Object.hasOwn(groups, called) || listNames(config).includes(called)) return;
  throw usageError(
    `${quoteWord(called)} is a group, and one host is needed: ${groups[called]?.hosts.join(', ')}; ` +
      `only rexa smoke runs on a group (--host ${called})`,
  );
}

/** The names and aliases of the hosts of a configuration. */
function listNames(config: Config | null): readonly string[] {
  return Object.entries(config?.hosts ?? {}).flatMap(([name, { aliases }]) => [name, ...(aliases ?? [])]);
}

/**
 * Returns a sentence about a bare name that the configuration lacks and that is almost one of its own, or another word.
 * It is said before the name is looked up, which may take its time and ends in a message about names.
 */
function suggestName(
  called: string,
  config: Config | null,
  similar: HostOptions['similar'] = new Map(),
): string | null {
  const names = listNames(config);
  if (!/^[\w-]+$/.test(called) || names.includes(called)) return null;
  const meant = new Map([
    ...names.map((name) => [name, `the host ${name}`] as const),
    ['local', 'the host local'],
    ...similar,
  ]);
  const closest = findClosestName(called, meant.keys());
  if (closest === null) return null;
  return `'${called}' was taken as a host name; did you mean ${meant.get(closest)}?`;
}

async function planLogin(given: HostOptions, settings: HostSettings): Promise<Partial<OpenOptions>> {
  const configured = settings.acceptNew === true ? 'accept-new' : settings.unknownHost;
  const unknown = given.unknownHost ?? configured ?? 'ask';
  const questions = given.mayAsk === false ? null : (await import('../ask/questions.ts')).createQuestions();
  return withoutUndefined({
    // A configuration names no stdin
    identities: await readIdentities(
      given.identities ?? settings.identities?.map((word) => (word === ON_STDIN ? `./${word}` : word)),
    ),
    certificates: given.certificates ?? settings.certificates,
    hostKeyAlias: given.hostKeyAlias ?? settings.hostKeyAlias,
    identitiesOnly:
      given.identitiesOnly ?? (given.identities === undefined ? settings.identitiesOnly : undefined),
    agent: given.agent === undefined ? settings.agent : given.agent,
    knownHosts: given.knownHosts === undefined ? settings.knownHosts : given.knownHosts,
    globalKnownHosts: given.globalKnownHosts ?? settings.globalKnownHosts,
    hashKnownHosts: given.hashKnownHosts ?? settings.hashKnownHosts,
    updateHostKeys: readUpdate(given.updateHostKeys ?? settings.updateHostKeys, questions),
    revokedHostKeys: given.revokedHostKeys ?? settings.revokedHostKeys,
    hostKeyAlgorithms: given.hostKeyAlgorithms ?? settings.hostKeyAlgorithms,
    caSignatureAlgorithms: given.caSignatureAlgorithms ?? settings.caSignatureAlgorithms,
    family: given.family ?? settings.family,
    acceptNew: unknown === 'accept-new',
    askHost: unknown === 'ask' ? questions?.askHost : undefined,
    passphrase: questions?.passphrase,
  });
}

/** Without somebody to ask, nothing is learned. */
function readUpdate(
  mode: HostOptions['updateHostKeys'],
  questions: ReturnType<typeof createQuestions> | undefined,
): OpenOptions['updateHostKeys'] {
  return mode === 'ask' ? (questions?.updateHostKeys ?? false) : mode && mode === 'yes';
}
