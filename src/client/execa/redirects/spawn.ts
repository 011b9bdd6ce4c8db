import { type ExecaOptions, hostOf } from '../execa-options.ts';
import { type RemoteChild, spawnRemotely } from '../remote-child.ts';

/** Stands in the place of `spawn` of `node:child_process`: the command runs on the host that the options are bound to. */
export function spawn(file: string, args: readonly string[], options: ExecaOptions): RemoteChild {
  return spawnRemotely(hostOf(options), file, args, options);
}
