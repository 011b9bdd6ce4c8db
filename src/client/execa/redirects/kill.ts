import type { ExecaOptions } from '../execa-options.ts';
import type { RemoteChild } from '../remote-child.ts';

/** Every command leads a session of its own on its host. */
export function getSpawnOptions(options: ExecaOptions): ExecaOptions {
  return options;
}

/** A signal goes to the host and never to a process of this machine, whatever its pid. */
export function getKillFunction(child: RemoteChild): (signal?: NodeJS.Signals | number) => boolean {
  return (signal) => child.kill(signal);
}

/** A command ends with the connection, which ends with this process: nothing has to be sent at its exit. */
export function cleanupOnExit(): void {}
