import { posix } from 'node:path';

/** Paths of the host: what is no path stays a name that is looked up there, and nothing starts from this process's folder. */
function resolve(from: string, to: string): string {
  return to.includes('/') ? joinPaths(from, to) : to;
}

/** Returns a path from a folder on; a relative one where that is relative. */
export function joinPaths(from: string, to: string): string {
  return posix.isAbsolute(to) ? posix.normalize(to) : posix.join(from, to);
}

// biome-ignore lint/style/noDefaultExport: execa imports it so
export default { ...posix, resolve };

/** The host puts the folders of local programs in front of its own PATH, which is not known here. */
export function npmRunPathEnv<Environment>({ env }: { readonly env: Environment }): Environment {
  return env;
}
