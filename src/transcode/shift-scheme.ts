/** The sets of characters that a stateful encoding switches between: ASCII, or a set of its base encoding. */
export type CharacterSet = 'ascii' | 'pairs' | 'kana' | 'supplement';

/** How an encoding of 7 bits switches between sets. Its pairs are those of an 8-bit base encoding without the high bit. */
export interface ShiftScheme {
  readonly name: string;
  /** The 8-bit encoding with the same characters. */
  readonly base: 'eucjp' | 'euckr' | 'gb2312';
  /** What is read: a sequence of bytes, and the set that it switches to; null: none, the set stays. */
  readonly shifts: readonly (readonly [sequence: string, set: CharacterSet | null])[];
  /** What is written to get to a set. */
  readonly toAscii: string;
  readonly toPairs: string;
  /** What is written in front of all else. */
  readonly header: string;
  /** An ASCII byte that begins sequences is written and read twice. */
  readonly doubled: string | null;
}

/** ISO-2022-JP (RFC 1468) with what ISO-2022-JP-1 and JIS X 0201 add for readers, ISO-2022-KR (RFC 1557), HZ (RFC 1843). */
export const SHIFT_SCHEMES: readonly ShiftScheme[] = [
  {
    name: 'iso2022jp',
    base: 'eucjp',
    shifts: [
      ['\x1b(B', 'ascii'],
      ['\x1b(J', 'ascii'],
      ['\x1b(I', 'kana'],
      ['\x1b$@', 'pairs'],
      ['\x1b$B', 'pairs'],
      ['\x1b$(D', 'supplement'],
      ['\x0e', 'kana'],
      ['\x0f', 'ascii'],
    ],
    toAscii: '\x1b(B',
    toPairs: '\x1b$B',
    header: '',
    doubled: null,
  },
  {
    name: 'iso2022kr',
    base: 'euckr',
    shifts: [
      ['\x1b$)C', null],
      ['\x0e', 'pairs'],
      ['\x0f', 'ascii'],
    ],
    toAscii: '\x0f',
    toPairs: '\x0e',
    header: '\x1b$)C',
    doubled: null,
  },
  {
    name: 'hz',
    base: 'gb2312',
    shifts: [
      ['~{', 'pairs'],
      ['~}', 'ascii'],
      ['~\n', null],
    ],
    toAscii: '~}',
    toPairs: '~{',
    header: '',
    doubled: '~',
  },
];
