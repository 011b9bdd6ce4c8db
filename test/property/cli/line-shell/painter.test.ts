import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitGraphemes } from '../../../../src/cli/line-shell/editor/graphemes.ts';
import { type EditorView, layOut } from '../../../../src/cli/line-shell/editor/layout.ts';
import { createPainter } from '../../../../src/cli/line-shell/terminal/painter.ts';
import { createTinyTerminal } from '../../../fixtures/shell/tiny-terminal.ts';

const HEIGHT = 50;
const continuation = { styled: '> ', width: 2 };

const pieces = fc.constantFrom('a', 'b c', '中文', '😀', '\n', '\t', '\x01', 'e\u0301', 'word word ');
const texts = fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join(''));
const views = fc
  .record({ text: texts, at: fc.nat(200), promptColumns: fc.integer({ min: 0, max: 12 }) })
  .map(({ text, at, promptColumns }): EditorView => {
    const places = [...splitGraphemes(text).map((grapheme) => grapheme.at), text.length];
    const prompt = { styled: '$'.repeat(promptColumns), width: promptColumns };
    return { prompt, continuation, text, cursor: places[at % places.length] ?? 0 };
  });
const widths = fc.integer({ min: 5, max: 30 });

/** What a terminal should show, and where its cursor should be. */
function expected(view: EditorView, columns: number): { rows: string[]; row: number; column: number } {
  const { rows, cursorRow, cursorColumn } = layOut(view, columns);
  const shown = rows.map((row) => row.shown.trimEnd());
  while (shown.at(-1) === '') shown.pop();
  return { rows: shown, row: cursorRow, column: cursorColumn };
}

describe('the painter', () => {
  it('shows each view as it is laid out, whatever was drawn before', () => {
    fc.assert(
      fc.property(fc.array(views, { minLength: 1, maxLength: 6 }), widths, (drawn, columns) => {
        const terminal = createTinyTerminal(columns);
        const painter = createPainter();
        for (const view of drawn) {
          terminal.write(painter.draw(view, { columns, rows: HEIGHT }));
          const { rows, row, column } = expected(view, columns);
          expect({ rows: terminal.rows(), row: terminal.row, column: terminal.column }).toEqual({
            rows,
            row,
            column,
          });
        }
        terminal.write(painter.erase());
        expect({ rows: terminal.rows(), row: terminal.row, column: terminal.column }).toEqual({
          rows: [],
          row: 0,
          column: 0,
        });
      }),
    );
  });

  it('leaves the whole text behind, with the cursor below it, and can take it up again', () => {
    fc.assert(
      fc.property(views, views, widths, (view, next, columns) => {
        const terminal = createTinyTerminal(columns);
        const painter = createPainter();
        const size = { columns, rows: HEIGHT };
        terminal.write(painter.draw(view, size));
        terminal.write(painter.finish());
        expect(terminal.rows()).toEqual(expected(view, columns).rows);
        expect([terminal.row, terminal.column]).toEqual([layOut(view, columns).rows.length, 0]);
        painter.resume();
        terminal.write(painter.draw(next, size));
        expect(terminal.rows()).toEqual(expected(next, columns).rows);
      }),
    );
  });

  it('shows as much of a high text as the terminal has rows for, with the cursor in it', () => {
    fc.assert(
      fc.property(fc.array(views, { minLength: 1, maxLength: 4 }), widths, (drawn, columns) => {
        const rows = 4;
        const terminal = createTinyTerminal(columns);
        const painter = createPainter();
        for (const view of drawn) {
          terminal.write(painter.draw(view, { columns, rows }));
          const layout = layOut(view, columns);
          expect(terminal.rows().length).toBeLessThanOrEqual(rows);
          expect(terminal.row).toBeLessThan(rows);
          expect(terminal.column).toBe(layout.cursorColumn);
          expect(terminal.rows()[terminal.row] ?? '').toBe(
            (layout.rows[layout.cursorRow]?.shown ?? '').trimEnd(),
          );
        }
        // All of it is left behind, even what was not shown
        terminal.write(painter.finish());
        expect(terminal.rows()).toEqual(expected(drawn.at(-1) ?? drawn[0] ?? view0, columns).rows);
      }),
    );
  });
});

const view0: EditorView = { prompt: continuation, continuation, text: '', cursor: 0 };
