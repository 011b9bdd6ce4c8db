import { showText } from '../../protocol/show-text.ts';

/** Writes a line to stderr, as the program's errors are written. */
export function say(text: string): void {
  process.stderr.write(`rexad: ${showText(text)}\n`);
}

/** Writes rows of a name and a value to stdout. */
export function printRows(rows: readonly (readonly [name: string, value: string])[]): void {
  const shown = rows.map(([name, value]) => [showText(name), showText(value)] as const);
  const width = Math.max(...shown.map(([name]) => name.length));
  for (const [name, value] of shown)
    process.stdout.write(`${name.padEnd(width)}  ${value}`.trimEnd().concat('\n'));
}
