import { type ReadPaths, readPaths } from './read-paths.ts';
import type { LogLevel, SshSettings } from './settings.ts';

/** What settings of ssh say of a login, in the words of rexa; what they do not say is undefined. */
export interface LoginOptions extends ReadPaths {
  readonly user: string | undefined;
  readonly hostKeyAlias: string | undefined;
  readonly hashKnownHosts: boolean | undefined;
  readonly hostKeyAlgorithms: readonly string[] | undefined;
  readonly caSignatureAlgorithms: readonly string[] | undefined;
  readonly updateHostKeys: 'yes' | 'no' | 'ask' | undefined;
  /** Whether only these keys are offered. */
  readonly identitiesOnly: boolean | undefined;
  readonly family: 4 | 6 | undefined;
  /** What is done about a host that is not known. */
  readonly unknownHost: 'ask' | 'accept-new' | 'refuse' | undefined;
}

const UNKNOWN_HOSTS = {
  yes: 'refuse',
  // It is what is done anyway, where a configuration does not say otherwise
  ask: 'ask',
  'accept-new': 'accept-new',
  // A changed key is always an error, so trusting unknown keys is all that remains of `no`
  no: 'accept-new',
} as const;
const FAMILIES = { any: undefined, inet: 4, inet6: 6 } as const;

/** Translates expanded settings. @param own our environment */
export function loginOptionsOf(settings: SshSettings, own: NodeJS.ProcessEnv = process.env): LoginOptions {
  const { strictHostKeyChecking: strict } = settings;
  const paths = readPaths(settings, own);
  return {
    ...paths,
    user: settings.user,
    hostKeyAlias: settings.hostKeyAlias,
    hashKnownHosts: settings.hashKnownHosts,
    hostKeyAlgorithms: settings.hostKeyAlgorithms,
    caSignatureAlgorithms: settings.caSignatureAlgorithms,
    updateHostKeys: readUpdateHostKeys(settings),
    // As in ssh, the agent's other keys are offered beside files that are named here, unless that is forbidden
    identitiesOnly: settings.identitiesOnly ?? (paths.identities === undefined ? undefined : false),
    family: FAMILIES[settings.addressFamily ?? 'any'],
    unknownHost: strict === undefined ? undefined : UNKNOWN_HOSTS[strict],
  };
}

const BELOW_INFO: ReadonlySet<LogLevel> = new Set(['QUIET', 'FATAL', 'ERROR']);

/** Returns whether further keys of a host are learned; undefined: as usual, where nobody has chosen a file of known hosts. */
export function readUpdateHostKeys({
  updateHostKeys,
  verifyHostKeyDns = 'no',
  controlPath = 'none',
  controlPersistMs = 0,
  remoteCommand = null,
  requestTty = 'auto',
  sessionType = 'default',
  logLevel = 'INFO',
  stdioForward,
}: SshSettings): LoginOptions['updateHostKeys'] {
  // As in ssh, nobody is asked in the background, before such a command, or where no terminal or no message is wanted
  const mayAsk =
    (controlPath === 'none' || controlPersistMs === 0) &&
    remoteCommand === null &&
    requestTty !== 'no' &&
    sessionType !== 'subsystem' &&
    stdioForward === undefined &&
    !BELOW_INFO.has(logLevel);
  if (updateHostKeys === 'ask' && !mayAsk) return 'no';
  // As in ssh, not by default where DNS may know keys that a host has no more
  return updateHostKeys ?? (verifyHostKeyDns === 'no' ? undefined : 'no');
}
