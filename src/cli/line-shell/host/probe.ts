import { BASH, type HostShell, POSIX_SH, ZSH } from './host-shell.ts';

/** What the shell has to know of a host before its first line. */
export interface HostFacts {
  readonly shell: HostShell;
  /** The private folder that the state is kept in; empty: none could be made. */
  readonly folder: string;
  readonly hostName: string;
  readonly home: string;
  readonly isRoot: boolean;
}

/**
 * Makes the private folder and tells the facts, each with a NUL behind it. Folders that a lost client has left are
 * removed a week after their last line.
 */
export const PROBE = `
umask 077
parent=\${TMPDIR:-/tmp}
find "$parent" -maxdepth 1 -type d -name 'rexa-shell.*' -user "$(id -u)" -mtime +7 -exec rm -rf {} + 2>/dev/null
folder=$(mktemp -d "$parent/rexa-shell.XXXXXXXXXX") && : >"$folder/scratch" && : >"$folder/complete" || folder=
printf '%s\\0' "$folder" "\${SHELL:-}" "$(command -v bash)" "$(command -v zsh)" "$(command -v sh)" \\
  "$(uname -n)" "\${HOME:-/}" "$(id -u)"
`;

/** Null when the host said something else. */
export function readHostFacts(told: string): HostFacts | null {
  const [folder, login, bash, zsh, sh, hostName, home, uid, end, ...more] = told.split('\0');
  if (folder === undefined || uid === undefined || end !== '' || more.length > 0) return null;
  const shell = chooseShell({ login: login ?? '', bash: bash ?? '', zsh: zsh ?? '', sh: sh ?? '' });
  return shell && { shell, folder, hostName: hostName ?? '', home: home ?? '/', isRoot: uid === '0' };
}

/** zsh for those who log in with it, else bash, else what every system has. */
function chooseShell(paths: Readonly<Record<'login' | 'bash' | 'zsh' | 'sh', string>>): HostShell | null {
  const isZshUser = paths.login.endsWith('/zsh');
  if (isZshUser && isPath(paths.zsh)) return { path: paths.zsh, kind: ZSH };
  if (isPath(paths.bash)) return { path: paths.bash, kind: BASH };
  if (isPath(paths.zsh)) return { path: paths.zsh, kind: ZSH };
  return isPath(paths.sh) ? { path: paths.sh, kind: POSIX_SH } : null;
}

/** `command -v` may also tell of an alias. */
function isPath(text: string): boolean {
  return text.startsWith('/');
}
