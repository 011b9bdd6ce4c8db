import { describe, expect, it } from 'vitest';
import { createWholeSequences } from '../../../../src/supervisor/sessions/whole-sequences.ts';

/** What is given out of each chunk. */
function split(...chunks: readonly string[]): string[] {
  const sequences = createWholeSequences();
  return chunks.map((chunk) => Buffer.from(sequences.take(Buffer.from(chunk, 'latin1'))).toString('latin1'));
}

describe('output that is cut anywhere', () => {
  it.each([
    { what: 'text', chunks: ['ab', 'c'], given: ['ab', 'c'] },
    { what: 'a control sequence', chunks: ['a\x1b', '[3', '1mb'], given: ['a', '', '\x1b[31mb'] },
    { what: 'a character', chunks: ['a\xe4', '\xb8', '\xadb'], given: ['a', '', '\xe4\xb8\xadb'] },
    { what: 'a string', chunks: ['\x1b]2;ti', 'tle\x07b'], given: ['', '\x1b]2;title\x07b'] },
    { what: 'a sequence that is canceled', chunks: ['\x1b[3', '\x18a'], given: ['', '\x1b[3\x18a'] },
  ])('holds back the beginning of $what', ({ chunks, given }) => {
    expect(split(...chunks)).toEqual(given);
  });
});

describe('questions to a terminal', () => {
  it.each([
    '\x1b[c',
    '\x1b[0c',
    '\x1b[>c',
    '\x1b[=c',
    '\x1b[5n',
    '\x1b[6n',
    '\x1b[?6n',
    '\x1b[?996n',
    '\x1b[?2026$p',
    '\x1b[20$p',
    '\x1b[>0q',
    '\x1b[?u',
    '\x1b[14t',
    '\x1b[18t',
    '\x1b[21t',
    '\x1bZ',
    '\x1bP$qm\x1b\\',
    '\x1bP+q544e\x1b\\',
    '\x1b]11;?\x07',
    '\x1b]4;1;?\x1b\\',
    '\x1b]52;c;?\x07',
    '\x1b]11;?\x1b[m',
    '\x1bP$qm\x1b[m',
    '\x1b_Gi=1,a=q;x\x1b\\',
  ])('leaves out %j, whole or cut', (question) => {
    expect(split(`a${question}b`)).toEqual(['ab']);
    expect(split(...`a${question}b`).join('')).toBe('ab');
  });

  it.each([
    '\x1b[31m',
    '\x1b[H',
    '\x1b[2q',
    '\x1b[2 q',
    '\x1b[>4;2m',
    '\x1b[>4n',
    '\x1b[u',
    '\x1b[>1u',
    '\x1b[8;24;80t',
    '\x1b[22;0t',
    '\x1b[?1049h',
    '\x1b]2;what?\x07',
    '\x1b]11;#000\x07',
    '\x1bP1;2q\x1b\\',
    '\x1b[3S',
  ])('passes %j, which is none', (sequence) => {
    expect(split(`a${sequence}b`)).toEqual([`a${sequence}b`]);
  });
});

it('leaves out a string above the limit, and goes on behind it', () => {
  const sequences = createWholeSequences();
  const begin = sequences.take(Buffer.from('a\x1bP0q'));
  const middle = Array.from({ length: 20 }, () => sequences.take(Buffer.alloc(64 * 1024, 'x')));
  const end = sequences.take(Buffer.from('\x1b\\b'));
  expect(Buffer.concat([begin, ...middle, end]).toString()).toBe('ab');
});
