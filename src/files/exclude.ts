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
      parts.push({ kind: 'across' });
      at++;
    } else if (character === '*') {
      parts.push({ kind: 'any' });
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
  /** Positions in the pattern that the text so far leads to. */
  let reached = close(glob, new Set([0]));
  for (const character of text) {
    const next = new Set<number>();
    for (const at of reached) {
      const part = glob[at];
      if (part === undefined) continue;
      if (part.kind === 'one' ? part.matches(character) : part.kind === 'across' || character !== '/')
        next.add(part.kind === 'one' ? at + 1 : at);
    }
    if (next.size === 0) return false;
    reached = close(glob, next);
  }
  return reached.has(glob.length);
}

/** Adds what is reached without a character. */
function close(glob: Glob, positions: Set<number>): Set<number> {
  // A set that grows is visited to its end
  for (const at of positions) {
    const part = glob[at];
    if (part !== undefined && part.kind !== 'one') positions.add(at + 1);
  }
  return positions;
}
