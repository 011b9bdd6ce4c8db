/** What makes V8 compile on threads of its own. */
const COMPILERS = ['--no-concurrent-sparkplug', '--no-maglev', '--no-opt'];

/**
 * Keeps V8 from compiling anything more on threads of its own. Node ends a process by waiting for those threads, and one
 * that needs a garbage collection in the middle waits for the main thread to do it, which never comes: such a process
 * hangs at its end for good (https://github.com/nodejs/node/issues/54918; seen after 100 MB of stdin on a busy machine).
 * Said once a host is open: by then the passphrase of a key, whose derivation is all that a client computes for long, is
 * through. It costs what comes after nothing that can be measured.
 */
export function stopCompilers(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of COMPILERS) setFlagsFromString(flag);
}
