import { userInfo } from 'node:os';
import { recoverEnvironment } from '../../command-line/own-bytes.ts';
import { writeByteText } from '../../protocol/byte-text.ts';
import { RexaError } from '../../protocol/errors.ts';
import { readWord, type WireWord, type Word } from '../../protocol/word.ts';

type Environment = Readonly<Record<string, Word>>;

/** Where commands are looked for when the daemon itself has no PATH. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';
const IS_WINDOWS = process.platform === 'win32';

/**
 * What commands get of the daemon's own environment: where things are, and in which language they speak. In this
 * file's tables a name that ends in `*` means every name that begins so.
 */
const KEPT: readonly string[] = (
  IS_WINDOWS
    ? 'PATH PATHEXT ComSpec SystemRoot SystemDrive windir OS TEMP TMP ProgramData ProgramFiles* ProgramW6432 ' +
      'CommonProgramFiles* ALLUSERSPROFILE PUBLIC NUMBER_OF_PROCESSORS PROCESSOR_* COMPUTERNAME USERDOMAIN* ' +
      'USERNAME USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA LANG LC_* TZ'
    : 'PATH LANG LANGUAGE LC_* LOCPATH TZ TMPDIR XDG_RUNTIME_DIR'
).split(' ');

/**
 * What a client may not set, and why. The line: a variable by which other code gets into programs that were not asked
 * for it is refused; what only says where a program finds what it asks for (PATH, PYTHONPATH, NODE_PATH, PERL5LIB,
 * RUBYLIB, CLASSPATH, GIT_EXEC_PATH) is a parameter like others, which people do set, and is taken. sudo refuses those
 * too (its `env_delete`), since there the caller gains rights; here the same user could run anything anyway.
 */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['LD_*', 'the dynamic loader obeys it in every program'],
  ['DYLD_*', 'the dynamic loader obeys it in every program'],
  ['_RLD*', 'the dynamic loader obeys it in every program'],
  ['GLIBC_TUNABLES', 'the C library obeys it in every program'],
  ['GCONV_PATH', 'the C library loads code from there when it converts characters'],
  ['BASH_ENV', 'bash runs that file before every script'],
  ['ENV', 'sh runs that file first'],
  ['ZDOTDIR', 'zsh runs the files of that folder first'],
  ['BASH_FUNC_*', 'bash makes functions of it, which take the place of commands'],
  ['__BASH_FUNC<*', 'bash makes functions of it, which take the place of commands'],
  ['SHELLOPTS', 'bash takes options from it'],
  ['BASHOPTS', 'bash takes options from it'],
  ['PS4', 'shells run the commands in it when they trace'],
  ['IFS', 'shells split words by it'],
  ['NODE_OPTIONS', 'node takes options from it, which can load any file'],
  ['PERL5OPT', 'perl takes options from it, which can load any module'],
  ['PERL5DB', 'perl runs what is in it'],
  ['RUBYOPT', 'ruby takes options from it, which can load any library'],
  ['PYTHONSTARTUP', 'python runs that file first'],
  ['JAVA_TOOL_OPTIONS', 'java takes options from it, which can load any agent'],
  ['_JAVA_OPTIONS', 'java takes options from it, which can load any agent'],
  ['JDK_JAVA_OPTIONS', 'java takes options from it, which can load any agent'],
  ['DOTNET_STARTUP_HOOKS', 'dotnet loads what is in it first'],
]);
/** What only the host says of itself. */
const NEVER_THE_CLIENTS: ReadonlyMap<string, string> = new Map([
  ['SSH_*', 'only the host itself sets it'],
  ['REXA_*', 'only the host itself sets it'],
]);

const LOCALE_VARIABLES: readonly string[] = ['LANG', 'LC_*', 'TERM'];

/**
 * The clean environment that every command starts with: who the user is as the password file has it, what KEPT names of
 * the daemon's own environment, and nothing else of it. What is not ASCII is bytes: the host's own words are in whatever
 * charset they are in.
 */
export function baseEnvironment(own?: NodeJS.ProcessEnv): Record<string, Word> {
  const kept = own === undefined ? keepOfDaemon() : keep(own);
  return IS_WINDOWS ? { ...kept } : { PATH: DEFAULT_PATH, ...describeUser(own ?? process.env), ...kept };
}

let keptOfDaemon: Environment | undefined;

