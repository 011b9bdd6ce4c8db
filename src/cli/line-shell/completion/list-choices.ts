import { showText } from '../../../protocol/show-text.ts';
import { measureText } from '../editor/graphemes.ts';

const GAP_COLUMNS = 2;

/** Puts words into columns, read downwards, as `ls` does; what the terminal has no rows for is counted in the end. */
export function listChoices(
  words: readonly string[],
  { columns, rows }: { readonly columns: number; readonly rows: number },
  isCut: boolean,
): string[] {
  const shown = words.map(showText);
  const cellColumns = Math.max(...shown.map(measureText)) + GAP_COLUMNS;
  const perRow = Math.max(1, Math.floor(columns / cellColumns));
  const mostRows = Math.max(1, rows - 2);
  const kept = shown.slice(0, mostRows * perRow);
  const height = Math.ceil(kept.length / perRow);
  const lines = Array.from({ length: height }, (_, row) =>
    Array.from({ length: perRow }, (__, column) => kept[column * height + row] ?? '')
      .map((word) => word + ' '.repeat(cellColumns - measureText(word)))
      .join('')
      .trimEnd(),
  );
  const more = shown.length - kept.length;
  if (more > 0 || isCut) lines.push(`… and ${isCut ? `more than ${more}` : more} more`);
  return lines;
}
