import { userInfo } from 'node:os';
import type { SshSettings } from './settings.ts';

/** Where no port is given. */
const DEFAULT_PORT = 7522;
/** Where no time is given: as long as rexa waits by itself. */
const DEFAULT_ALIVE_COUNT = 3;

/**
 * What `-G` prints: a keyword in small letters and its value a line, as ssh does. Programs ask for it to find out
 * whether they may call this as they call OpenSSH.
 */
export function printSettings(host: string, settings: SshSettings): string {
  const lines: readonly (readonly [string, string | number | boolean | undefined])[] = [
    ['host', host],
    ['user', settings.user ?? userInfo().username],
    ['hostname', settings.hostName ?? host],
    ['port', settings.port ?? DEFAULT_PORT],
    ['addressfamily', settings.addressFamily ?? 'any'],
    ['batchmode', settings.batchMode ?? false],
    ['identitiesonly', settings.identitiesOnly ?? false],
    ['requesttty', writeWord(settings.requestTty ?? 'auto')],
    ['sessiontype', settings.sessionType ?? 'default'],
    ['stdinnull', settings.stdinNull ?? false],
    ['forkafterauthentication', settings.forkAfterAuthentication ?? false],
    ['stricthostkeychecking', writeWord(settings.strictHostKeyChecking ?? 'ask')],
    ['connectionattempts', settings.connectionAttempts ?? 1],
    ['serveralivecountmax', settings.serverAliveCountMax ?? DEFAULT_ALIVE_COUNT],
    ['serveraliveinterval', Math.round((settings.serverAliveIntervalMs ?? 0) / 1000)],
    ['loglevel', settings.logLevel ?? 'INFO'],
    ...(settings.identityFile ?? []).map((file) => ['identityfile', file] as const),
    ['identityagent', settings.identityAgent],
    ['userknownhostsfile', settings.userKnownHostsFile?.join(' ')],
    ...(settings.sendEnv ?? []).map((pattern) => ['sendenv', pattern] as const),
    ...(settings.setEnv ?? []).map(([name, text]) => ['setenv', `${name}=${text}`] as const),
    ['remotecommand', settings.remoteCommand ?? undefined],
    ['connecttimeout', settings.connectTimeoutMs ? Math.ceil(settings.connectTimeoutMs / 1000) : 'none'],
    ['escapechar', writeEscape(settings.escapeChar)],
  ];
  return lines
    .filter(([, value]) => value !== undefined)
    .map(([keyword, value]) => `${keyword} ${typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}\n`)
    .join('');
}

/** ssh says some of its words so, and takes them too. */
function writeWord(word: string): string {
  return word === 'yes' ? 'true' : word === 'no' ? 'false' : word;
}

function writeEscape(character: string | null = '~'): string {
  if (character === null) return 'none';
  const code = character.charCodeAt(0);
  return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : character;
}
