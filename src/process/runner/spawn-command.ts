import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { RexaError } from '../../protocol/errors.ts';
import type { Word } from '../../protocol/word.ts';
import { RUN_ID_VARIABLE } from '../system/process-table.ts';
import type { SpawnPlan } from '../system/system-calls.ts';
import { describeFile } from './check-request.ts';
import { type Command, GROUP_OPTIONS } from './command-group.ts';
import type { InjectedOptions } from './injected-spawn.ts';
import { loadExeca } from './load-execa.ts';
import type { PosixSpawner } from './posix-spawner.ts';
import type { ProgramWords } from './program-words.ts';
import type { StartRequest, Variable } from './runner.ts';
import { isNamed, wordBytes } from './words.ts';

/** What execa is given for one of the three: a descriptor, or Node's own kind. */
export type Stdio = number | 'pipe' | 'ignore';

/** A command that was started. Until its exit is told, the pid can only be its own. */
export interface StartedCommand {
  readonly command: Command;
  readonly pid: number;
}

const OPTIONS = {
  ...GROUP_OPTIONS,
  extendEnv: false,
  buffer: false,
  reject: false,
  cleanup: false,
  forceKillAfterDelay: false,
  windowsHide: true,
} as const;

/**
 * Starts a command in a session of its own by posix_spawn(3), with nothing but what was asked for.
 * @throws Error with `code`: nothing was run. Between the spawn and the return no event is handled
 */
export async function spawnExactly(
  spawner: PosixSpawner,
  request: StartRequest,
  words: ProgramWords,
  stdio: SpawnPlan['stdio'],
): Promise<StartedCommand> {
  const { execa } = await loadExeca();
  const name = describeFile(request);
  const environment = listVariables(request).map(([variable, value]) =>
    Buffer.concat([wordBytes(variable), Buffer.from('='), wordBytes(value)]),
  );
  const plan = { ...words, environment, cwd: wordBytes(request.cwd), stdio };
  const options: InjectedOptions = {
    ...OPTIONS,
    cwd: '/',
    env: {},
    stdio: 'ignore',
    spawnInstead: () => spawner.spawn(plan, name),
  };
  // execa would only check and quote the words, so it gets none of them
  const command: Command = execa(name, [], options as typeof OPTIONS);
  const child = command.nodeChildProcess;
  if (child.pid === undefined) await once(child, 'spawn');
  return { command, pid: child.pid ?? 0 };
}

/**
 * Starts a command by Node's own spawn, in a session of its own, with nothing but what was asked for.
 * @throws RexaError BYTES_UNAVAILABLE, or an Error with `code`: nothing was run
 */
export async function spawnByNode(request: StartRequest, stdio: readonly Stdio[]): Promise<StartedCommand> {
  const { execa } = await loadExeca();
  const args = request.args.map((argument, index) => readText(argument, `argument ${index + 1}`));
  const command: Command = execa(readText(request.file, 'the program'), args, {
    ...OPTIONS,
    cwd: readText(request.cwd, 'the working directory'),
    env: Object.fromEntries(
      listVariables(request).map((variable) => variable.map((word) => readText(word, 'the environment'))),
    ) as Record<string, string>,
    ...(request.argv0 === undefined ? {} : { argv0: readText(request.argv0, "the program's own name") }),
    // The types of execa know descriptors up to 9 only
    ...({ stdio } as unknown as { stdio: 'pipe' }),
  });
  const { pid } = command.nodeChildProcess;
  if (pid !== undefined) return { command, pid };
  const { cause } = await command;
  throw cause;
}

function listVariables({ environment, runId }: StartRequest): readonly Variable[] {
  return [...environment.filter((variable) => !isNamed(variable, RUN_ID_VARIABLE)), [RUN_ID_VARIABLE, runId]];
}

/** Node writes every word as UTF-8. @throws RexaError BYTES_UNAVAILABLE */
function readText(word: Word, what: string): string {
  if (typeof word === 'string') return word;
  if (isUtf8(word)) return wordBytes(word).toString();
  throw new RexaError('BYTES_UNAVAILABLE', [what]);
}
