import { constants } from 'node:os';
import { systemCallError } from './errno.ts';
import type { Koffi } from './koffi-types.ts';
import { openPosixSpawn } from './posix-spawn.ts';
import type { PeerCredentials, PipePair, SystemCalls } from './system-calls.ts';
import { openTerminalCalls } from './terminal-calls.ts';
import { openWaitCalls } from './wait-calls.ts';

// The numbers of fcntl.h, socket.h, prctl.h, wait.h, pidfd.h, ioctls.h and termios.h, which are part of the kernel's interface
const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const PR_SET_CHILD_SUBREAPER = 36;
const FIONREAD = 0x541b;
const LOCK_EX_NB = 2 | 4;
const SYS_CLOSE_RANGE = 436;
const CLOSE_RANGE_CLOEXEC = 4;
const LAST_DESCRIPTOR = 0x7fffffff;
/** Where these are in a siginfo_t, in ints: behind three others, and padding where pointers have 8 bytes. */
const SI_PID = process.arch === 'arm' || process.arch === 'ia32' ? 3 : 4;
const SIGINFO = { si_code: 2, si_pid: SI_PID, si_status: SI_PID + 2 };

/** The calls through koffi. @throws Error when the C library lacks one of them */
export function openLinuxCalls(koffi: Koffi): SystemCalls {
  // The program itself: its C library is loaded already, under whatever name it has here
  const libc = koffi.load(null);
  const pipe2 = libc.func('int pipe2(int32_t *fds, int flags)') as (fds: Int32Array, flags: number) => number;
  const socketpair = libc.func('int socketpair(int, int, int, int32_t *fds)') as (
    ...words: [domain: number, type: number, protocol: number, fds: Int32Array]
  ) => number;
  const fcntl = libc.func('int fcntl(int fd, int command, int argument)') as IntCall;
  const flock = libc.func('int flock(int fd, int operation)') as IntCall;
  const prctl = libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)') as IntCall;
  const getsockopt = libc.func('int getsockopt(int, int, int, int32_t *value, uint32_t *length)') as (
    ...words: [fd: number, level: number, option: number, value: Int32Array, length: Uint32Array]
  ) => number;
  const ioctl = libc.func('int ioctl(int fd, ulong request, int32_t *argument)') as (
    ...words: [fd: number, request: number, argument: Int32Array]
  ) => number;
  const syscall = libc.func('long syscall(long number, long a, long b, long c)') as IntCall;
  // The calls are synchronous, so what they fill can be shared
  const ends = new Int32Array(2);

  function makePipe(): PipePair {
    if (pipe2(ends, O_CLOEXEC) !== 0) throw systemCallError('pipe2', koffi.errno());
    const [readEnd = -1, writeEnd = -1] = ends;
    return { readEnd, writeEnd };
  }

  function makeSocketPair(): readonly [number, number] {
    if (socketpair(AF_UNIX, SOCK_STREAM | O_CLOEXEC, 0, ends) !== 0)
      throw systemCallError('socketpair', koffi.errno());
    const [one = -1, other = -1] = ends;
    return [one, other];
  }

  function peerCredentials(fd: number): PeerCredentials | null {
    const ucred = new Int32Array(3);
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ucred, Uint32Array.of(ucred.byteLength)) !== 0) return null;
    const [pid = 0, uid = -1] = ucred;
    // What isn't a connected Unix socket has the uid -1; a peer outside our pid namespace has the pid 0
    return uid === -1 ? null : { pid: pid > 0 ? pid : null, uid: uid >>> 0 };
  }

  function lockFile(fd: number): 'locked' | 'busy' {
    if (flock(fd, LOCK_EX_NB) === 0) return 'locked';
    if (koffi.errno() === constants.errno.EWOULDBLOCK) return 'busy';
    throw systemCallError('flock', koffi.errno());
  }

  function unreadBytes(fd: number): number {
    const count = new Int32Array(1);
    return ioctl(fd, FIONREAD, count) === 0 ? (count[0] ?? 0) : 0;
  }

  const posixSpawn = openPosixSpawn(koffi, { POSIX_SPAWN_SETSID: 0x80, POSIX_SPAWN_CLOEXEC_DEFAULT: 0 });

  return {
    name: 'linux',
    limitations:
      posixSpawn === null
        ? [
            'commands: the C library lacks parts of posix_spawn: Node spawns, words that are not UTF-8 are refused',
            'exit: a program ended by a real-time signal is told as exited with 0',
            'terminals: made by script(1) where it is installed, else there are none',
          ]
        : [],
    sealDescriptors: () => void syscall(SYS_CLOSE_RANGE, 3, LAST_DESCRIPTOR, CLOSE_RANGE_CLOEXEC),
    makePipe,
    makeSocketPair,
    growPipe: (fd, bytes) => void fcntl(fd, F_SETPIPE_SZ, bytes),
    unreadBytes,
    peerCredentials,
    becomeSubreaper: () => prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) === 0,
    lockFile,
    ...openWaitCalls(koffi, { WNOWAIT: 0x01000000, ...SIGINFO }),
    posixSpawn,
    terminals: openTerminalCalls(koffi, {
      O_CLOEXEC,
      TIOCSWINSZ: 0x5414,
      FIONREAD,
      TCOOFF: 0,
      TCOON: 1,
    }),
  };
}

type IntCall = (...words: number[]) => number;
