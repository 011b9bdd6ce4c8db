import { lowerName } from '../../config/ssh/address-of.ts';
import { DEFAULT_PORT } from '../../config/ssh/expand-settings.ts';
import { FORWARD_SETTINGS, printSpec } from '../../config/ssh/forward-spec.ts';
import { printJumpHosts } from '../../config/ssh/jump-host.ts';
import { readUpdateHostKeys } from '../../config/ssh/login-options.ts';
import type { SshSettings } from '../../config/ssh/settings.ts';
import { userName } from '../../places/home-folder.ts';

/** Where no time is given: as long as rexa waits by itself. */
export const DEFAULT_ALIVE_COUNT = 3;

/** What of ssh_config is always so here, in the words of `ssh -G`. */
const FIXED: readonly (readonly [string, string])[] = [
  ['compression', 'no'],
  ['forwardx11', 'no'],
  ['gssapiauthentication', 'no'],
  ['hostbasedauthentication', 'no'],
  ['kbdinteractiveauthentication', 'no'],
  ['passwordauthentication', 'no'],
  ['pubkeyauthentication', 'true'],
  ['tunnel', 'false'],
];

/**
 * Returns what `-G` prints: a keyword in small letters and its value a line, as ssh does. Programs ask for it to find
 * out whether they may call this as they call OpenSSH, and where its keys and known hosts are.
 * @param settings expanded; what the configuration says included
 * @param written as they were given: ssh prints the files of keys so
 */
export async function printSettings(
  host: string,
  settings: SshSettings,
  written: SshSettings,
): Promise<string> {
  const lines = [...(await listSettings(host, settings, written)), ...FIXED];
  return lines.map((line) => `${line.join(' ')}\n`).join('');
}

/**
 * Returns the settings in the words of `ssh -G`, a keyword and its value each, without those that are always the same.
 * @param settings as for `printSettings`
 * @param written as for `printSettings`
 */
export async function listSettings(
  host: string,
  settings: SshSettings,
  written: SshSettings,
): Promise<readonly (readonly [keyword: string, value: string])[]> {
  const lines: readonly Line[] = [
    ...listConnection(host, settings),
    ...listSession(settings),
    ['proxyjump', written.proxyJump?.length ? printJumpHosts(written.proxyJump) : undefined],
    ['localcommand', written.localCommand],
    ...(await listFiles(settings, written)),
  ];
  return lines.flatMap(([keyword, value]) => {
    if (value === undefined || value === null) return [];
    return [[keyword, typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)] as const];
  });
}

type Line = readonly [keyword: string, value: string | number | boolean | null | undefined];

function listConnection(host: string, settings: SshSettings): readonly Line[] {
  const { connectTimeoutMs, serverAliveIntervalMs = 0 } = settings;
  return [
    ['host', host],
    ['user', settings.user ?? userName()],
    ['hostname', lowerName(settings.hostName ?? host)],
    ['port', settings.port ?? DEFAULT_PORT],
    ['addressfamily', settings.addressFamily ?? 'any'],
    ['batchmode', settings.batchMode ?? false],
    ['identitiesonly', settings.identitiesOnly ?? false],
    ['stricthostkeychecking', writeWord(settings.strictHostKeyChecking ?? 'ask')],
    ['connectionattempts', settings.connectionAttempts ?? 1],
    ['serveralivecountmax', settings.serverAliveCountMax ?? DEFAULT_ALIVE_COUNT],
    ['serveraliveinterval', Math.round(serverAliveIntervalMs / 1000)],
    ['connecttimeout', connectTimeoutMs === undefined ? 'none' : Math.ceil(connectTimeoutMs / 1000)],
    ['canonicalizehostname', writeWord(settings.canonicalizeHostname ?? 'no')],
    ['canonicalizefallbacklocal', settings.canonicalizeFallbackLocal ?? true],
    ['canonicalizemaxdots', settings.canonicalizeMaxDots ?? 1],
    ['canonicaldomains', settings.canonicalDomains?.join(' ')],
    ['hashknownhosts', settings.hashKnownHosts ?? false],
    [
      'updatehostkeys',
      writeWord(readUpdateHostKeys(settings) ?? (settings.userKnownHostsFile === undefined ? 'yes' : 'no')),
    ],
    ['verifyhostkeydns', writeWord(settings.verifyHostKeyDns ?? 'no')],
    ['hostkeyalgorithms', settings.hostKeyAlgorithms?.join(',')],
    ['casignaturealgorithms', settings.caSignatureAlgorithms?.join(',')],
    ['hostkeyalias', settings.hostKeyAlias?.toLowerCase()],
    ['tag', settings.tag],
  ];
}

