import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { showText } from '../protocol/show-text.ts';
import { isSettledWithin } from '../runtime/awake-timer.ts';
import { userEnvironment } from '../runtime/node-variables.ts';
import { MAX_PROGRAM_LINE_BYTES, MAX_PROGRAM_LINES, PROGRAM_EXIT_MS } from './limits.ts';

/** How a program ended, in words for a message: `ended with status 255`. */
export interface ProgramEnd {
  readonly how: string;
  /** `: ` and the last line of its stderr, shown; empty where it wrote none. */
  readonly lastLine: string;
}

/** Who gets its stderr: each line, the program's name in front, or the bytes as they are. */
export type StderrUse =
  | { readonly lines: (line: string) => void }
  | { readonly bytes: (chunk: Uint8Array) => void };

/** A program that runs, whose stdin and stdout are ours. */
export interface Program {
  /** What messages call it. */
  readonly name: string;
  readonly stdin: Socket;
  readonly stdout: Socket;
  /** Resolves when it has ended and its stderr is read, as far as nobody else holds that. Never rejects. */
  readonly ended: Promise<ProgramEnd>;
  /** From now on lines of its stderr go there. */
  reportLines(tell: (line: string) => void): void;
  /** Whether it keeps our process alive. */
  setRef(isRef: boolean): void;
  /** Ends it: its stdin and stdout are closed, and it gets SIGTERM, a moment later SIGKILL. */
  stop(): void;
}

/**
 * Signals of the terminal are for us alone: the program passes on what we make of them. It may still ask for a password
 * there, so it stays in our session.
 */
const WITHOUT_TERMINAL_SIGNALS = 'trap "" INT QUIT TSTP; exec "$@"';

/** Programs that would be left behind if we ended now. */
const running = new Set<ChildProcess>();

/**
 * Starts a program.
 * @param words the program, and its arguments
 * @throws Error of the system
 */
export async function startProgram(words: readonly string[], use: StderrUse): Promise<Program> {
  const { spawn } = await import('node:child_process');
  const name = showText(path.basename(words[0] ?? ''));
  const [file = '', ...args] =
    process.platform === 'win32' ? words : ['/bin/sh', '-c', WITHOUT_TERMINAL_SIGNALS, 'rexa', ...words];
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: userEnvironment(),
    windowsHide: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  // A signal that we may not send to it: it ends by the end of its stdin
  child.on('error', () => {});
  if (running.size === 0) process.once('exit', stopAll);
  running.add(child);
  let reportLine = 'lines' in use ? use.lines : null;
  if ('bytes' in use) child.stderr.on('data', use.bytes);
  const lines = 'bytes' in use ? null : readLines(child, (line) => reportLine?.(`${name}: ${line}`));
  const stdin = child.stdin as Socket;
  const stdout = child.stdout as Socket;
  for (const stream of [stdin, stdout]) stream.on('error', () => {});
  return {
    name,
    stdin,
    stdout,
    ended: waitForEnd(child, () => lines?.last() ?? ''),
    reportLines(next) {
      reportLine = next;
    },
    setRef(isRef) {
      for (const each of [child, stdin, stdout, child.stderr as Socket | null])
        if (isRef) each?.ref();
        else each?.unref();
    },
    stop() {
      stdin.destroy();
      stdout.destroy();
      end(child);
    },
  };
}

function waitForEnd(child: ChildProcess, lastLine: () => string): Promise<ProgramEnd> {
  const { promise, resolve } = Promise.withResolvers<ProgramEnd>();
  child.once('exit', (status, signal) => {
    running.delete(child);
    if (running.size === 0) process.off('exit', stopAll);
    const how = signal === null ? `ended with status ${status}` : `was ended by ${signal}`;
    const reportEnd = (): void => {
      child.stderr?.destroy();
      resolve({ how, lastLine: lastLine() === '' ? '' : `: ${lastLine()}` });
    };
    // What it wrote last is still on its way, unless a child of its own has stderr
    void isSettledWithin(waitForClose(child.stderr), PROGRAM_EXIT_MS).then(reportEnd);
  });
  return promise;
}

/** Never rejects: how a stream was closed is for others. */
export function waitForClose(stream: Readable | Writable | null): Promise<unknown> {
  if (stream === null || stream.closed) return Promise.resolve();
  return new Promise((resolve) => stream.once('close', resolve));
}

function end(child: ChildProcess): void {
  if (!running.has(child)) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PROGRAM_EXIT_MS);
  child.once('exit', () => clearTimeout(timer));
}

function stopAll(): void {
  for (const child of running) child.kill('SIGTERM');
}

/** Tells whole lines, as far as they are not too long and not too many; all is read, so that nothing waits for us. */
function readLines({ stderr }: ChildProcess, tell: (line: string) => void): { last(): string } {
  let rest = '';
  let last = '';
  let count = 0;

  function handleLine(line: string): void {
    const text = line.trimEnd();
    if (text === '') return;
    last = showText(text);
    count++;
    if (count <= MAX_PROGRAM_LINES) tell(last);
    if (count === MAX_PROGRAM_LINES) tell('(what else it writes to stderr is not shown)');
  }

  stderr?.setEncoding('utf8');
  stderr?.on('error', () => {});
  stderr?.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_PROGRAM_LINE_BYTES);
    for (const line of lines) handleLine(line.slice(0, MAX_PROGRAM_LINE_BYTES));
  });
  stderr?.once('end', () => {
    if (rest !== '') handleLine(rest);
  });
  return { last: () => last };
}