/** A daemon's own environment stays as it was at its start, and each variable that is read of it costs a call. */
function keepOfDaemon(): Environment {
  keptOfDaemon ??= keep(process.env);
  return keptOfDaemon;
}

function keep(own: NodeJS.ProcessEnv): Environment {
  const kept = Object.entries(recoverEnvironment(own).variables).filter(([name]) =>
    KEPT.some((pattern) => matches(name, pattern)),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, readHostWord(writeByteText(value))]));
}

/** A word of the host itself, whatever its charset: it is not encoded for a command. */
export function readHostWord(bytes: Uint8Array): Word {
  return bytes.every((byte) => byte < 0x80) ? Buffer.from(bytes).toString('latin1') : bytes;
}

/**
 * A base environment with what the client asks for.
 * @throws RexaError ENVIRONMENT_REFUSED for a name that is none, a value that can't be given, and what no client may set
 */
export function mergeEnvironment(
  base: Environment,
  requested: Readonly<Record<string, WireWord>>,
): Record<string, Word> {
  const merged = new Map(Object.entries(base));
  for (const [name, wire] of Object.entries(requested)) {
    const value = readWord(wire);
    const reason = refuseVariable(name, value);
    if (reason !== null) throw new RexaError('ENVIRONMENT_REFUSED', [name, reason]);
    for (const other of IS_WINDOWS ? merged.keys() : []) {
      if (matches(other, name)) merged.delete(other);
    }
    merged.set(name, value);
  }
  // Not assigned one by one: `__proto__` is a name like others
  return Object.fromEntries(merged);
}

/** The user's shell, which runs command lines: of the password file, /bin/sh without one; on Windows ComSpec. */
export function loginShell(user = lookUpUser()): string {
  if (IS_WINDOWS) return process.env['ComSpec'] ?? 'cmd.exe';
  return user?.shell || '/bin/sh';
}

/** The user that commands run as: the number where the password file has no name for it. */
export function accountName(user = lookUpUser()): string {
  return user?.username ?? String(process.getuid?.());
}

function describeUser(own: NodeJS.ProcessEnv): Record<string, Word> {
  const user = lookUpUser();
  const name = accountName(user);
  return { HOME: user?.home ?? own['HOME'] ?? '/', USER: name, LOGNAME: name, SHELL: loginShell(user) };
}

/** What is used of an entry of the password file. The home folder is in whatever charset it is in. */
interface UserEntry {
  readonly username: string;
  readonly shell: string | null;
  readonly home: Word;
}

/** An entry that is changed is seen after so long: a look reads files, and every run takes two. */
const USER_KEPT_MS = 1000;
let lastUser: { readonly entry: UserEntry | null; readonly untilMs: number } | null = null;

/** Null where the uid has no entry in the password file, as in containers. */
function lookUpUser(): UserEntry | null {
  const nowMs = performance.now();
  if (lastUser === null || lastUser.untilMs < nowMs) {
    lastUser = { entry: readUser(), untilMs: nowMs + USER_KEPT_MS };
  }
  return lastUser.entry;
}

function readUser(): UserEntry | null {
  try {
    const { username, shell } = userInfo();
    return { username, shell, home: readHostWord(userInfo({ encoding: 'buffer' }).homedir) };
  } catch {
    return null;
  }
}

/** Why a client may not set a variable to this; null when it may. */
export function refuseVariable(name: string, value: Word): string | null {
  if (name === '') return 'a variable needs a name';
  if (/[=\0]/.test(name)) return 'a name holds no = and no NUL character';
  if (typeof value === 'string' ? value.includes('\0') : value.includes(0))
    return 'its value holds a NUL character';
  for (const [pattern, reason] of NEVER_THE_CLIENTS) if (matches(name, pattern)) return reason;
  for (const [pattern, reason] of REFUSED) {
    if (matches(name, pattern))
      return `${reason}; if that is meant, set it in the command: env ${name}=... PROGRAM`;
  }
  return null;
}

/** What says nothing but how its user reads: keys that may do little may set that. */
export function isLocaleVariable(name: string): boolean {
  return LOCALE_VARIABLES.some((pattern) => matches(name, pattern));
}

/** Windows takes no notice of case in the names of variables. */
function matches(name: string, pattern: string): boolean {
  const [a, b] = IS_WINDOWS ? [name.toUpperCase(), pattern.toUpperCase()] : [name, pattern];
  return b.endsWith('*') ? a.startsWith(b.slice(0, -1)) : a === b;
}
