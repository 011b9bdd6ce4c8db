import * as v from 'valibot';
import { MAX_TERMINAL_MODE_OPCODE } from './limits.ts';

/**
 * Special characters and modes of a terminal by opcode in decimal, as in ssh (RFC 4254, section 8; IUTF8: RFC 8160). The
 * value of a character is its byte, or CHARACTER_OFF; that of a mode is 0 or 1.
 */
export type TerminalModes = Readonly<Record<string, number>>;

/** Value of a disabled special character. */
export const CHARACTER_OFF = 255;

/** The word of struct termios that contains a mode's bit. */
export type FlagWord = 'iflag' | 'oflag' | 'lflag';

/**
 * One row each: opcode, name in stty(1), and position in struct termios of Linux and of macOS, which is the index in c_cc, or
 * the bit; null if the system does not have it. Character size, parity and speed are left out, since a pseudo-terminal has
 * none.
 */
export const SPECIAL_CHARACTERS: readonly (readonly [
  opcode: number,
  name: string,
  linux: number | null,
  darwin: number | null,
])[] = [
  [1, 'intr', 0, 8],
  [2, 'quit', 1, 9],
  [3, 'erase', 2, 3],
  [4, 'kill', 3, 5],
  [5, 'eof', 4, 0],
  [6, 'eol', 11, 1],
  [7, 'eol2', 16, 2],
  [8, 'start', 8, 12],
  [9, 'stop', 9, 13],
  [10, 'susp', 10, 10],
  [11, 'dsusp', null, 11],
  [12, 'rprnt', 12, 6],
  [13, 'werase', 14, 4],
  [14, 'lnext', 15, 14],
  [16, 'swtch', 7, null],
  [17, 'status', null, 18],
  [18, 'discard', 13, 15],
];

/** See SPECIAL_CHARACTERS. */
export const MODE_FLAGS: readonly (readonly [
  opcode: number,
  name: string,
  word: FlagWord,
  linux: number | null,
  darwin: number | null,
])[] = [
  [30, 'ignpar', 'iflag', 0x4, 0x4],
  [31, 'parmrk', 'iflag', 0x8, 0x8],
  [32, 'inpck', 'iflag', 0x10, 0x10],
  [33, 'istrip', 'iflag', 0x20, 0x20],
  [34, 'inlcr', 'iflag', 0x40, 0x40],
  [35, 'igncr', 'iflag', 0x80, 0x80],
  [36, 'icrnl', 'iflag', 0x100, 0x100],
  [37, 'iuclc', 'iflag', 0x200, null],
  [38, 'ixon', 'iflag', 0x400, 0x200],
  [39, 'ixany', 'iflag', 0x800, 0x800],
  [40, 'ixoff', 'iflag', 0x1000, 0x400],
  [41, 'imaxbel', 'iflag', 0x2000, 0x2000],
  [42, 'iutf8', 'iflag', 0x4000, 0x4000],
  [50, 'isig', 'lflag', 0x1, 0x80],
  [51, 'icanon', 'lflag', 0x2, 0x100],
  [52, 'xcase', 'lflag', 0x4, null],
  [53, 'echo', 'lflag', 0x8, 0x8],
  [54, 'echoe', 'lflag', 0x10, 0x2],
  [55, 'echok', 'lflag', 0x20, 0x4],
  [56, 'echonl', 'lflag', 0x40, 0x10],
  [57, 'noflsh', 'lflag', 0x80, 0x80000000],
  [58, 'tostop', 'lflag', 0x100, 0x400000],
  [59, 'iexten', 'lflag', 0x8000, 0x400],
  [60, 'echoctl', 'lflag', 0x200, 0x40],
  [61, 'echoke', 'lflag', 0x800, 0x1],
  [62, 'pendin', 'lflag', 0x4000, 0x20000000],
  [70, 'opost', 'oflag', 0x1, 0x1],
  [71, 'olcuc', 'oflag', 0x2, null],
  [72, 'onlcr', 'oflag', 0x4, 0x2],
  [73, 'ocrnl', 'oflag', 0x8, 0x10],
  [74, 'onocr', 'oflag', 0x10, 0x20],
  [75, 'onlret', 'oflag', 0x20, 0x40],
];

/** The opcodes that rexa itself uses. */
export const EOF = '5';
export const ICANON = '51';
export const ECHO = '53';
export const IUTF8 = '42';

/** The field `modes` of a request. Opcodes without a row are ignored, as by sshd. */
export const terminalModesSchema: v.GenericSchema<TerminalModes> = v.custom<TerminalModes>(
  isTerminalModes,
  `numbers of 32 bits are expected, by opcodes of 1 to ${MAX_TERMINAL_MODE_OPCODE}`,
);

function isTerminalModes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([opcode, argument]) => isOpcode(opcode) && isArgument(argument));
}

function isOpcode(opcode: string): boolean {
  return /^[1-9]\d{0,2}$/.test(opcode) && Number(opcode) <= MAX_TERMINAL_MODE_OPCODE;
}

function isArgument(argument: unknown): boolean {
  return typeof argument === 'number' && Number.isInteger(argument) && argument >= 0 && argument < 2 ** 32;
}

/** Returns the arguments of stty(1) for these modes. */
export function listSttyWords(modes: TerminalModes): readonly string[] {
  const characters = SPECIAL_CHARACTERS.flatMap(([opcode, name, linux]) => {
    const byte = modes[opcode];
    if (byte === undefined || linux === null) return [];
    return [name, byte === CHARACTER_OFF ? 'undef' : `0x${(byte & 0xff).toString(16).padStart(2, '0')}`];
  });
  const flags = MODE_FLAGS.flatMap(([opcode, name, _word, linux]) => {
    const isOn = modes[opcode];
    if (isOn === undefined || linux === null) return [];
    return [isOn === 0 ? `-${name}` : name];
  });
  return [...characters, ...flags];
}
