import type { RexaError } from '../../protocol/errors.ts';

/** What lines are given to: a host of ours, or a Ready/Start peer. The shell knows nothing else of either. */
export interface Backend {
  /** Whether typed text can reach a command. */
  readonly takesInput: boolean;
  /** Whether a submission may have several lines. */
  readonly takesBlocks: boolean;
  /** The line that ends the shell on the host; null: there is nothing there to end. */
  readonly exitLine: string | null;
  /**
   * Connects, and finds out what is there.
   * @throws RexaError when that fails
   */
  open(): Promise<ShellGreeting>;
  /** Gives a line to be run. Connects again if that is needed. Never throws: what happens is told by `ended`. */
  submit(line: SubmittedLine, output: LineOutput): RunningLine;
  /**
   * What the word at the end of a line could be; null where the backend can't tell.
   * @throws RexaError
   */
  complete(question: CompletionQuestion, signal: AbortSignal): Promise<CompletionAnswer | null>;
  /** Resolves when the connection that is there now is lost; null when it was closed in order. */
  loss(): Promise<RexaError | null>;
  /** Leaves nothing behind on the host. Never throws. @returns what goes on there, in words */
  close(): Promise<readonly string[]>;
}

/** What is said once at the start, and where lines will be run. */
export interface ShellGreeting {
  readonly sentences: readonly string[];
  readonly place: Place;
}

/** Where the next line will be run: all that the prompt says of it. */
export interface Place {
  readonly host: string;
  /** Null where the other side has none to tell. */
  readonly folder: string | null;
  /** What `~` stands for. */
  readonly home: string | null;
  readonly isRoot: boolean;
}

export interface SubmittedLine {
  /** Byte text (see `readByteText`). */
  readonly text: string;
  /** Run it even if its end is missing, so that the host's shell says what is wrong. */
  readonly isLast: boolean;
  /** What commands may know of our terminal; null: there is none. */
  readonly terminal: { readonly type: string; readonly columns: number; readonly rows: number } | null;
}

export type OutputStream = 'stdout' | 'stderr';

/** Where the output of a line goes. */
export interface LineOutput {
  /** Resolves when it was taken, which is the backpressure. Never rejects. */
  write(stream: OutputStream, bytes: Uint8Array): Promise<void>;
  /** Some of what was typed was not sent: why. */
  refuse(sentence: string): void;
  /** Whether what is typed is shown from now on: false while a secret is asked for. */
  setEcho(isOn: boolean): void;
  /** How long the whole output will be. */
  announce(sizeBytes: number): void;
}

/** A line that is being run. */
export interface RunningLine {
  /** Resolves when the prompt may come: all output that the line itself made has been written. Never rejects. */
  readonly ended: Promise<LineEnd>;
  /** Resolves when nothing more comes of it; jobs in the background may write until then. Never rejects. */
  readonly over: Promise<LineOver>;
  /** More of its stdin. */
  write(text: string): void;
  endInput(): void;
  signal(name: 'SIGINT' | 'SIGQUIT'): void;
  /** Ends all its processes. */
  cancel(): void;
  /** Waits no longer: what became of it stays unknown. */
  abandon(): void;
}

/** How a line ended, for the next prompt. */
export interface LineEnd {
  /** `incomplete`: its end is missing, nothing was run. `refused`: nor was anything for another reason. `leave`: it ended the shell. */
  readonly kind: 'incomplete' | 'refused' | 'ended' | 'leave';
  /** Whether the shell of the host was ended in the middle of it. */
  readonly isEarly: boolean;
  /** What stands in the next prompt; null: it succeeded. */
  readonly label: string | null;
  /** What the shell's own exit status would be now. */
  readonly exitStatus: number;
  /** What should be said of it. */
  readonly notes: readonly string[];
  /** Typed text that no program has read. */
  readonly typedAhead: string;
  /** Pids of what it left in the background. */
  readonly jobs: readonly number[];
  readonly place: Place;
}

export interface LineOver {
  readonly notes: readonly string[];
}

/** A word to be completed, without its quotes. The host evaluates nothing of it but `base`. */
export interface CompletionQuestion {
  /** `program`: a path in the place of a command. */
  readonly kind: 'command' | 'program' | 'path' | 'folder';
  /** `~`, `~user` or `$NAME` in front of the word; empty without one. */
  readonly base: string;
  /** What stands behind the base. */
  readonly word: string;
}

/** Words without quotes, and without the base; folders end in a slash. */
export interface CompletionAnswer {
  readonly words: readonly string[];
  /** There were more than are given here. */
  readonly isCut: boolean;
}
