import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { root } from './run-captured.ts';

/** The kinds of tests whose programs are to find an empty home folder. */
const KINDS: readonly string[] = ['integration', 'soak'];

/** Where mounts are not allowed, as in many containers, the tests go on with the home that is there. */
const SCRIPT = 'mount --bind "$1" "$2" 2>/dev/null; shift 2; exec "$@"';

/**
 * Returns the command that runs tests with an empty folder as our account's home, if that can be had: rc files of shells and
 * settings of a developer are no part of a test, and some take a second for each shell. The password file names the
 * home, not $HOME, so a mount of root's is what it takes.
 * @param folder a temporary folder of the tests
 */
export function withEmptyHome(kind: string, command: readonly string[], folder: string): readonly string[] {
  const home = userInfo().homedir;
  const holdsUs = [root, process.execPath].some((path) => path.startsWith(`${home}/`));
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !KINDS.includes(kind) || holdsUs)
    return command;
  const empty = join(folder, 'home');
  mkdirSync(empty, { mode: 0o700 });
  return ['unshare', '--mount', 'sh', '-c', SCRIPT, 'sh', empty, home, ...command];
}
