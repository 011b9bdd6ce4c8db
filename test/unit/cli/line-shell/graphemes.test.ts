import { describe, expect, it } from 'vitest';
import { measureText, splitGraphemes } from '../../../../src/cli/line-shell/editor/graphemes.ts';

describe('a text on a terminal', () => {
  it.each([
    ['abc', 3],
    ['', 0],
    ['中文', 4],
    ['ｱ', 1],
    ['Ａ', 2],
    ['한글', 4],
    ['😀', 2],
    ['👨‍👩‍👧', 2],
    ['🇩🇪', 2],
    ['e\u0301', 1],
    ['a\tb', 6],
    ['\x01', 2],
    ['\x7f', 4],
    ['\u200b', 6],
    ['\u202e', 6],
  ])('takes for %j %i columns', (text, columns) => {
    expect(measureText(text)).toBe(columns);
  });

  it('is taken apart into what a reader sees, with the places where that begins', () => {
    expect(splitGraphemes('a👨‍👩‍👧中').map(({ at, text }) => [at, text])).toEqual([
      [0, 'a'],
      [1, '👨‍👩‍👧'],
      [9, '中'],
    ]);
  });

  it('shows what could steer the terminal', () => {
    expect(
      splitGraphemes('\x1b[2J\u202e')
        .map(({ shown }) => shown)
        .join(''),
    ).toBe('^[[2J<202e>');
  });

  it('gives a mark without a letter something to stand on', () => {
    expect(splitGraphemes('\u0301')[0]).toMatchObject({ shown: '◌\u0301', width: 1 });
  });
});
