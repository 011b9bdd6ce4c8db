import { describe, expect, it } from 'vitest';
import { createOutputScanner } from '../../../../src/cli/line-shell/terminal/output-scanner.ts';

function scan(chunks: readonly Uint8Array[]) {
  const scanner = createOutputScanner();
  let isAtLineStart: boolean | null = null;
  const written = chunks.map((chunk) => {
    const scanned = scanner.take(chunk);
    isAtLineStart = scanned.isAtLineStart ?? isAtLineStart;
    return Buffer.from(scanned.bytes).toString('latin1');
  });
  const rest = Buffer.from(scanner.flush()).toString('latin1');
  return { written, rest, isAtLineStart, steersTerminal: scanner.steersTerminal };
}

const OUTPUTS: readonly (readonly [string, boolean | null, boolean])[] = [
  ['', null, false],
  ['text', false, false],
  ['text\n', true, false],
  ['a\nb', false, false],
  ['a\r', false, false],
  ['中文\n', true, false],
  ['\x1b[31mred\x1b[0m\n', true, true],
  ['a\n\x1b[0m', true, true],
  ['\x1b]0;a title\x07', null, true],
  ['\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\', false, true],
  ['\x1bP+q\x1b\\x', false, true],
  ['\x1b(Bx\n', true, true],
  ['\x0e', null, true],
];

describe('an output on its way to a terminal', () => {
  it.each(OUTPUTS)('passes whole: %j', (output, isAtLineStart, steersTerminal) => {
    const { written, rest, ...known } = scan([Buffer.from(output)]);
    expect(Buffer.from(written.join('') + rest, 'latin1').toString()).toBe(output);
    expect(known).toEqual({ isAtLineStart, steersTerminal });
  });

  it.each(OUTPUTS)(
    'is never cut within a character or a sequence: %j',
    (output, isAtLineStart, steersTerminal) => {
      const bytes = Buffer.from(output);
      const safe = new Set(placesBetween(output));
      for (let at = 0; at <= bytes.length; at++) {
        const { written, rest, ...known } = scan([bytes.subarray(0, at), bytes.subarray(at)]);
        expect(Buffer.from(written.join('') + rest, 'latin1').toString()).toBe(output);
        expect(safe.has((written[0] ?? '').length)).toBe(true);
        expect(known).toEqual({ isAtLineStart, steersTerminal });
      }
    },
  );

  it('waits for no end that is far away', () => {
    const { written } = scan([Buffer.from(`\x1b]0;${'x'.repeat(300)}`)]);
    expect(written[0]).toHaveLength(304);
  });

  it('passes bytes that are no characters', () => {
    const { written, rest } = scan([Buffer.from([0x61, 0xff, 0x80, 0x0a, 0xc3])]);
    expect([written.join(''), rest]).toEqual(['a\xff\x80\n', '\xc3']);
  });
});

/** Escape sequences, as far as they are used here; and single characters. */
const PARTS = new RegExp(
  String.raw`\e\][^\a\e]*(?:\a|\e\\)|\eP[^\e]*\e\\|\e\[[0-9;]*[a-zA-Z]|\e\(B|.`
    .replaceAll(String.raw`\e`, '\x1b')
    .replaceAll(String.raw`\a`, '\x07'),
  'gsu',
);

/** Byte offsets at which another text may stand, found the slow way. */
function placesBetween(output: string): number[] {
  const lengths = (output.match(PARTS) ?? []).map((part) => Buffer.byteLength(part));
  return [0, ...lengths].map((_, index) => lengths.slice(0, index).reduce((sum, length) => sum + length, 0));
}
