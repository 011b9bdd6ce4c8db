import type { SystemCalls } from '../system/system-calls.ts';
import { createPipeRunner } from './pipe-runner.ts';
import type { Runner } from './runner.ts';
import { createScriptRunner } from './script-runner.ts';
import { createTerminalRunner } from './terminal-runner.ts';

/** The runner of a daemon: pipes, or a terminal where that is asked for, by the best means of this host. */
export function createRunner(system: SystemCalls): Runner {
  const pipes = createPipeRunner(system);
  const terminals =
    system.terminals === null ? createScriptRunner(system) : createTerminalRunner(system, system.terminals);
  return {
    start: (request) => (request.terminal === undefined ? pipes : terminals).start(request),
  };
}
