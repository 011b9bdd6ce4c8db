import { describe, expect, it } from 'vitest';
import { listSttyWords } from '../../../src/protocol/terminal-modes.ts';
import {
  findTermiosLayout,
  readSttyWords,
  readTermios,
  TERMIOS_BYTES,
  writeTermios,
} from '../../../src/protocol/termios.ts';

/** What `stty -g` says of a new terminal of Linux. */
const NEW = '4500:5:bf:8a3b:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0';
const LAYOUTS = [
  ['linux', 'x64'],
  ['linux', 's390x'],
  ['darwin', 'arm64'],
] as const;

describe('special characters and modes', () => {
  it('are those of stty -g', () => {
    expect(readSttyWords(NEW)).toMatchObject({
      1: 3,
      3: 0x7f,
      5: 4,
      6: 255,
      38: 1,
      42: 1,
      51: 1,
      53: 1,
      70: 1,
    });
  });

  it.each([
    ['raw mode', '4500:4:bf:8a30:3:1c:7f:15:4:0:1:0:11:13:1a:0:12:f:17:16:0', { 51: 0, 53: 0, 70: 0 }],
    ['a password being asked for', '4500:5:bf:8a33:3:1c:7f:15:4:0', { 51: 1, 53: 0 }],
  ])('show %s', (_what, words, modes) => {
    expect(readSttyWords(words)).toMatchObject(modes);
  });

  it.each(['gfmt1:cflag=4b00:iflag=2b02', '', 'stty: standard input: Inappropriate ioctl', '1:2:3:4'])(
    'are not known of %j',
    (words) => {
      expect(readSttyWords(words)).toBeNull();
    },
  );

  it.each(LAYOUTS)('are read as they were written on %s, %s', (platform, arch) => {
    const layout = findTermiosLayout(platform, arch);
    if (layout === null) throw new Error('no layout');
    const termios = new Uint8Array(TERMIOS_BYTES).fill(0x55);
    const before = readTermios(termios, layout);
    const opcodes = Object.keys(before);
    expect(opcodes.length).toBeGreaterThan(40);
    for (const opcode of opcodes) {
      const isCharacter = Number(opcode) < 30;
      for (const value of isCharacter ? [1, 0xfe, 255] : [0, 1]) {
        const changed = Uint8Array.from(termios);
        writeTermios(changed, { [opcode]: value }, layout);
        expect(readTermios(changed, layout)).toEqual({ ...before, [opcode]: value });
      }
    }
  });

  it('leave alone what they do not name, and what nobody knows', () => {
    const layout = { system: 'linux', isLittleEndian: true } as const;
    const termios = new Uint8Array(TERMIOS_BYTES).fill(0x55);
    const before = Uint8Array.from(termios);
    writeTermios(termios, { 99: 1, 128: 38_400 }, layout);
    expect(termios).toEqual(before);
  });

  it('are words for stty', () => {
    expect(listSttyWords({ 1: 0x33, 3: 8, 10: 255, 38: 0, 42: 1, 11: 3 })).toEqual([
      'intr',
      '0x33',
      'erase',
      '0x08',
      'susp',
      'undef',
      '-ixon',
      'iutf8',
    ]);
  });

  it('have no layout on machines with numbers of their own', () => {
    expect(findTermiosLayout('linux', 'ppc64')).toBeNull();
    expect(findTermiosLayout('win32', 'x64')).toBeNull();
  });
});
