import { closeSync, constants as files } from 'node:fs';
import {
  CHARACTER_OFF,
  ECHO,
  EOF,
  ICANON,
  IUTF8,
  type TerminalModes,
} from '../../protocol/terminal-modes.ts';
import { findTermiosLayout, readTermios, TERMIOS_BYTES, writeTermios } from '../../protocol/termios.ts';
import { systemCallError } from './errno.ts';
import type { Koffi } from './koffi-types.ts';
import type { TerminalCalls, TerminalPair, TerminalRequest, TerminalSize } from './system-calls.ts';

/** The numbers of fcntl.h, ioctl.h and termios.h that differ by system. */
export interface TerminalNumbers {
  readonly O_CLOEXEC: number;
  readonly TIOCSWINSZ: number;
  /** Bytes that wait to be read, as the reader sees them. */
  readonly FIONREAD: number;
  readonly TCOOFF: number;
  readonly TCOON: number;
}

/** The name of a terminal, its NUL included. */
const NAME_BYTES = 128;
const TCSANOW = 0;

type IntCall = (...words: number[]) => number;
type BufferCall = (fd: number, buffer: Buffer) => number;

/** Terminals through koffi: pty(7). @throws Error when the C library lacks one of the calls */
export function openTerminalCalls(koffi: Koffi, numbers: TerminalNumbers): TerminalCalls {
  const libc = koffi.load(null);
  const posixOpenpt = libc.func('int posix_openpt(int flags)') as IntCall;
  const grantpt = libc.func('int grantpt(int fd)') as IntCall;
  const unlockpt = libc.func('int unlockpt(int fd)') as IntCall;
  const ptsname = libc.func('int ptsname_r(int fd, void *name, size_t bytes)') as (
    fd: number,
    name: Buffer,
    bytes: number,
  ) => number;
  const tcflow = libc.func('int tcflow(int fd, int action)') as IntCall;
  const tcgetattr = libc.func('int tcgetattr(int fd, void *termios)') as BufferCall;
  const tcsetattr = libc.func('int tcsetattr(int fd, int when, void *termios)') as (
    fd: number,
    when: number,
    termios: Buffer,
  ) => number;
  // Variadic: on some machines such arguments travel in another way
  const ioctl = libc.func('int ioctl(int fd, ulong request, ...)') as (
    ...words: [fd: number, request: number, type: string, argument: Buffer]
  ) => number;

  const layout = findTermiosLayout(process.platform, process.arch);

  function setSize(fd: number, { columns, rows, widthPixels = 0, heightPixels = 0 }: TerminalSize): void {
    const size = Uint16Array.of(rows, columns, widthPixels, heightPixels);
    ioctl(fd, numbers.TIOCSWINSZ, 'void *', Buffer.from(size.buffer));
  }

  function readModes(fd: number): TerminalModes | null {
    const termios = Buffer.alloc(TERMIOS_BYTES);
    return layout === null || tcgetattr(fd, termios) !== 0 ? null : readTermios(termios, layout);
  }

  function setModes(fd: number, modes: TerminalModes): void {
    const termios = Buffer.alloc(TERMIOS_BYTES);
    if (layout === null || tcgetattr(fd, termios) !== 0) return;
    writeTermios(termios, modes, layout);
    tcsetattr(fd, TCSANOW, termios);
  }

  function check(result: number, call: string): void {
    if (result !== 0) throw systemCallError(call, koffi.errno());
  }

  function prepare(master: number, { modes, isUtf8, ...size }: TerminalRequest): TerminalPair {
    const name = Buffer.alloc(NAME_BYTES);
    check(grantpt(master), 'grantpt');
    check(unlockpt(master), 'unlockpt');
    check(ptsname(master, name, NAME_BYTES), 'ptsname_r');
    setSize(master, size);
    const iutf8 = isUtf8 ? (modes?.[IUTF8] ?? 1) : 0;
    setModes(master, { ...modes, [IUTF8]: iutf8 });
    return { master, path: name.toString('utf8', 0, name.indexOf(0)) };
  }

  function readInt(fd: number, request: number): number {
    const value = Buffer.alloc(4);
    return ioctl(fd, request, 'void *', value) === 0 ? value.readInt32LE(0) : 0;
  }

  return {
    open(request) {
      const master = posixOpenpt(files.O_RDWR | files.O_NOCTTY | files.O_NONBLOCK | numbers.O_CLOEXEC);
      if (master < 0) throw systemCallError('posix_openpt', koffi.errno());
      try {
        return prepare(master, request);
      } catch (error) {
        closeSync(master);
        throw error;
      }
    },
    resize: setSize,
    restartOutput(fd) {
      // What the stop key has stopped goes on only after a stop of ours
      tcflow(fd, numbers.TCOOFF);
      tcflow(fd, numbers.TCOON);
    },
    unreadBytes: (fd) => readInt(fd, numbers.FIONREAD),
    endOfFile(fd) {
      const byte = readModes(fd)?.[EOF];
      return byte === undefined || byte === CHARACTER_OFF ? null : byte;
    },
    hidesLines(fd) {
      const modes = readModes(fd);
      return modes?.[ICANON] === 1 && modes[ECHO] === 0;
    },
  };
}
