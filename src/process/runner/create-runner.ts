import type { ChildReaper } from '../system/child-reaper.ts';
import type { SystemCalls } from '../system/system-calls.ts';
import { createPipeRunner } from './pipe-runner.ts';
import { createPosixSpawner } from './posix-spawner.ts';
import type { Runner } from './runner.ts';
import { createScriptRunner } from './script-runner.ts';
import { createTerminalRunner } from './terminal-runner.ts';

/** The runner of a daemon: pipes, or a terminal where that is asked for, by the best means of this host. */
export function createRunner(system: SystemCalls, reaper: ChildReaper): Runner {
  const { terminals, posixSpawn } = system;
  const spawner = posixSpawn === null ? null : createPosixSpawner(posixSpawn, reaper);
  const onPipes = createPipeRunner(system, spawner);
  const onTerminals =
    terminals === null || spawner === null ? createScriptRunner() : createTerminalRunner(terminals, spawner);
  return {
    start: (request) => (request.terminal === undefined ? onPipes : onTerminals).start(request),
  };
}
