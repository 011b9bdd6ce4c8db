import { CLIENT_NODE_OPTIONS } from '../runtime/node-variables.ts';

/** What makes V8 compile in threads. */
const COMPILERS = ['--no-concurrent-sparkplug', '--no-maglev', '--no-opt'];

/**
 * Stops V8 from compiling in other threads. Node waits for these threads at its end, and one that needs a garbage collection
 * waits for the main thread to do it, which never comes: the process hangs (https://github.com/nodejs/node/issues/54918; seen
 * after 100 MB of stdin on a busy machine). The launcher starts Node so that V8 compiles on the main thread, and there is
 * nothing to stop. Without the launcher V8 does not optimize any more: the place where it compiles is fixed when Node starts.
 * Called once a host is open, because the derivation of a passphrase, which needs optimized code, comes before that.
 */
export function stopCompilers(): void {
  if (CLIENT_NODE_OPTIONS.every((option) => process.execArgv.includes(option))) return;
  // A host may be opened again and again
  if (process.listeners('exit').includes(startCompilers)) return;
  setFlags(COMPILERS);
  process.prependListener('exit', startCompilers);
}

/** Code that is kept at the end (bin/run-program.js) is taken by a process with the same flags only. */
function startCompilers(): void {
  setFlags(COMPILERS.map((flag) => flag.replace('--no-', '--')));
}

function setFlags(flags: readonly string[]): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of flags) setFlagsFromString(flag);
}
