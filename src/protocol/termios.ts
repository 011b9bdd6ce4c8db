import {
  CHARACTER_OFF,
  type FlagWord,
  MODE_FLAGS,
  SPECIAL_CHARACTERS,
  type TerminalModes,
} from './terminal-modes.ts';

/** The layout of struct termios on one system. */
export interface TermiosLayout {
  readonly system: 'linux' | 'darwin';
  readonly isLittleEndian: boolean;
}

/** Buffer size for a struct termios of any system: 60 bytes on Linux, 72 on macOS. */
export const TERMIOS_BYTES = 256;

/** Offsets in bytes; `off`: the value of a disabled special character (_POSIX_VDISABLE). */
const PLACES = {
  linux: { iflag: 0, oflag: 4, lflag: 12, characters: 17, off: 0 },
  darwin: { iflag: 0, oflag: 8, lflag: 24, characters: 32, off: 0xff },
} as const;
/** Architectures with different values in termios.h of Linux. */
const OTHER_MACHINES: ReadonlySet<string> = new Set(['mips', 'mipsel', 'mips64', 'mips64el', 'ppc', 'ppc64']);

/**
 * Returns the layout of struct termios on a system; null if unknown.
 * @param platform as `process.platform`
 * @param arch as `process.arch`
 */
export function findTermiosLayout(platform: string, arch: string): TermiosLayout | null {
  const isLittleEndian = arch !== 's390x';
  if (platform === 'darwin') return { system: 'darwin', isLittleEndian };
  if (platform === 'linux' && !OTHER_MACHINES.has(arch)) return { system: 'linux', isLittleEndian };
  return null;
}

/** Returns the special characters and modes of a struct termios. */
export function readTermios(termios: Uint8Array, layout: TermiosLayout): TerminalModes {
  const view = viewOf(termios);
  const places = PLACES[layout.system];
  const modes: Record<string, number> = {};
  for (const [opcode, at] of listCharacters(layout)) {
    const byte = view.getUint8(places.characters + at);
    modes[opcode] = byte === places.off ? CHARACTER_OFF : byte;
  }
  for (const [opcode, word, bit] of listFlags(layout)) {
    modes[opcode] = (view.getUint32(places[word], layout.isLittleEndian) & bit) === 0 ? 0 : 1;
  }
  return modes;
}

/**
 * Parses the output of `stty -g` on Linux: `iflag:oflag:cflag:lflag:` and the special characters, in hexadecimal. Returns
 * null for anything else.
 */
export function readSttyWords(words: string): TerminalModes | null {
  if (!/^(?:[\da-f]{1,8}:){4}[\da-f]{1,2}(?::[\da-f]{1,2})*\n?$/.test(words)) return null;
  const [iflag = 0, oflag = 0, _cflag, lflag = 0, ...characters] = words
    .trim()
    .split(':')
    .map((word) => Number.parseInt(word, 16));
  const termios = new Uint8Array(TERMIOS_BYTES);
  const view = viewOf(termios);
  const { linux } = PLACES;
  view.setUint32(linux.iflag, iflag);
  view.setUint32(linux.oflag, oflag);
  view.setUint32(linux.lflag, lflag);
  termios.set(characters.slice(0, TERMIOS_BYTES - linux.characters), linux.characters);
  return readTermios(termios, { system: 'linux', isLittleEndian: false });
}

/** Changes a struct termios in place. Modes that `modes` does not name stay; those that this system lacks are ignored. */
export function writeTermios(termios: Uint8Array, modes: TerminalModes, layout: TermiosLayout): void {
  const view = viewOf(termios);
  const places = PLACES[layout.system];
  for (const [opcode, at] of listCharacters(layout)) {
    const byte = modes[opcode];
    if (byte === undefined) continue;
    view.setUint8(places.characters + at, byte === CHARACTER_OFF ? places.off : byte & 0xff);
  }
  for (const [opcode, word, bit] of listFlags(layout)) {
    const isOn = modes[opcode];
    if (isOn === undefined) continue;
    const before = view.getUint32(places[word], layout.isLittleEndian);
    view.setUint32(places[word], isOn === 0 ? before & ~bit : before | bit, layout.isLittleEndian);
  }
}

function* listCharacters({ system }: TermiosLayout): Iterable<readonly [opcode: number, at: number]> {
  for (const [opcode, _name, linux, darwin] of SPECIAL_CHARACTERS) {
    const at = system === 'linux' ? linux : darwin;
    if (at !== null) yield [opcode, at];
  }
}

/** On macOS, which is little-endian, the low half of a 64-bit word comes first. */
function* listFlags({
  system,
}: TermiosLayout): Iterable<readonly [opcode: number, word: FlagWord, bit: number]> {
  for (const [opcode, _name, word, linux, darwin] of MODE_FLAGS) {
    const bit = system === 'linux' ? linux : darwin;
    if (bit !== null) yield [opcode, word, bit];
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
