/** Decides whether an entry is left out. @param path relative to the source, without a slash in front */
export type Exclude = (path: string, isFolder: boolean) => boolean;

/**
 * Makes a filter of patterns: `*` and `?` match within a name, `**` across names, `[…]` one of several characters. A pattern
 * with a slash in it is matched from the source on, another one with each name; a slash at the end means folders only.
 */
export function compileExcludes(patterns: readonly string[]): Exclude {
  const compiled = patterns.map(compile);
  return (path, isFolder) => compiled.some((matches) => matches(path, isFolder));
}

function compile(pattern: string): Exclude {
  const isOfFolders = pattern.endsWith('/');
  const body = isOfFolders ? pattern.slice(0, -1) : pattern;
  const isAnchored = body.includes('/');
  const glob = parseGlob(body.replace(/^\//, ''));
  return (path, isFolder) => {
    if (isOfFolders && !isFolder) return false;
    return matchesGlob(glob, isAnchored ? path : path.slice(path.lastIndexOf('/') + 1));
  };
}

type GlobPart =
  | { readonly kind: 'any' }
  | { readonly kind: 'across' }
  | { readonly kind: 'one'; readonly matches: (character: string) => boolean };

/** A pattern that `matchesGlob` compares. */
export type Glob = readonly GlobPart[];

/** Parses a pattern; a bracket that is not closed is a character. */
export function parseGlob(pattern: string): Glob {
  const parts: GlobPart[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? '';
    const set = character === '[' ? /^\[([!^]?)(\]?[^\]]*)\]/.exec(pattern.slice(at)) : null;
    if (pattern.startsWith('**', at)) {
      addStar(parts, 'across');
      at++;
    } else if (character === '*') {
      addStar(parts, 'any');
    } else if (character === '?') {
      parts.push({ kind: 'one', matches: (given) => given !== '/' });
    } else if (set === null) {
      const literal = character === '\\' && at + 1 < pattern.length ? (pattern[++at] ?? '') : character;
      parts.push({ kind: 'one', matches: (given) => given === literal });
    } else {
      parts.push({ kind: 'one', matches: readSet(set[2] ?? '', set[1] !== '') });
      at += set[0].length - 1;
    }
  }
  return parts;
}

/** Several stars in a row match what the strongest of them does. */
function addStar(parts: GlobPart[], kind: 'any' | 'across'): void {
  const last = parts.at(-1);
  if (last === undefined || last.kind === 'one') parts.push({ kind });
  else if (kind === 'across') parts.splice(-1, 1, { kind });
}

function readSet(body: string, isNegated: boolean): (character: string) => boolean {
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < body.length; at++) {
    const from = body[at] ?? '';
    const isRange = body[at + 1] === '-' && at + 2 < body.length;
    ranges.push([from, isRange ? (body[at + 2] ?? '') : from]);
    if (isRange) at += 2;
  }
  return (given) => given !== '/' && ranges.some(([from, to]) => from <= given && given <= to) !== isNegated;
}

/** Returns whether a text matches as a whole. The time is at most pattern × text, whatever the pattern is. */
export function matchesGlob(glob: Glob, text: string): boolean {
  /** The number of characters after which each position in the pattern was reached last. */
  const seen = new Int32Array(glob.length + 1).fill(-1);
  let reached: number[] = [];
  let next: number[] = [];
  reach(glob, seen, reached, 0, 0);
  let count = 0;
  for (const character of text) {
    count++;
    for (const at of reached) {
      const part = glob[at];
      if (part === undefined) continue;
      if (part.kind === 'one' ? part.matches(character) : part.kind === 'across' || character !== '/')
        reach(glob, seen, next, part.kind === 'one' ? at + 1 : at, count);
    }
    if (next.length === 0) return false;
    [reached, next] = [next, reached];
    next.length = 0;
  }
  return seen[glob.length] === count;
}

/** Adds a position, and what is reached from it without a character. */
function reach(glob: Glob, seen: Int32Array, positions: number[], from: number, count: number): void {
  for (let at = from; seen[at] !== count; at++) {
    seen[at] = count;
    positions.push(at);
    const part = glob[at];
    if (part === undefined || part.kind === 'one') return;
  }
}
