import type { SocketPlace } from '../../protocol/socket-place.ts';
import type { ForwardSpec } from './forward-spec.ts';

/** How much is told: ssh's levels. */
export type LogLevel =
  | 'QUIET'
  | 'FATAL'
  | 'ERROR'
  | 'INFO'
  | 'VERBOSE'
  | 'DEBUG'
  | 'DEBUG1'
  | 'DEBUG2'
  | 'DEBUG3';

/**
 * What the words of ssh come to, as far as rexa honours them: by the names of ssh_config(5). What was not given is
 * absent, so that a configuration can say it.
 */
export interface SshSettings {
  readonly user?: string;
  /** Where to connect to, in place of HOST. */
  readonly hostName?: string;
  readonly port?: number;
  readonly addressFamily?: 'any' | 'inet' | 'inet6';
  readonly connectTimeoutMs?: number;
  /** At least 1. */
  readonly connectionAttempts?: number;
  /** Files of private keys, in their order; `none` stands for none at all. */
  readonly identityFile?: readonly string[];
  /** Files of certificates for those keys. */
  readonly certificateFile?: readonly string[];
  /** Only these keys are offered, also of an agent's. */
  readonly identitiesOnly?: boolean;
  /** A socket; `none`; `SSH_AUTH_SOCK`, or `$NAME`, for the variable of that name. */
  readonly identityAgent?: string;
  /** Whether the command may use an agent of this machine: that of `forwardAgentPath`, else that of the login. */
  readonly forwardAgent?: boolean;
  /** A socket, or `$NAME` for the variable of that name. */
  readonly forwardAgentPath?: string;
  /** `no` differs from `accept-new` in what `-G` prints only: a changed key is always refused. */
  readonly strictHostKeyChecking?: 'yes' | 'ask' | 'accept-new' | 'no';
  /** Files; `none` stands for none at all. */
  readonly userKnownHostsFile?: readonly string[];
  /** Files that never learn; `none` stands for none at all. */
  readonly globalKnownHostsFile?: readonly string[];
  /** Whether lines that are learned do not show the name of the host. */
  readonly hashKnownHosts?: boolean;
  /** Whether further keys of a host are learned. */
  readonly updateHostKeys?: 'yes' | 'no' | 'ask';
  /** Algorithms that rexa accepts of these. */
  readonly hostKeyAlgorithms?: readonly string[];
  readonly caSignatureAlgorithms?: readonly string[];
  /** Recorded for the default of `updateHostKeys`. */
  readonly verifyHostKeyDns?: 'yes' | 'no' | 'ask';
  /** Files of revoked keys; `none` stands for none at all. */
  readonly revokedHostKeys?: readonly string[];
  /** The name under which the host's key is known, in place of HOST. */
  readonly hostKeyAlias?: string;
  /** Nobody is there who could answer a question. */
  readonly batchMode?: boolean;
  /** 0: never. */
  readonly serverAliveIntervalMs?: number;
  readonly serverAliveCountMax?: number;
  /** Names of variables, with `*` and `?`; one that begins with `-` takes back those before it. */
  readonly sendEnv?: readonly string[];
  readonly setEnv?: readonly (readonly [name: string, value: string])[];
  readonly requestTty?: 'auto' | 'no' | 'yes' | 'force';
  /** One character, or null for none. */
  readonly escapeChar?: string | null;
  /** False: `~C` opens no command line. */
  readonly enableEscapeCommandline?: boolean;
  readonly logLevel?: LogLevel;
  readonly sessionType?: 'default' | 'none' | 'subsystem';
  /** Null: none. */
  readonly remoteCommand?: string | null;
  /** A line for our own shell, run once logged in; null: none. */
  readonly localCommand?: string | null;
  readonly permitLocalCommand?: boolean;
  readonly controlMaster?: 'yes' | 'ask' | 'auto' | 'autoask' | 'no';
  readonly controlPath?: string;
  /** Infinity: for ever; 0: not at all. */
  readonly controlPersistMs?: number;
  /** Whether there are no forwardings, whatever else says. */
  readonly clearAllForwardings?: boolean;
  readonly localForward?: readonly ForwardSpec[];
  readonly remoteForward?: readonly ForwardSpec[];
  readonly dynamicForward?: readonly ForwardSpec[];
  /** The one forwarding of -W. */
  readonly stdioForward?: SocketPlace;
  /** Jump hosts, the nearest first; empty: none. */
  readonly proxyJump?: readonly string[];
  /** Null: none. */
  readonly proxyCommand?: string | null;
  readonly gatewayPorts?: boolean;
  /** Where SOCKS clients on the host may be connected with, as written: `any`, `none`, or `HOST:PORT`. */
  readonly permitRemoteOpen?: readonly string[];
  /** Whether a Unix socket that is in the way of a forwarding is removed. */
  readonly streamLocalBindUnlink?: boolean;
  readonly exitOnForwardFailure?: boolean;
  readonly stdinNull?: boolean;
  readonly forkAfterAuthentication?: boolean;
  /** `yes`: of a host that is reached directly; `always`: also of one behind a jump host or program. */
  readonly canonicalizeHostname?: 'yes' | 'always' | 'no';
  /** `none` ends the list. */
  readonly canonicalDomains?: readonly string[];
  readonly canonicalizeMaxDots?: number;
  /** Whether a name without an address under any domain is looked up as it is. */
  readonly canonicalizeFallbackLocal?: boolean;
  /** For `Match tagged`. */
  readonly tag?: string;
}

