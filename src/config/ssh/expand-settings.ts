import { lowerName } from './address-of.ts';
import {
  expandCommand,
  expandHostName,
  expandKnown,
  expandPath,
  expandText,
  makeTokens,
  type Tokens,
} from './expand-path.ts';
import { FORWARD_SETTINGS, type ForwardSpec } from './forward-spec.ts';
import type { Draft, SshSettings } from './settings.ts';

/** Where no port is given. */
export const DEFAULT_PORT = 7522;

/** The settings of which ssh_config(5) says, under TOKENS, that `%` and a letter stands for something in them. */
const EXPANDED = [
  'controlPath',
  'identityAgent',
  'forwardAgentPath',
  'identityFile',
  'certificateFile',
  'localCommand',
  'remoteCommand',
  'proxyCommand',
  'proxyJump',
  'userKnownHostsFile',
  'globalKnownHostsFile',
  'revokedHostKeys',
  'setEnv',
] as const satisfies readonly (keyof SshSettings)[];

/** The settings with Unix sockets in which tokens and variables are expanded, but no `~`. */
const FORWARDS = Object.values(FORWARD_SETTINGS);

/** Whether any setting holds a token, whose value a configuration may decide. */
export function hasTokens(settings: SshSettings): boolean {
  return (
    EXPANDED.some((name) => [settings[name] ?? ''].flat(2).some((text) => text.includes('%'))) ||
    FORWARDS.some((name) => settings[name]?.some((spec) => pathsOf(spec).some((path) => path.includes('%'))))
  );
}

/**
 * Returns the settings with their tokens, `~/` and `${NAME}` replaced (TOKENS and ENVIRONMENT VARIABLES in
 * ssh_config(5)).
 * @param place what a configuration says of user, name and port, where the words say nothing
 * @throws RexaError USAGE for a token that stands for nothing
 */
export function expandSettings(
  host: string,
  settings: SshSettings,
  place: Pick<SshSettings, 'hostName' | 'port' | 'user'> = {},
  own: NodeJS.ProcessEnv = process.env,
): SshSettings {
  if (!hasPaths(settings)) return settings;
  const tokens = tokensOf(host, { ...place, ...settings });
  const path = (text: string): string => expandPath(text, tokens, own);
  const {
    controlPath,
    identityAgent,
    forwardAgentPath,
    identityFile,
    certificateFile,
    userKnownHostsFile,
    globalKnownHostsFile,
    revokedHostKeys,
  } = settings;
  return {
    ...settings,
    ...(controlPath === undefined ? {} : { controlPath: path(controlPath) }),
    ...(identityAgent === undefined ? {} : { identityAgent: path(identityAgent) }),
    ...(forwardAgentPath === undefined ? {} : { forwardAgentPath: path(forwardAgentPath) }),
    ...(identityFile === undefined ? {} : { identityFile: identityFile.map(path) }),
    ...(certificateFile === undefined ? {} : { certificateFile: certificateFile.map(path) }),
    ...(userKnownHostsFile === undefined ? {} : { userKnownHostsFile: userKnownHostsFile.map(path) }),
    ...(globalKnownHostsFile === undefined ? {} : { globalKnownHostsFile: globalKnownHostsFile.map(path) }),
    ...(revokedHostKeys === undefined ? {} : { revokedHostKeys: revokedHostKeys.map(path) }),
    ...expandVariables(settings, tokens, own),
    ...expandCommands(settings, tokens),
    ...expandJumps(settings, tokens),
    ...expandForwards(settings, (text) => expandText(text, tokens, own)),
  };
}

function hasPaths(settings: SshSettings): boolean {
  return [...EXPANDED, ...FORWARDS].some((name) => settings[name] !== undefined && settings[name] !== null);
}

function pathsOf({ from, to }: ForwardSpec): readonly string[] {
  return [from, to].flatMap((place) => (place !== null && 'path' in place ? [place.path] : []));
}

function expandForwards(settings: SshSettings, expand: (text: string) => string): Partial<SshSettings> {
  const place = <Place extends object>(each: Place): Place =>
    'path' in each ? { ...each, path: expand(String(each.path)) } : each;
  const given = FORWARDS.flatMap((name) => {
    const specs = settings[name]?.map(({ letter, from, to }) => ({
      letter,
      from: place(from),
      to: to && place(to),
    }));
    return specs === undefined ? [] : [[name, specs] as const];
  });
  return Object.fromEntries(given);
}

/** Values of SetEnv: later versions of OpenSSH expand them, and before those a `%` was itself. */
function expandVariables(
  { setEnv }: SshSettings,
  tokens: Tokens,
  own: NodeJS.ProcessEnv,
): Pick<SshSettings, 'setEnv'> {
  if (setEnv === undefined) return {};
  return { setEnv: setEnv.map(([name, value]) => [name, expandKnown(value, tokens, own)] as const) };
}

/** Commands are the shell's: `~` and `${NAME}` in them are left to it. */
function expandCommands(
  { localCommand, remoteCommand, proxyCommand }: SshSettings,
  tokens: Tokens,
): Pick<SshSettings, 'localCommand' | 'remoteCommand' | 'proxyCommand'> {
  return {
    ...(proxyCommand === undefined
      ? {}
      : { proxyCommand: proxyCommand && expandCommand(proxyCommand, tokens) }),
    ...(localCommand === undefined
      ? {}
      : { localCommand: localCommand && expandCommand(localCommand, { ...tokens, T: 'NONE' }) }),
    ...(remoteCommand === undefined
      ? {}
      : { remoteCommand: remoteCommand && expandCommand(remoteCommand, tokens) }),
  };
}

/** As in ssh, where a jump host is part of a command. */
function expandJumps({ proxyJump }: SshSettings, tokens: Tokens): Pick<SshSettings, 'proxyJump'> {
  return proxyJump === undefined ? {} : { proxyJump: proxyJump.map((jump) => expandCommand(jump, tokens)) };
}

function tokensOf(
  host: string,
  { hostName = host, port = DEFAULT_PORT, user, hostKeyAlias = host, proxyJump }: SshSettings,
): Tokens {
  return makeTokens({ host, hostName: lowerName(hostName), port, user, hostKeyAlias, proxyJump });
}

/**
 * Settles the names that other settings are expanded with: expands `HostName`, unless that was done before the second
 * reading of the files, and `User`, unless it was given with `-l` or in HOST.
 * @throws RexaError USAGE
 */
export function settleNames(draft: Draft, host: string): void {
  const { settings } = draft;
  if (draft.hasFinalName && !draft.isNamed) delete settings.hostName;
  else if (settings.hostName !== undefined && !draft.hasFinalName)
    settings.hostName = lowerName(expandHostName(host, settings.hostName));
  if (settings.user === undefined || draft.isUserLiteral) return;
  // The user cannot be part of itself
  const { r: _r, C: _C, ...tokens } = tokensOf(host, settings);
  settings.user = expandKnown(settings.user, tokens);
}
