import type { SshSettings } from './settings.ts';

/** Files that hold nothing and keep nothing. */
const NOWHERE: readonly string[] = ['none', '/dev/null'];

/** The paths that the words of ssh name, read. */
export interface ReadPaths {
  readonly identities: readonly string[] | undefined;
  readonly certificates: readonly string[] | undefined;
  /** Null: none. */
  readonly agent: string | null | undefined;
  /** Null: nothing is known, nothing is remembered. */
  readonly knownHosts: readonly string[] | null | undefined;
  readonly globalKnownHosts: readonly string[] | undefined;
  readonly revokedHostKeys: readonly string[] | undefined;
}

/** Reads the paths of expanded settings. */
export function readPaths(settings: SshSettings, own: NodeJS.ProcessEnv = process.env): ReadPaths {
  const isNamed = (file: string): boolean => file.toLowerCase() !== 'none';
  return {
    // A file of that name, as for ssh
    identities: settings.identityFile?.filter(isNamed).map((file) => (file === '-' ? './-' : file)),
    certificates: settings.certificateFile?.filter(isNamed),
    agent: readAgent(settings.identityAgent, own),
    knownHosts: readKnownHosts(settings.userKnownHostsFile),
    globalKnownHosts: readKnownHosts(settings.globalKnownHostsFile) ?? undefined,
    revokedHostKeys: settings.revokedHostKeys?.filter(isNamed),
  };
}

/** Returns the agent that the command may use: a socket, or true for that of the login; undefined: none. */
export function readForwardedAgent(
  { forwardAgent, forwardAgentPath, identityAgent }: SshSettings,
  own: NodeJS.ProcessEnv = process.env,
): string | true | undefined {
  if (forwardAgent !== true) return undefined;
  const agent = readAgent(forwardAgentPath ?? identityAgent, own);
  return agent === undefined ? true : (agent ?? undefined);
}

function readKnownHosts(files: readonly string[] | undefined): readonly string[] | null | undefined {
  const kept = files?.filter((file) => !NOWHERE.includes(file.toLowerCase()));
  return kept?.length === 0 ? null : kept;
}

function readAgent(text: string | undefined, own: NodeJS.ProcessEnv): string | null | undefined {
  if (text === undefined || text === 'SSH_AUTH_SOCK') return undefined;
  if (text.toLowerCase() === 'none') return null;
  if (/^\$[A-Za-z_]/.test(text)) return own[text.slice(1)] ?? null;
  return text;
}
