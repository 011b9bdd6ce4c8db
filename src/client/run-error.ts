import { RexaError } from '../protocol/errors.ts';
import { showText } from '../protocol/show-text.ts';
import type { RunResult } from './run-types.ts';

/** What of stderr stands in a message: its last lines. */
const SHOWN_STDERR_LINES = 10;
const SHOWN_STDERR_CHARACTERS = 2_000;

/** What a run's error tells beside its result. */
export interface RunErrorFacts {
  /** What was asked for, as it would be typed: `rexa run HOST -- …`. */
  readonly command: string;
  /** What made it end: the reason of the `cancelSignal`, or the error of its input. */
  readonly cause?: unknown;
}

/** A run that did not exit with code 0, or whose output is not whole. `result` says what became of it. */
export class RunError extends RexaError {
  override readonly name = 'RunError';
  /** What the host's system calls it where a command could not be started, such as ENOENT; then `code` is the same, as in Node. */
  readonly errno: string | null;
  readonly result: RunResult<string | Uint8Array>;
  /** The command line that asks for the same from a shell. */
  readonly command: string;
  readonly host: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The last lines of stderr, as text that is safe to show; empty where none was kept. */
  readonly stderrTail: string;

  constructor(result: RunResult<string | Uint8Array>, { command, cause }: RunErrorFacts) {
    super('RUN_FAILED', [describeResult(result), command], cause === undefined ? undefined : { cause });
    this.result = result;
    this.command = command;
    this.host = result.host;
    this.exitCode = result.exitCode;
    this.signal = result.signal;
    this.errno = result.errno;
    const code = result.errno ?? result.code;
    if (code !== null) Object.assign(this, { code });
    this.stderrTail = cutTail(result.stderr);
    if (this.stderrTail !== '') this.message += `\n${this.stderrTail}`;
  }
}

function cutTail(stderr: string | Uint8Array): string {
  const text = typeof stderr === 'string' ? stderr : Buffer.from(stderr).toString();
  const lines = text.slice(-SHOWN_STDERR_CHARACTERS).trimEnd().split('\n');
  return lines.slice(-SHOWN_STDERR_LINES).map(showText).join('\n');
}

function describeResult(result: RunResult<unknown>): string {
  const incomplete = result.code === null ? '' : `, but ${result.reason}`;
  const cut = result.truncated && result.code === null ? ', but its output is longer than maxBuffer' : '';
  if (result.outcome === 'exited')
    return `the command exited with code ${result.exitCode}${incomplete}${cut}`;
  if (result.outcome === 'signaled') return `the command was ended by ${result.signal}${incomplete}${cut}`;
  return `${result.outcome}: ${result.reason}`;
}
