import type { OpenHost } from '../../../client/host.ts';
import { readOwnVariables } from '../../../client/own-charset.ts';
import { failedResult } from '../../../client/run-result.ts';
import type { RemoteRun, RunOptions, RunResult } from '../../../client/run-types.ts';
import { recoverEnvironment } from '../../../command-line/own-bytes.ts';
import { ACCOUNT_VARIABLES } from '../../../protocol/account-variables.ts';
import { RexaError } from '../../../protocol/errors.ts';
import type { Word } from '../../../protocol/word.ts';
import { needsBytes } from '../assertions/output-fields.ts';
import { MAX_OUTPUT_BYTES } from '../limits.ts';
import { expandVariables } from '../parse/expand-variables.ts';
import type { Step } from '../suite.ts';
import { type CommandResult, resultOfFailedOpen } from './failed-open.ts';
import type { HostConnection } from './host-connection.ts';

/** What runs lines, as in commander. */
const SHELL = '/bin/sh';

/** How a command is run that is not only waited for. */
export interface Conduct {
  readonly options: RunOptions;
  follow(run: RemoteRun<string | Uint8Array>): Promise<RunResult<string | Uint8Array>>;
}

const WAIT: Conduct = { options: {}, follow: (run) => run };

/** Runs a command of a file once. Never throws: what goes wrong is its outcome. */
export async function runCommand(
  connection: HostConnection,
  called: string,
  step: Step,
  id: string | null,
  signal: AbortSignal,
  conduct: Conduct = WAIT,
): Promise<CommandResult> {
  let host: OpenHost;
  try {
    host = await raceAbort(connection.open(), signal);
  } catch (error) {
    return resultOfFailedOpen(called, error, makeOptions(step, null, signal));
  }
  const options = { ...makeOptions(step, id, signal), ...conduct.options };
  const { command } = step.run;
  const start = (): RemoteRun<string | Uint8Array> => {
    if (command.kind === 'argv') return host.run(command.argv[0] ?? '', command.argv.slice(1), options);
    // A plain-text peer takes lines alone
    if (called.startsWith('ready://')) return host.run(command.line, { ...options, shell: true });
    return host.run(SHELL, ['-c', command.line], options);
  };
  try {
    return await conduct.follow(start());
  } catch (error) {
    if (!(error instanceof RexaError)) throw error;
    return failedResult(called, id ?? '', 'not-started', error, options);
  }
}

function makeOptions({ run, expect }: Step, id: string | null, signal: AbortSignal): RunOptions {
  const { dir, env, inheritsEnv, timeoutMs, stdin, encoding } = run;
  const isBytes = encoding === null && (needsBytes(expect.stdout) || needsBytes(expect.stderr));
  const chosen = encoding ?? (isBytes ? 'binary' : null);
  return {
    reject: false,
    cancelSignal: signal,
    maxBuffer: MAX_OUTPUT_BYTES,
    env: {
      ...(inheritsEnv ? pickAccount(readOwnVariables(recoverEnvironment().variables, false)) : {}),
      ...Object.fromEntries([...env].map(([name, value]) => [name, expandVariables(value, process.env)])),
    },
    // What a host refuses of it is left out there
    ...(inheritsEnv ? { offeredEnv: readOwnVariables(recoverEnvironment().variables, false) } : {}),
    ...(dir === null ? {} : { cwd: dir }),
    ...(timeoutMs === null ? {} : { timeout: timeoutMs }),
    ...(stdin === null ? {} : { input: stdin }),
    ...(chosen === null ? {} : { encoding: chosen }),
    ...(id === null ? {} : { id }),
  };
}

/** Rejects when the signal comes first: connecting to a host that hangs must not hold up an interrupt. */
async function raceAbort<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new RexaError('CANCELED'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** What a host takes where it is asked for, and keeps its own of where it is only offered. */
function pickAccount(own: Readonly<Record<string, Word>>): Readonly<Record<string, Word>> {
  const found = ACCOUNT_VARIABLES.map((name) => [name, own[name]] as const);
  return Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
