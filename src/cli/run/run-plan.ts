import type { Readable } from 'node:stream';
import type { OpenHost } from '../../client/host.ts';
import type { OpenOptions } from '../../client/open-host.ts';
import type { RemoteRun, RunOptions, RunResult, StartedJob } from '../../client/run-types.ts';
import type { Word } from '../../protocol/word.ts';
import type { CancelCause, CutOutput } from '../exit-status.ts';
import type { Forwards } from '../forward/open-forwards.ts';
import type { ByteSink } from '../output/byte-sink.ts';
import type { Messages } from '../output/messages.ts';
import type { LocalTerminal } from '../terminal/local-terminal.ts';
import type { PredictChoice } from '../terminal/prediction/predict-choice.ts';
import type { ContinuedOutput } from './continued-output.ts';
import type { InterruptRules, SignalSource } from './interrupts.ts';

/** A run as the command line asks for it. */
export interface RunPlan {
  readonly address: string;
  /** The user that it should run as; null: that of the daemon. */
  readonly user: string | null;
  /** The program, or with `options.shell` a line; empty for a login shell. */
  readonly file: Word;
  readonly args: readonly Word[];
  readonly options: Omit<RunOptions, 'stdin' | 'input' | 'buffer' | 'reject'>;
  readonly sendsStdin: boolean;
  /** Whether the output is kept for the result instead of being streamed. */
  readonly keepsOutput: boolean;
  readonly connectTimeoutMs: number | undefined;
  /** What is taken up instead of a command that is started: a job. `file` and `args` are for messages then. */
  readonly begin?: (host: OpenHost, options: RunOptions) => RemoteRun<string | Uint8Array>;
  /** What has been passed on already of stdout and stderr, over earlier connections. */
  readonly continued?: readonly [ContinuedOutput, ContinuedOutput];
  /** Called before bytes of our stdin are sent. */
  readonly handleInput?: () => void;
  /** What signals to us do. Default: `run`; by all others the run is left, and goes on, where we can't. */
  readonly interrupts?: InterruptRules;
  /** What is said of a running job that was taken up, on a terminal: how to leave it. */
  readonly announce?: (job: StartedJob) => string;
  /** Leave as soon as the job is there, and print its id. */
  readonly detaches?: boolean;
  /** A terminal on the host, joined to our own; absent: pipes. */
  readonly terminal?: TerminalPlan;
}

/** How a terminal is used. */
export interface TerminalPlan {
  /** One ASCII character that is for rexa itself behind a newline; null: none is. Undefined: the host's, or the usual one. */
  readonly escape: string | null | undefined;
  /** When keys are shown before the host has echoed them. Undefined: the default. */
  readonly predict?: PredictChoice | undefined;
  /** False: `~C` is disabled. */
  readonly hasCommandLine?: boolean | undefined;
  /** Set for a session, which goes on when it is left. */
  readonly session?: SessionOnTerminal | undefined;
}

/** What the terminal has to do with a session of the host. */
export interface SessionOnTerminal {
  /** What is said when it was left. */
  describeLeft(): string;
  /** Which session it is, and who is attached: a line each. */
  describe(): readonly string[];
  /** Asks for the whole screen again. */
  repaint(): void;
  /** Measures the way to the host that the session is at now. @param host the one that it was opened at */
  ping(host: OpenHost): Promise<number>;
  /** Calls with what a person should know of it; at once with what is known already. */
  follow(notify: (text: string) => void): void;
}

/** What a run touches of the process that it is conducted from. */
export interface ProcessContext {
  /** Opens a host as it was called; what options and configuration say of it is known there. */
  open(address: string, options: OpenOptions): Promise<OpenHost>;
  /** How long a lost terminal is looked for; undefined: the default. */
  readonly reconnectForMs?: number | undefined;
  /** Opens a host again whose connection was lost, quietly. @throws RexaError */
  reopen(address: string, options: { readonly user?: string }): Promise<OpenHost>;
  /** Called when the command has started, and only if it gets our stdin: what is not needed is not read. */
  openStdin(): Readable;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  readonly signals: SignalSource;
  readonly messages: Messages;
  /** Waited for when a command has ended by itself, before the host is left. Absent: nothing is. */
  beforeGoaway?(): Promise<void>;
  /** The forwardings of the host that is open. Absent: none can be made. */
  forwards?(): Forwards | null;
  /** Called for a run on a terminal alone. */
  openTerminal(): Promise<LocalTerminal>;
}

/** What became of it. */
export interface ConductedRun {
  readonly result: RunResult<string | Uint8Array>;
  /** Bytes that were taken from our stdin. */
  readonly takenBytes?: number;
  /** Whether an earlier attempt of ours has started it, and lost it. */
  readonly isOwn?: boolean;
  /** Why we canceled it, if we did. */
  readonly cause: CancelCause | null;
  readonly cut?: CutOutput | null;
  /** Why we left a job that goes on, if we did; `detached`: as it was asked for. */
  readonly left?: CancelCause | 'detached' | null;
  /** Whether the job that we left ends with its last client. */
  readonly endsWithClient?: boolean;
  /** Its user has left a session on a terminal (`~.`): what is said of that, in place of the outcome. */
  readonly disconnected?: string;
}
