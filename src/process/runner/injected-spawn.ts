import { type SpawnOptions, spawn as spawnByNode } from 'node:child_process';

/** What execa hands on of its options, one of them being ours. */
export interface InjectedOptions extends SpawnOptions {
  /** Makes the child process in the place of Node. */
  readonly spawnInstead?: () => unknown;
}

/**
 * Stands in the place of `spawn` of `node:child_process` in execa (scripts/build/redirect-imports.mjs), so that whoever calls
 * execa may bring the child process along.
 */
export function spawn(file: string, args: readonly string[], options: InjectedOptions): unknown {
  return options.spawnInstead?.() ?? spawnByNode(file, args, options);
}
