import path from 'node:path';

/** What makes a part of a path a pattern. */
const MAGIC = /[*?[\\]/;

/**
 * Returns the paths that a pattern of glob(3) matches, sorted: `*`, `?` and `[...]`, none of which matches a leading dot.
 * Node's own globs have other signs (`{a,b}`, `**`).
 * @param pattern an absolute path
 */
export function globPaths(pattern: string): readonly string[] {
  const { existsSync } = process.getBuiltinModule('node:fs');
  const [, ...parts] = pattern.split('/');
  let found: readonly string[] = ['/'];
  for (const part of parts) {
    if (part === '') continue;
    found = found.flatMap((folder) =>
      MAGIC.test(part)
        ? listFolder(folder)
            .filter((name) => matchesPart(part, name))
            .map((name) => path.join(folder, name))
        : [path.join(folder, part)],
    );
  }
  return found.filter((file) => existsSync(file)).toSorted();
}

function listFolder(folder: string): readonly string[] {
  try {
    return process.getBuiltinModule('node:fs').readdirSync(folder);
  } catch {
    return [];
  }
}

function matchesPart(part: string, name: string): boolean {
  if (name.startsWith('.') && !part.startsWith('.')) return false;
  const source = part.replaceAll(/\\(.)|\[(!|\^)?(\]?[^\]]*)\]|[\s\S]/g, translate);
  try {
    return new RegExp(`^${source}$`, 's').test(name);
  } catch {
    // A set like [z-a] has no characters
    return false;
  }
}

function translate(sign: string, escaped?: string, not?: string, set?: string): string {
  if (escaped !== undefined) return quote(escaped);
  if (set !== undefined) return `[${not === undefined ? '' : '^'}${set.replaceAll(/[\\\]^]/g, '\\$&')}]`;
  if (sign === '*') return '.*';
  return sign === '?' ? '.' : quote(sign);
}

function quote(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
