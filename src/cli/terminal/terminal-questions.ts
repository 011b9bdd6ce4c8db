import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type koffiModule from 'koffi';
import type { TerminalModes } from '../../protocol/terminal-modes.ts';
import {
  findTermiosLayout,
  readSttyWords,
  readTermios,
  TERMIOS_BYTES,
  type TermiosLayout,
} from '../../protocol/termios.ts';

type Koffi = typeof koffiModule;

/** What Node cannot ask a terminal. */
export interface TerminalQuestions {
  /** Returns the size of its window; NO_PIXELS where that is not known. */
  readPixels(fd: number): TerminalPixels;
  /** Returns its special characters and modes; null where they are not known. @param fd 0 where koffi is missing */
  readModes(fd: number): Promise<TerminalModes | null>;
}

export interface TerminalPixels {
  readonly widthPixels: number;
  readonly heightPixels: number;
}

export const NO_PIXELS: TerminalPixels = { widthPixels: 0, heightPixels: 0 };

/** Of ioctls.h. */
const TIOCGWINSZ = process.platform === 'darwin' ? 0x40087468 : 0x5413;

/** Opens them by koffi, else by stty(1), which knows no pixels. Costs 5 ms, so it is for terminals only. */
export async function openTerminalQuestions(): Promise<TerminalQuestions> {
  const layout = findTermiosLayout(process.platform, process.arch);
  if (layout === null) return { readPixels: () => NO_PIXELS, readModes: () => Promise.resolve(null) };
  try {
    return openByKoffi((await import('koffi')).default, layout);
  } catch {
    return { readPixels: () => NO_PIXELS, readModes: askStty };
  }
}

/** @throws Error when the C library lacks one of the calls */
function openByKoffi(koffi: Koffi, layout: TermiosLayout): TerminalQuestions {
  const libc = koffi.load(null);
  const tcgetattr = libc.func('int tcgetattr(int fd, void *termios)') as (fd: number, into: Buffer) => number;
  // Variadic: on some machines such arguments travel in another way
  const ioctl = libc.func('int ioctl(int fd, ulong request, ...)') as (
    ...words: [fd: number, request: number, type: string, argument: Uint16Array]
  ) => number;
  return {
    readPixels(fd) {
      const size = new Uint16Array(4);
      if (ioctl(fd, TIOCGWINSZ, 'void *', size) !== 0) return NO_PIXELS;
      const [, , widthPixels = 0, heightPixels = 0] = size;
      return { widthPixels, heightPixels };
    },
    readModes(fd) {
      const termios = Buffer.alloc(TERMIOS_BYTES);
      return Promise.resolve(tcgetattr(fd, termios) === 0 ? readTermios(termios, layout) : null);
    },
  };
}

async function askStty(): Promise<TerminalModes | null> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const stty = spawn('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'] });
  try {
    const [words] = await Promise.all([text(stty.stdout), once(stty, 'spawn')]);
    return readSttyWords(words);
  } catch {
    return null;
  }
}
