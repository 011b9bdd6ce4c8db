/** A slip is at most this many letters wrong, in a name at least twice as long. */
const MAX_SLIPS = 2;

/** The name that was probably meant, or null when none is near. `-` and `_` and capitals count for nothing. */
export function findClosestName(written: string, names: Iterable<string>): string | null {
  const wanted = simplify(written);
  let closest: string | null = null;
  let fewest = Math.min(MAX_SLIPS, Math.floor(wanted.length / 2)) + 1;
  for (const name of names) {
    const slips = countSlips(wanted, simplify(name));
    if (slips < fewest) {
      fewest = slips;
      closest = name;
    }
  }
  return closest;
}

/** Returns the end of a message about an unknown name: the one that was probably meant, or `otherwise`. */
export function suggestClosest(written: string, names: Iterable<string>, otherwise = ''): string {
  const closest = findClosestName(written, names);
  return closest === null ? otherwise : `; did you mean ${closest}?`;
}

function simplify(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '');
}

/** Letters left out, added, changed, or swapped with their neighbour: the restricted Damerau-Levenshtein distance. */
function countSlips(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = at(previous, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = isSwap ? at(beforePrevious, column - 2) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(at(previous, column) + 1, at(current, column - 1) + 1, change, swap));
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
