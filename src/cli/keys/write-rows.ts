import { showText } from '../../protocol/show-text.ts';

/** Writes rows as an indented table; `none` where there are none. */
export function writeRows(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '  none\n';
  const shown = rows.map((row) => row.map(showText));
  const widths = (shown[0] ?? []).map((_, column) =>
    Math.max(...shown.map((row) => row[column]?.length ?? 0)),
  );
  return shown
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