function listSession(settings: SshSettings): readonly Line[] {
  return [
    ['controlmaster', writeWord(settings.controlMaster ?? 'no')],
    ['controlpath', settings.controlPath?.toLowerCase() === 'none' ? undefined : settings.controlPath],
    ['controlpersist', writePersist(settings.controlPersistMs)],
    ['clearallforwardings', settings.clearAllForwardings ?? false],
    ['exitonforwardfailure', settings.exitOnForwardFailure ?? false],
    ['forwardagent', settings.forwardAgentPath ?? settings.forwardAgent ?? false],
    ['gatewayports', settings.gatewayPorts ?? false],
    ...Object.values(FORWARD_SETTINGS).flatMap((name) =>
      (settings[name] ?? []).map((spec) => [name.toLowerCase(), printSpec(spec)] as const),
    ),
    ['permitremoteopen', (settings.permitRemoteOpen ?? ['any']).join(' ')],
    ['streamlocalbindunlink', settings.streamLocalBindUnlink ?? false],
    ['proxycommand', settings.proxyCommand],
    ['permitlocalcommand', settings.permitLocalCommand ?? false],
    ['requesttty', writeWord(settings.requestTty ?? 'auto')],
    ['sessiontype', settings.sessionType ?? 'default'],
    ['stdinnull', settings.stdinNull ?? false],
    ['forkafterauthentication', settings.forkAfterAuthentication ?? false],
    ['loglevel', settings.logLevel ?? 'INFO'],
    ['remotecommand', settings.remoteCommand],
    ['enableescapecommandline', settings.enableEscapeCommandline ?? true],
    ['escapechar', writeEscape(settings.escapeChar)],
    ...(settings.sendEnv ?? []).map((pattern) => ['sendenv', pattern] as const),
    ...(settings.setEnv ?? []).map(([name, text]) => ['setenv', `${name}=${text}`] as const),
  ];
}

async function listFiles(settings: SshSettings, written: SshSettings): Promise<readonly Line[]> {
  const identityFiles = written.identityFile ?? settings.identityFile ?? (await usualIdentityFiles());
  const knownHosts = settings.userKnownHostsFile ?? [await usualKnownHosts()];
  return [
    ['identityagent', settings.identityAgent],
    ...identityFiles.map((file) => ['identityfile', file] as const),
    ...(written.certificateFile ?? []).map((file) => ['certificatefile', file] as const),
    ['globalknownhostsfile', settings.globalKnownHostsFile?.join(' ')],
    ['revokedhostkeys', settings.revokedHostKeys?.filter((file) => file !== 'none').join(' ') || undefined],
    ['userknownhostsfile', knownHosts.join(' ')],
  ];
}

async function usualIdentityFiles(): Promise<readonly string[]> {
  return (await import('../../client/tls/candidates.ts')).usualKeyFiles();
}

async function usualKnownHosts(): Promise<string> {
  return (await import('../../client/tls/host-trust.ts')).defaultKnownHosts();
}

/** ssh says some of its words so, and takes them too. */
function writeWord(word: string): string {
  return word === 'yes' ? 'true' : word === 'no' ? 'false' : word;
}

function writePersist(persistMs = 0): string | number {
  if (persistMs === 0) return 'no';
  return persistMs === Number.POSITIVE_INFINITY ? 'yes' : Math.round(persistMs / 1000);
}

function writeEscape(character: string | null = '~'): string {
  if (character === null) return 'none';
  const code = character.charCodeAt(0);
  // As vis(3) writes it
  if (character === '\\') return '\\\\';
  return code < 0x20 || code === 0x7f ? `\\^${String.fromCharCode(code ^ 0x40)}` : character;
}
