import { EventEmitter } from 'node:events';
import type { Duplex, Readable, Writable } from 'node:stream';
import { isWhole } from '../run-result.ts';
import type { CommandExit, RemoteRun, RunResult } from '../run-types.ts';
import type { ExecaHost, ExecaOptions } from './execa-options.ts';
import { resolveCallWords, resolveEnvironment } from './resolve-call.ts';
import { connectLocally, planStdio } from './stdio-plan.ts';

type AnyStream = Readable | Writable | Duplex;

/**
 * A command on another host as a ChildProcess of Node: the same fields and events, in the same order. Its pid is known once
 * `spawn` was emitted.
 */
export class RemoteChild extends EventEmitter {
  pid: number | undefined;
  exitCode: number | null = null;
  signalCode: string | null = null;
  killed = false;
  readonly connected = false;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly stdio: (AnyStream | null)[];
  readonly spawnfile: string;
  /** What follows the program. */
  readonly words: readonly string[];
  readonly spawnargs: readonly string[];
  /** As execa has normalized them; `cwd` is the folder on the host. */
  readonly options: ExecaOptions;
  /** What `error` was emitted with. */
  failure: Error | null = null;
  /** Resolves with all that is known of the run; never rejects. */
  readonly outcome: Promise<RunResult<string | Uint8Array>>;
  readonly #run: RemoteRun<string | Uint8Array>;
  /** Those of the command: execa puts its transforms in their place. */
  readonly #streams: readonly (AnyStream | null)[];
  /** The first signal that it was sent. */
  #killedBy: NodeJS.Signals | null = null;
  #state: 'starting' | 'running' | 'ended' = 'starting';

  /** @param stdio the streams that the caller has, by their numbers */
  constructor(
    run: RemoteRun<string | Uint8Array>,
    stdio: (AnyStream | null)[],
    spawnfile: string,
    words: readonly string[],
    options: ExecaOptions,
  ) {
    super();
    this.options = options;
    this.spawnfile = spawnfile;
    this.words = words;
    this.#run = run;
    this.stdio = stdio;
    this.#streams = [...stdio];
    this.stdin = (stdio[0] ?? null) as Writable | null;
    this.stdout = (stdio[1] ?? null) as Readable | null;
    this.stderr = (stdio[2] ?? null) as Readable | null;
    this.spawnargs = [spawnfile, ...words];
    this.outcome = run;
    void this.#follow();
  }

  /**
   * Sends a signal to the command and what it started, which ends with it. False when it has ended. It is sent to the host, and
   * what came of it is told by `exit`.
   */
  kill(signal: NodeJS.Signals | number = 'SIGTERM'): boolean {
    if (this.#state === 'ended') return false;
    this.killed = true;
    if (signal === 0) return true;
    this.#killedBy ??= signal as NodeJS.Signals;
    this.#run.kill(signal as NodeJS.Signals, { tree: ENDING_SIGNALS.includes(signal) });
    return true;
  }

  /** A run keeps its connection, and by it this process, alive. */
  ref(): void {}
  unref(): void {}

  async #follow(): Promise<void> {
    const pid = await this.#run.pid;
    if (pid !== null) {
      this.pid = pid;
      this.#state = 'running';
      this.emit('spawn');
    }
    const exit = pid === null ? null : await this.#run.exited;
    if (exit !== null) return this.#finish(exit);
    const result = await this.outcome;
    if (result.outcome === 'exited' || result.outcome === 'signaled') {
      // A job that ran before has no pid now; whoever waits for its start is told all the same
      if (pid === null) this.emit('spawn');
      return this.#finish(result);
    }
    this.#fail(result);
  }

  #finish({ exitCode, signal }: Pick<CommandExit, 'exitCode' | 'signal'>): void {
    this.#end(exitCode, signal);
    this.emit('exit', exitCode, signal);
    this.#closeWithStreams();
  }

  /** Nothing was run, or nobody knows what became of it. One that was killed before it began ended by that signal. */
  #fail(result: RunResult<string | Uint8Array>): void {
    const wasStarted = this.#state === 'running';
    if (this.killed && result.outcome === 'canceled') {
      if (!wasStarted) this.emit('spawn');
      return this.#finish({ exitCode: result.exitCode, signal: result.signal ?? this.#killedBy });
    }
    this.failure = describeFailure(result, this);
    this.emit('error', this.failure);
    this.#end(result.exitCode, result.signal);
    // In a later turn, as from Node: whoever waits for both looks for this one behind the other
    if (wasStarted) setImmediate(() => this.emit('exit', result.exitCode, result.signal));
    this.#closeWithStreams();
  }

  #end(exitCode: number | null, signal: string | null): void {
    this.#state = 'ended';
    this.exitCode = exitCode;
    this.signalCode = signal;
    this.stdin?.destroy();
  }

  /** As Node does: what nobody reads is thrown away, paused streams flow again, and `close` comes when all streams are. */
  #closeWithStreams(): void {
    const streams = this.#streams.filter((stream): stream is Readable => stream !== null && 'read' in stream);
    setImmediate(() => {
      for (const stream of streams) if (stream.readable) stream.resume();
    });
    const closed = streams.map((stream) =>
      stream.closed ? undefined : new Promise<void>((resolve) => void stream.once('close', resolve)),
    );
    void Promise.all([this.outcome, ...closed]).then(() =>
      this.emit('close', this.exitCode, this.signalCode),
    );
  }
}

/** Signals that are meant to end a command: what it has started is ended with it. */
const ENDING_SIGNALS: readonly unknown[] = ['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGABRT'];

/** Returns the code of a run that has failed; undefined where the exit says all, and execa knows that. */
export function failureCode(result: RunResult<unknown>): string | undefined {
  return isWhole(result) ? undefined : (result.errno ?? result.code ?? result.outcome);
}

/** Returns an error as Node makes it, with the reason of the host. @param cause what failed here because of it */
export function describeFailure(
  told: RunResult<unknown>,
  { spawnfile, spawnargs, options: { cwd } }: RemoteChild,
  cause?: unknown,
): NodeJS.ErrnoException {
  const { outcome, errno, code, reason } = told;
  const options = cause === undefined ? {} : { cause };
  if (errno === null)
    return Object.assign(new Error(`${outcome}: ${reason}`, options), { code: failureCode(told) });
  const syscall = `spawn ${spawnfile}`;
  const short = `${syscall} ${errno}`;
  const what = errno === 'ENOTDIR' ? 'is not a directory' : 'is invalid';
  const message = code === 'CWD_UNUSABLE' ? `The "cwd" option ${what}: ${cwd}.\n${reason}\n${short}` : short;
  return Object.assign(new Error(message, options), { code: errno, syscall, path: spawnfile, spawnargs });
}

/**
 * Runs a command on a host, as `spawn` of `node:child_process` does here.
 * @throws TypeError for what Node's own would not take
 */
export function spawnRemotely(
  host: ExecaHost,
  file: string,
  args: readonly string[],
  options: ExecaOptions,
): RemoteChild {
  const words = resolveCallWords(file, args, options);
  const plan = planStdio(options.stdio);
  const run = host.run(words.file, words.args, {
    cwd: options.cwd,
    env: resolveEnvironment(options.env),
    extendEnv: options.extendEnv,
    stdio: plan.stdio,
    stdin: plan.stdio[0] === 'pipe' ? 'pipe' : 'ignore',
    brokenStdin: 'end',
    buffer: false,
    reject: false,
    ...words.options,
  });
  const stdio = connectLocally(plan, run);
  return new RemoteChild(run, stdio, words.file, words.args, options);
}