/** The words of ssh, while they are put together. */
export interface Draft {
  readonly settings: { -readonly [Name in keyof SshSettings]: SshSettings[Name] };
  /** The message of `RefuseConnection`. */
  refusal: string | undefined;
  /** Patterns of keywords that may be unknown, comma-separated. */
  ignoreUnknown: string | undefined;
  /** What rexa has to say of keywords that change nothing; null: nothing. The first that was given counts. */
  readonly remarks: Map<string, string | null>;
  /** Lines for `-v`. */
  readonly traces: string[];
  /** Whether the user is taken as it is written: it was given with `-l` or in HOST. */
  isUserLiteral: boolean;
  /** How often `-v` was given. */
  verbosity: number;
  /** Where each setting was made; of a list, where each of its values was. */
  readonly origins: Map<keyof SshSettings, readonly Origin[]>;
  /** Whether the name of the host is final, with its tokens expanded, for the second reading of the files. */
  hasFinalName: boolean;
  /** Whether `HostName` had been given before that. */
  isNamed: boolean;
}

/** Returns what is to be said of a draft's keywords. */
export function listRemarks({ remarks }: Pick<Draft, 'remarks'>): readonly string[] {
  return [...remarks.values()].filter((text) => text !== null);
}

/** Where a setting was made. */
export interface Origin {
  /** `command line`, or `FILE line N`. */
  readonly place: string;
  /** Whether that is a file that ssh reads by default. */
  readonly isDefault: boolean;
}

/** Applies something to a draft, and records it as the origin of the settings that it changes. */
export function recordOrigins(draft: Draft, origin: Origin, apply: () => void): void {
  const before = { ...draft.settings };
  apply();
  for (const name of Object.keys(draft.settings) as (keyof SshSettings)[]) {
    const [value, old] = [draft.settings[name], before[name]];
    if (value === old) continue;
    const known: readonly unknown[] = Array.isArray(old) ? old : [];
    const places = draft.origins.get(name) ?? [];
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    draft.origins.set(
      name,
      values.map((each) => places[known.indexOf(each)] ?? origin),
    );
  }
}

export function createDraft(): Draft {
  return {
    settings: {},
    refusal: undefined,
    ignoreUnknown: undefined,
    remarks: new Map(),
    traces: [],
    isUserLiteral: false,
    verbosity: 0,
    origins: new Map(),
    hasFinalName: false,
    isNamed: false,
  };
}
