import type { execa as Execa } from 'execa';
import { RUN_ID_VARIABLE } from '../system/process-table.ts';
import { type Command, GROUP_OPTIONS } from './command-group.ts';
import type { StartRequest } from './runner.ts';

/** What execa is given for one of the three: a descriptor, or Node's own kind. */
export type Stdio = number | 'pipe' | 'ignore';

/**
 * Starts a command in a session of its own, with nothing but what was asked for.
 * @throws Error what Node throws at once; what it finds out later is the `cause` of the result
 */
export function spawnCommand(
  execa: typeof Execa,
  request: Pick<StartRequest, 'runId' | 'file' | 'args' | 'cwd' | 'environment' | 'argv0'>,
  stdio: readonly [stdin: Stdio, stdout: Stdio, stderr: Stdio],
): Command {
  // The types of execa know descriptors up to 9 only
  const [stdin, stdout, stderr] = stdio as readonly ['pipe', 'pipe', 'pipe'];
  return execa(request.file, request.args, {
    ...GROUP_OPTIONS,
    cwd: request.cwd,
    env: { ...request.environment, [RUN_ID_VARIABLE]: request.runId },
    extendEnv: false,
    ...(request.argv0 === undefined ? {} : { argv0: request.argv0 }),
    stdin,
    stdout,
    stderr,
    buffer: false,
    reject: false,
    cleanup: false,
    forceKillAfterDelay: false,
    windowsHide: true,
  });
}
