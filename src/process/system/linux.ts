import { closeSync } from 'node:fs';
import { constants, endianness, release } from 'node:os';
import { systemCallError } from './errno.ts';
import type { Koffi } from './koffi-types.ts';
import type { ExitWitness, PeerCredentials, PipePair, SystemCalls } from './system-calls.ts';
import { openTerminalCalls } from './terminal-calls.ts';

// The numbers of fcntl.h, socket.h, prctl.h, wait.h, pidfd.h, ioctls.h and termios.h, which are part of the kernel's interface
const O_CLOEXEC = 0o2000000;
const F_SETPIPE_SZ = 1031;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const PR_SET_CHILD_SUBREAPER = 36;
const LOCK_EX_NB = 2 | 4;
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const SYS_PIDFD_OPEN = 434;
const SYS_CLOSE_RANGE = 436;
const CLOSE_RANGE_CLOEXEC = 4;
const LAST_DESCRIPTOR = 0x7fffffff;
/** _IOWR(0xFF, 11, struct pidfd_info), 64 bytes being its first version; the same on all architectures of koffi. */
const PIDFD_GET_INFO = 0xc040ff0b;
const PIDFD_INFO_EXIT = 8;
/** Where the wait status is in a struct pidfd_info, in ints; its first two are the mask. */
const PIDFD_EXIT_CODE = 15;
/** From this kernel on a pidfd tells the wait status of a process that was reaped (PIDFD_INFO_EXIT). */
const EXIT_INFO_SINCE = [6, 15] as const;

/** Where `si_pid` is in a siginfo_t, in ints: behind three others, and padding where pointers have 8 bytes. */
const SI_PID = process.arch === 'arm' || process.arch === 'ia32' ? 3 : 4;

/** The calls through koffi. @throws Error when the C library lacks one of them */
export function openLinuxCalls(koffi: Koffi): SystemCalls {
  // The program itself: its C library is loaded already, under whatever name it has here
  const libc = koffi.load(null);
  const pipe2 = libc.func('int pipe2(int32_t *fds, int flags)') as (fds: Int32Array, flags: number) => number;
  const fcntl = libc.func('int fcntl(int fd, int command, int argument)') as IntCall;
  const flock = libc.func('int flock(int fd, int operation)') as IntCall;
  const prctl = libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)') as IntCall;
  const getsockopt = libc.func('int getsockopt(int, int, int, int32_t *value, uint32_t *length)') as (
    ...words: [fd: number, level: number, option: number, value: Int32Array, length: Uint32Array]
  ) => number;
  const waitid = libc.func('int waitid(int type, int id, int32_t *info, int options)') as (
    ...words: [type: number, id: number, info: Int32Array, options: number]
  ) => number;
  const syscall = libc.func('long syscall(long number, long a, long b, long c)') as IntCall;
  const ioctl = libc.func('int ioctl(int fd, ulong request, int32_t *argument)') as (
    ...words: [fd: number, request: number, argument: Int32Array]
  ) => number;

  const exitIsTold = endianness() === 'LE' && isKernelAtLeast(EXIT_INFO_SINCE);
  // The calls are synchronous, so what they fill can be shared
  const ends = new Int32Array(2);
  const childInfo = new Int32Array(32);
  const exitInfo = new Int32Array(16);

  function makePipe(): PipePair {
    if (pipe2(ends, O_CLOEXEC) !== 0) throw systemCallError('pipe2', koffi.errno());
    const [readEnd = -1, writeEnd = -1] = ends;
    return { readEnd, writeEnd };
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

  function findDeadChild(): number | null {
    // The field is left alone when no child has ended
    childInfo[SI_PID] = 0;
    if (waitid(P_ALL, 0, childInfo, WEXITED | WNOHANG | WNOWAIT) !== 0) return null;
    return childInfo[SI_PID] || null;
  }

  function watchExit(pid: number): ExitWitness | null {
    if (!exitIsTold) return null;
    const pidfd = syscall(SYS_PIDFD_OPEN, pid, 0, 0);
    if (pidfd < 0) return null;
    return {
      endSignal() {
        exitInfo[0] = PIDFD_INFO_EXIT;
        if (ioctl(pidfd, PIDFD_GET_INFO, exitInfo) !== 0) return null;
        const [mask = 0] = exitInfo;
        // A wait status: the signal is in its low seven bits
        const signal = (exitInfo[PIDFD_EXIT_CODE] ?? 0) & 0x7f;
        return (mask & PIDFD_INFO_EXIT) === 0 || signal === 0 ? null : signal;
      },
      close: () => closeSync(pidfd),
    };
  }

  return {
    name: 'linux',
    shortcomings: exitIsTold
      ? []
      : [`exit: before Linux 6.15 a program ended by a real-time signal is told as exited with 0`],
    sealDescriptors: () => void syscall(SYS_CLOSE_RANGE, 3, LAST_DESCRIPTOR, CLOSE_RANGE_CLOEXEC),
    makePipe,
    growPipe: (fd, bytes) => void fcntl(fd, F_SETPIPE_SZ, bytes),
    peerCredentials,
    becomeSubreaper: () => prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) === 0,
    lockFile,
    findDeadChild,
    reapChild: (pid) => void waitid(P_PID, pid, childInfo, WEXITED | WNOHANG),
    watchExit,
    terminals: openTerminalCalls(koffi, {
      O_CLOEXEC,
      TIOCSWINSZ: 0x5414,
      TIOCGPGRP: 0x540f,
      FIONREAD: 0x541b,
      TCOOFF: 0,
      TCOON: 1,
    }),
  };
}

type IntCall = (...words: number[]) => number;

function isKernelAtLeast([major, minor]: readonly [number, number]): boolean {
  const [ourMajor = 0, ourMinor = 0] = release().split('.').map(Number);
  return ourMajor > major || (ourMajor === major && ourMinor >= minor);
}
