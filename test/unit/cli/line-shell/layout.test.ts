import { describe, expect, it } from 'vitest';
import { layOut } from '../../../../src/cli/line-shell/editor/layout.ts';

const prompt = { styled: '$ ', width: 2 };
const continuation = { styled: '> ', width: 2 };

function lay(marked: string, columns: number) {
  const cursor = marked.indexOf('|');
  const view = { prompt, continuation, text: marked.replace('|', ''), cursor };
  const { rows, cursorRow, cursorColumn } = layOut(view, columns);
  return { rows: rows.map(({ shown }) => shown), cursor: [cursorRow, cursorColumn] };
}

describe('the layout of a text', () => {
  it.each([
    ['an empty one', '|', 10, ['$ '], [0, 2]],
    ['a short one', 'ab|c', 10, ['$ abc'], [0, 4]],
    ['one that needs a second row', 'abcdefgh|ij', 8, ['$ abcdef', 'ghij'], [1, 2]],
    ['one that fills its row', 'abcdef|', 8, ['$ abcdef', ''], [1, 0]],
    ['one whose cursor is at the wrap', 'abcdef|g', 8, ['$ abcdef', 'g'], [1, 0]],
    ['a wide character that has no room', 'abcde中|', 8, ['$ abcde', '中'], [1, 2]],
    ['a wide character that just has room', 'abcd中|e', 8, ['$ abcd中', 'e'], [1, 0]],
    ['two lines', 'ab\nc|d', 10, ['$ ab', '> cd'], [1, 3]],
    ['a full line in front of another', 'abcdef|\nx', 8, ['$ abcdef', '> x'], [0, 7]],
    ['an empty last line', 'ab\n|', 10, ['$ ab', '> '], [1, 2]],
    ['a control', '\x01|', 10, ['$ ^A'], [0, 4]],
  ])('of %s', (_, text, columns, rows, cursor) => {
    expect(lay(text, columns)).toEqual({ rows, cursor });
  });

  it('leaves out a prompt that has no room', () => {
    const wide = { styled: 'wide-prompt$ ', width: 13 };
    const layout = layOut({ prompt: wide, continuation, text: 'ab', cursor: 2 }, 10);
    expect([layout.rows.map(({ shown }) => shown), layout.cursorColumn]).toEqual([['ab'], 2]);
  });

  it('ends a row within what is spelt out', () => {
    expect(lay('abcde\x01|', 8)).toEqual({ rows: ['$ abcde^', 'A'], cursor: [1, 1] });
  });
});
