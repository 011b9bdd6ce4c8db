import { userInfo } from 'node:os';
import { expandPath, makeTokens, type Tokens } from './expand-path.ts';
import type { SshSettings } from './settings.ts';

/** Where no port is given. */
const DEFAULT_PORT = 7522;
/** Files that hold nothing and keep nothing. */
const NOWHERE: readonly string[] = ['none', '/dev/null'];

/** The paths that the words of ssh name, read. */
export interface ReadPaths {
  readonly identities: readonly string[] | undefined;
  /** Null: none. */
  readonly agent: string | null | undefined;
  /** Null: nothing is known, nothing is remembered. */
  readonly knownHosts: readonly string[] | null | undefined;
}

/** @throws RexaError USAGE */
export function readPaths(
  host: string,
  settings: SshSettings,
  own: NodeJS.ProcessEnv = process.env,
): ReadPaths {
  const { hostName = host, port = DEFAULT_PORT, user = userInfo().username } = settings;
  const tokens = makeTokens({ host, hostName, port, user });
  const expand = (text: string): string => expandPath(text, tokens, own);
  return {
    identities: settings.identityFile?.filter((file) => file.toLowerCase() !== 'none').map(expand),
    agent: readAgent(settings.identityAgent, tokens, own),
    knownHosts: readKnownHosts(settings.userKnownHostsFile, expand),
  };
}

function readKnownHosts(
  files: readonly string[] | undefined,
  expand: (text: string) => string,
): readonly string[] | null | undefined {
  const kept = files?.filter((file) => !NOWHERE.includes(file.toLowerCase())).map(expand);
  return kept?.length === 0 ? null : kept;
}

function readAgent(
  text: string | undefined,
  tokens: Tokens,
  own: NodeJS.ProcessEnv,
): string | null | undefined {
  if (text === undefined || text === 'SSH_AUTH_SOCK') return undefined;
  if (text.toLowerCase() === 'none') return null;
  if (/^\$[A-Za-z_]/.test(text)) return own[text.slice(1)] ?? null;
  return expandPath(text, tokens, own);
}
