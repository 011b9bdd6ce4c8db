import type { Place } from '../../../config/yaml-place.ts';

/** Something in a file of tests that cannot be what was meant. */
export interface Mistake {
  readonly file: string;
  readonly place: Place;
  readonly reason: string;
}

/** Stops the reading of one value; the reader of the enclosing map collects the mistake and continues. */
export class MistakeError extends Error {
  override readonly name = 'MistakeError';
  readonly place: Place;

  constructor(place: Place, reason: string) {
    super(reason);
    this.place = place;
  }
}

/** Files of tests that are wrong: nothing of them is run. */
export class SuiteError extends Error {
  override readonly name = 'SuiteError';
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super(mistakes.map(writeMistake).join('\n'));
    this.mistakes = mistakes;
  }
}

/** As compilers write it: `FILE:LINE:COLUMN: REASON`. */
export function writeMistake({ file, place, reason }: Mistake): string {
  return `${file}:${place.line}:${place.column}: ${reason}`;
}

/** In the order of the file, and none twice: a test that is read once for each value of a matrix has its mistakes once. */
export function sortMistakes(mistakes: readonly Mistake[]): readonly Mistake[] {
  const unique = new Map(mistakes.map((mistake) => [writeMistake(mistake), mistake]));
  return [...unique.values()].toSorted(
    (a, b) => a.place.line - b.place.line || a.place.column - b.place.column,
  );
}

/** Returns a name as mistakes show it: in quotes where it would not be seen, or not whole. */
export function showKey(name: string): string {
  return /^\s|\s$|^$/.test(name) ? `'${name}'` : name;
}
