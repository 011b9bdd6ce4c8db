import { constants } from 'node:os';
import { systemCallError } from './errno.ts';
import { openFallbackCalls } from './fallback.ts';
import type { Koffi } from './koffi-types.ts';
import { openPosixSpawn } from './posix-spawn.ts';
import type { SystemCalls } from './system-calls.ts';
import { openTerminalCalls } from './terminal-calls.ts';
import { openWaitCalls } from './wait-calls.ts';

const LOCK_EX_NB = 2 | 4;

/**
 * macOS: peers, locks and terminals are native. Pipes are Node's: there /dev/stderr can be reopened over a socketpair, and
 * there is no pipe2. There are no subreapers. @throws Error when the C library lacks one of the calls
 */
export function openDarwinCalls(koffi: Koffi): SystemCalls {
  const libc = koffi.load(null);
  const flock = libc.func('int flock(int fd, int operation)') as (fd: number, operation: number) => number;
  const getpeereid = libc.func('int getpeereid(int fd, uint32_t *uid, uint32_t *gid)') as (
    fd: number,
    uid: Uint32Array,
    gid: Uint32Array,
  ) => number;
  return {
    ...openFallbackCalls('macOS'),
    name: 'darwin',
    limitations: [
      'commands: on pipes they are spawned by Node, which cannot give a program words that are not UTF-8',
      'descriptors: what this daemon inherited from its starter is handed on to commands',
      'orphans: macOS has no subreapers; a process that left its group is not found',
    ],
    peerCredentials(fd) {
      const [uid, gid] = [new Uint32Array(1), new Uint32Array(1)];
      return getpeereid(fd, uid, gid) === 0 ? { pid: null, uid: uid[0] ?? 0 } : null;
    },
    lockFile(fd) {
      if (flock(fd, LOCK_EX_NB) === 0) return 'locked';
      if (koffi.errno() === constants.errno.EWOULDBLOCK) return 'busy';
      throw systemCallError('flock', koffi.errno());
    },
    ...openWaitCalls(koffi, { WNOWAIT: 0x20, si_code: 2, si_pid: 3, si_status: 5 }),
    posixSpawn: openPosixSpawn(koffi, { POSIX_SPAWN_SETSID: 0x400, POSIX_SPAWN_CLOEXEC_DEFAULT: 0x4000 }),
    terminals: openTerminalCalls(koffi, {
      O_CLOEXEC: 0x1000000,
      TIOCSWINSZ: 0x80087467,
      FIONREAD: 0x4004667f,
      TCOOFF: 1,
      TCOON: 2,
    }),
  };
}
