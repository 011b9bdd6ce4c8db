import path from 'node:path';
import { isatty, type ReadStream, type WriteStream } from 'node:tty';
import { memoryFolder } from '../../places/config-folder.ts';
import { EXIT_REXA_FAILED, EXIT_STDOUT_CLOSED } from '../exit-status.ts';
import { reportFailure } from '../host/report-failure.ts';
import type { Messages } from '../output/messages.ts';
import { openStandardInput, openStandardSink, standardTerminal } from '../output/standard-streams.ts';
import type { SignalSource } from '../run/interrupts.ts';
import type { ColorChoice } from '../tables/common.ts';
import type { Backend, LineOutput } from './backend.ts';
import { openHistory } from './history/history-file.ts';
import { startInteractiveShell } from './interactive/shell.ts';
import { runScript } from './script-mode.ts';
import { createScreen, type OutputTarget, type Screen } from './terminal/screen.ts';

export interface ShellOptions {
  readonly backend: Backend;
  readonly messages: Messages;
  readonly color: ColorChoice | undefined;
  /** Whether the sentences at the start are left out. */
  readonly isQuiet: boolean;
}

const SIGNAL_STATUSES = { SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * The line shell on our own stdin and stdout: with prompts where a person sits, as a script's runner elsewhere.
 * @returns the exit status
 * @throws RexaError when the host can't be reached, or has no shell
 */
export async function runLineShell(options: ShellOptions): Promise<number> {
  const terminal = findTerminal();
  if (terminal === null) return runAsScript(options);
  return runOnTerminal(options, terminal, process.stdin);
}

/** Prompts go to stderr, as those of shells do, or to stdout where only that is a terminal; null: neither is a terminal. */
function findTerminal(): WriteStream | null {
  if (!isatty(0) || process.env['TERM'] === 'dumb') return null;
  return standardTerminal(2) ?? standardTerminal(1);
}

async function runAsScript({ backend, messages }: ShellOptions): Promise<number> {
  const failed = new AbortController();
  const sinks = { stdout: openStandardSink(1), stderr: openStandardSink(2) };
  let lost = 0;
  await backend.open();
  const output: LineOutput = {
    async write(stream, bytes) {
      if (failed.signal.aborted) return;
      await sinks[stream].write(bytes).catch((error: Error) => {
        // Without stderr, only the exit status can report it
        if (stream === 'stderr') lost = statusOfFailure(error);
        else failed.abort(error);
      });
    },
    refuse: (sentence) => messages.warn(sentence),
    announce() {},
    setEcho() {},
  };
  const unwanted = failed.signal;
  const status = await runScript({
    backend,
    input: openStandardInput(),
    output,
    signals: process,
    messages,
    unwanted,
  });
  if (!unwanted.aborted) return status === 0 ? lost : status;
  const failure = unwanted.reason as Error;
  reportFailure(failure, messages);
  return statusOfFailure(failure);
}

async function runOnTerminal(
  options: ShellOptions,
  terminal: WriteStream,
  input: ReadStream,
): Promise<number> {
  const { backend } = options;
  const hasColors =
    options.color === undefined || options.color === 'auto'
      ? terminal.hasColors()
      : options.color === 'always';
  let leave = (_status: number): void => {};
  const screen = createScreen({
    terminal,
    targets: { stdout: chooseTarget(1), stderr: chooseTarget(2) },
    hasColors,
    charset: isUnicode(process.env) ? 'unicode' : 'ascii',
    handleFailure: (error) => leave(statusOfFailure(error)),
  });
  const { sentences, place } = await openBackend(backend, screen);
  if (!options.isQuiet) for (const sentence of sentences) screen.say(sentence);
  const shell = startInteractiveShell({
    backend,
    screen,
    input,
    signals: process,
    history: openHistory(path.join(memoryFolder(), 'history')),
    hasColors,
    terminalType: process.env['TERM'] ?? 'xterm',
    place,
  });
  leave = shell.leave;
  const stopWatching = watchSignals(process, shell.leave);
  try {
    return await shell.left;
  } finally {
    stopWatching();
  }
}

async function openBackend(backend: Backend, screen: Screen): ReturnType<Backend['open']> {
  screen.startWaiting();
  try {
    return await backend.open();
  } finally {
    screen.stopWaiting();
  }
}

function chooseTarget(fd: 1 | 2): OutputTarget {
  const stream = standardTerminal(fd);
  // A terminal that is gone says so by its end as our input
  if (stream !== null) return { kind: 'terminal', stream: stream.on('error', () => {}) };
  return { kind: 'elsewhere', sink: openStandardSink(fd) };
}

function watchSignals(signals: SignalSource, leave: (status: number) => void): () => void {
  const listeners = Object.entries(SIGNAL_STATUSES).map(
    ([name, status]) => [name, () => leave(status)] as const,
  );
  for (const [name, listener] of listeners) signals.on(name, listener);
  return () => {
    for (const [name, listener] of listeners) signals.off(name, listener);
  };
}

function statusOfFailure(error: Error): number {
  return (error as NodeJS.ErrnoException).code === 'EPIPE' ? EXIT_STDOUT_CLOSED : EXIT_REXA_FAILED;
}

/** The first of the variables that is set decides, as for every program (locale(7)). */
function isUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale);
}
