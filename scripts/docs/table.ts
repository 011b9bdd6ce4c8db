/**
 * Returns a table in Markdown.
 * @param figures how many of the last columns hold figures, which are aligned on the right
 */
export function makeTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  figures = 0,
): string {
  const rule = head.map((_, index) => (index < head.length - figures ? '---' : '---:'));
  return [head, rule, ...rows].map(makeRow).join('\n');
}

function makeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
