/** A line of a difference: `-` expected, `+` actual, a space both. */
export interface DifferenceLine {
  readonly mark: '-' | '+' | ' ' | '@';
  readonly text: string;
}

/** Lines of both that stand around a difference. */
const CONTEXT_LINES = 3;

/** The lines in which two texts differ. */
export async function compareLines(expected: string, actual: string): Promise<readonly DifferenceLine[]> {
  const { structuredPatch } = await import('diff');
  const patch = structuredPatch('', '', endLine(expected), endLine(actual), undefined, undefined, {
    context: CONTEXT_LINES,
    timeout: 2_000,
  });
  // Too different to be compared in time
  if (patch === undefined) return [...markLines('-', expected), ...markLines('+', actual)];
  return patch.hunks.flatMap(({ oldStart, lines }) => [
    ...(patch.hunks.length > 1 ? [{ mark: '@' as const, text: `line ${oldStart}` }] : []),
    ...lines
      .filter((line) => !line.startsWith('\\'))
      .map((line) => ({ mark: line.charAt(0) as '-' | '+' | ' ', text: line.slice(1) })),
  ]);
}

function endLine(text: string): string {
  return text === '' ? '' : `${text}\n`;
}

function markLines(mark: '-' | '+', text: string): readonly DifferenceLine[] {
  return text.split('\n').map((line) => ({ mark, text: line }));
}
