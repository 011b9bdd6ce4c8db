import { RexaError } from '../protocol/errors.ts';
import type { Word } from '../protocol/word.ts';
import type { RunOptions } from './run-types.ts';
import { withoutUndefined } from './without-undefined.ts';

/** What a caller of `host.run` gave, told apart. */
export interface RunCall {
  readonly file: Word;
  readonly args: readonly Word[];
  readonly options: RunOptions;
}

/** Every option there is: one that is misspelled must not be passed over, or a command runs elsewhere than was meant. */
const OPTION_NAMES: Readonly<Record<keyof RunOptions, true>> = {
  argv0: true,
  brokenStdin: true,
  buffer: true,
  cancelSignal: true,
  cwd: true,
  encoding: true,
  encodingErrors: true,
  env: true,
  extendEnv: true,
  forceKillAfterDelay: true,
  forwardAgent: true,
  handleAgentProblem: true,
  lasting: true,
  handleHeld: true,
  handleWaiting: true,
  heldPipes: true,
  id: true,
  input: true,
  inputEncoding: true,
  lifetime: true,
  localPrograms: true,
  maxBuffer: true,
  offeredEnv: true,
  reject: true,
  session: true,
  shell: true,
  sshVariables: true,
  stderr: true,
  stdin: true,
  stdio: true,
  subsystem: true,
  terminal: true,
  timeout: true,
};

/**
 * Reads `run(file)`, `run(file, args)`, `run(file, options)` and `run(file, args, options)`, as execa does. Callers
 * without types get an error where others would not compile.
 * @throws RexaError USAGE
 */
export function readCall(file: unknown, second?: unknown, third?: unknown): RunCall {
  if (!isWord(file)) throw new RexaError('USAGE', ['the program is a string or a Uint8Array']);
  const given = second === undefined || Array.isArray(second);
  const args: unknown[] = given ? ((second as unknown[] | undefined) ?? []) : [];
  const options: unknown = (given ? third : second) ?? {};
  const wrong = args.findIndex((argument) => !isWord(argument));
  if (wrong !== -1)
    throw new RexaError('USAGE', [`argument ${wrong + 1} is neither a string nor a Uint8Array`]);
  if (typeof options !== 'object' || options === null) {
    throw new RexaError('USAGE', ['the arguments are an array, and the options an object']);
  }
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(OPTION_NAMES, name));
  if (unknown !== undefined) throw new RexaError('USAGE', [`host.run has no option ${unknown}`]);
  return { file, args: args as Word[], options: withoutUndefined(options) };
}

function isWord(value: unknown): value is Word {
  return typeof value === 'string' || value instanceof Uint8Array;
}
