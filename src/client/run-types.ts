import type { Readable, Writable } from 'node:stream';
import type { LinkStatus } from '../link/reconnect.ts';
import type { OutcomeName, Receipts } from '../protocol/outcome.ts';

/** Options of `host.run`, named as execa names them. */
export interface RunOptions {
  /** Where to run: absolute, or relative to the home folder. Default: the home folder of the daemon's user. */
  readonly cwd?: string;
  /** Added to the host's clean environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** `file` is a line for the login shell of the host, run as `$SHELL -c`; then there are no `args`. */
  readonly shell?: boolean;
  /** The whole stdin; `stdin` is left out beside it. A stream that fails cancels the run. */
  readonly input?: string | Uint8Array | Readable;
  /** `pipe`: write to `run.stdin` and end it; `ignore` (default): the command's stdin is empty. */
  readonly stdin?: 'pipe' | 'ignore';
  /** Ends the process tree after so many milliseconds; the outcome is `timed-out`. 0 (default): never. */
  readonly timeout?: number;
  /** Milliseconds from SIGTERM to SIGKILL when a tree is ended. Default 5000. */
  readonly forceKillAfterDelay?: number;
  /** `host` (default), `auto`, `binary`, or any encoding that iconv-lite knows. */
  readonly encoding?: string;
  /** The encoding of stdin, arguments, cwd and environment. Default: the same. */
  readonly inputEncoding?: string;
  /** False: nothing is kept, read `run.stdout` and `run.stderr` yourself (both of them). Default true. */
  readonly buffer?: boolean;
  /** What is kept of each stream, in bytes; beyond it the result is `truncated`. Default 64 MiB. */
  readonly maxBuffer?: number;
  /** False: every outcome is returned. Default true: only `exited` with code 0 is, others reject with a RunError. */
  readonly reject?: boolean;
  /** Cancels the run: the process tree is ended; the outcome is `canceled`. */
  readonly cancelSignal?: AbortSignal;
  /** The run's id; random if it is not given. */
  readonly id?: string;
}

/** What became of a run, whatever it was: the fields of `rexa run --json`. */
export interface RunResult<Output = string> {
  readonly v: 1;
  readonly id: string;
  readonly jobId: string | null;
  /** The address as it was given. */
  readonly host: string;
  readonly outcome: OutcomeName;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The catalogue's code behind `reason`; matched on, while the sentence may change. Not part of the JSON. */
  readonly code: string | null;
  readonly reason: string | null;
  /** Empty with `buffer: false`; with `encoding: 'binary'` a Uint8Array. */
  readonly stdout: Output;
  readonly stderr: Output;
  readonly truncated: boolean;
  readonly encoding: Receipts;
  readonly bytes: { readonly stdin: number; readonly stdout: number; readonly stderr: number };
  readonly durationMs: number;
  /** How often the connection was lost and resumed. */
  readonly resumed: number;
  readonly survivors: readonly number[];
  readonly pipeHeldBy: readonly number[];
}

/** A command that is being run: the promise of its result, and its streams meanwhile. */
export interface RemoteRun<Output = string> extends Promise<RunResult<Output>> {
  readonly id: string;
  /** The process's id on the host; null when it never started. */
  readonly pid: Promise<number | null>;
  /** Null unless `stdin: 'pipe'`. */
  readonly stdin: Writable | null;
  /** UTF-8, or raw bytes with `encoding: 'binary'`. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Sends a signal to the command's process group. */
  kill(signal?: NodeJS.Signals): void;
  /** Ends the process tree; the outcome is `canceled`. */
  cancel(): void;
  /** Leaves at once without waiting for the daemon's word: the outcome is `lost`, the tree is ended there. */
  abandon(): void;
}

/** A connected host. `await using host = await connect('local')` closes it at the end of the block. */
export interface Host {
  /** The address as it was given. */
  readonly address: string;
  /** The daemon's name and version, its protocol and its own encoding. */
  readonly peer: { readonly agent: string; readonly protocol: number; readonly encoding: string };
  /**
   * Runs a command: exactly these arguments, no shell in between (unless `shell` is set).
   * Rejects with RunError when it did not exit with code 0 (unless `reject` is false).
   * @throws RexaError USAGE for a call that could not mean anything
   */
  run(
    file: string,
    args: readonly string[],
    options: RunOptions & { encoding: 'binary' },
  ): RemoteRun<Uint8Array>;
  run(file: string, args?: readonly string[], options?: RunOptions): RemoteRun;
  run(file: string, options: RunOptions): RemoteRun;
  /** A round trip to the daemon in milliseconds. @throws RexaError LINK_LOST */
  ping(): Promise<number>;
  /** Says goodbye; runs that still go on are ended there. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of `connect`. */
export interface ConnectOptions {
  /** Milliseconds for the connection, and for the daemon's hello. Default 10000; 0: no limit. */
  readonly timeout?: number;
  /** Called with what happens on the way to a connection, for logs (`-v`). */
  readonly log?: (line: string) => void;
  /** Milliseconds from the loss of a connection in which another one is looked for. Default 60000; 0: none is. */
  readonly reconnectFor?: number;
  /** Called while a lost connection is looked for again: for who shows that. */
  readonly handleStatus?: (status: LinkStatus) => void;
}
