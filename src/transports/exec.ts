import type { Transport, TransportHandler } from '../link/transport.ts';
import { causedBy } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import { RELAY_PREAMBLE } from '../protocol/relay.ts';
import { isSettledWithin, startAwakeTimer } from '../runtime/awake-timer.ts';
import { BANNER_WAIT_MS, PROGRAM_EXIT_MS } from './limits.ts';
import { type Program, type ProgramEnd, startProgram, waitForClose } from './program.ts';

/** How a program is made a transport. */
interface ExecOptions {
  /** The program, and its arguments. */
  readonly words: readonly string[];
  /** What the host is called in messages. */
  readonly shown: string;
  /** Until its preamble has come. */
  readonly timeoutMs: number;
  /** Gets the lines of its stderr, first until the preamble has come, then behind it. */
  readonly reportBefore: (line: string) => void;
  readonly reportBehind: (line: string) => void;
}

/**
 * Starts a program whose far end is `rexad --stdio`, and waits for the preamble of that. Nothing is written to it before.
 * @throws RexaError PROGRAM_NOT_STARTED, PROGRAM_ENDED, PROGRAM_BANNER, CONNECT_TIMEOUT; the program has been told to end then
 */
export async function openExecTransport(options: ExecOptions): Promise<Transport> {
  const { words, shown, reportBefore, reportBehind } = options;
  let program: Program;
  try {
    program = await startProgram(words, { lines: reportBefore });
  } catch (cause) {
    throw causedBy('PROGRAM_NOT_STARTED', cause, shown, words[0] ?? '');
  }
  try {
    await awaitPreamble(program, options);
  } catch (error) {
    program.stop();
    throw error;
  }
  program.reportLines(reportBehind);
  return createExecTransport(program);
}

/** What a program has written first, and what that comes to. */
interface Found {
  readonly kind: 'preamble' | 'banner' | 'end' | 'late';
  readonly bytes: Buffer;
}

/** Reads the preamble, and puts back what stands behind it. */
async function awaitPreamble(program: Program, { shown, timeoutMs }: ExecOptions): Promise<void> {
  const { kind, bytes } = await readStart(program, timeoutMs);
  switch (kind) {
    case 'preamble':
      if (bytes.length > PREAMBLE.length) program.stdout.unshift(bytes.subarray(PREAMBLE.length));
      return;
    case 'banner':
      throw new RexaError('PROGRAM_BANNER', [shown, program.name, firstLine(bytes)]);
    case 'late':
      throw new RexaError('CONNECT_TIMEOUT', [shown, timeoutMs]);
    case 'end': {
      // One that has closed its stdout and goes on is of no use
      const { how, lastLine } = (await awaitEnd(program)) ?? {
        how: 'closed its stdout',
        lastLine: '',
      };
      throw new RexaError('PROGRAM_ENDED', [shown, program.name, how, lastLine]);
    }
    default:
      return kind satisfies never;
  }
}

const PREAMBLE = Buffer.from(RELAY_PREAMBLE);

function readStart({ stdout }: Program, timeoutMs: number): Promise<Found> {
  const { promise, resolve } = Promise.withResolvers<Found>();
  let bytes = Buffer.alloc(0);
  let bannerTimer: NodeJS.Timeout | undefined;
  const timer = startAwakeTimer(() => finish('late'), timeoutMs);
  const isBanner = (): boolean => {
    const count = Math.min(bytes.length, PREAMBLE.length);
    return !bytes.subarray(0, count).equals(PREAMBLE.subarray(0, count));
  };

  function finish(kind: Found['kind']): void {
    timer.stop();
    clearTimeout(bannerTimer);
    stdout.pause();
    stdout.off('data', handleData);
    stdout.off('close', handleEnd);
    stdout.off('end', handleEnd);
    resolve({ kind: isBanner() ? 'banner' : kind, bytes });
  }

  function handleData(chunk: Buffer): void {
    bytes = Buffer.concat([bytes, chunk]);
    if (!isBanner()) {
      if (bytes.length >= PREAMBLE.length) finish('preamble');
    } else if (bytes.includes('\n')) finish('banner');
    else bannerTimer ??= setTimeout(() => finish('banner'), BANNER_WAIT_MS);
  }

  function handleEnd(): void {
    finish('end');
  }

  stdout.on('data', handleData);
  stdout.once('end', handleEnd);
  stdout.once('close', handleEnd);
  return promise;
}

/** Of a banner, what a person knows it by. */
function firstLine(bytes: Buffer): string {
  const [line = ''] = bytes.toString('utf8').replace(/^\s+/, '').split(/\r?\n/);
  return `"${line}"`;
}

function createExecTransport(program: Program): Transport {
  const { stdin, stdout } = program;
  const readBefore = stdout.bytesRead - stdout.readableLength;
  let state: 'open' | 'destroyed' = 'open';

  return {
    start(handler) {
      listen(program, handler, () => state === 'destroyed');
      stdout.resume();
    },
    write(chunks, handleReleased) {
      stdin.cork();
      const last = chunks.length - 1;
      for (const [index, chunk] of chunks.entries())
        stdin.write(chunk, index === last ? handleReleased : undefined);
      stdin.uncork();
    },
    get backlogBytes() {
      return stdin.writableLength;
    },
    pause: () => void stdout.pause(),
    resume: () => void stdout.resume(),
    get isPaused() {
      return stdout.isPaused();
    },
    end: () => void stdin.end(),
    setRef: program.setRef,
    destroy() {
      state = 'destroyed';
      program.stop();
    },
    get isOpen() {
      return !stdout.destroyed;
    },
    halfClose: true,
    get bytesRead() {
      return stdout.bytesRead - readBefore;
    },
    get bytesWritten() {
      return stdin.bytesWritten;
    },
    liveness: 'own',
    renewAfterBytes: Number.POSITIVE_INFINITY,
    exportSecret: null,
  };
}

/** Resolves with how the program ended, or null where it goes on a moment later. */
async function awaitEnd({ ended }: Program): Promise<ProgramEnd | null> {
  return (await isSettledWithin(ended, PROGRAM_EXIT_MS)) ? ended : null;
}

function listen(program: Program, handler: TransportHandler, isOurs: () => boolean): void {
  const { name, stdin, stdout } = program;
  /** It took nothing more, and was stopped for that. */
  let isDeaf = false;

  /** Both are closed: nothing more comes, and a program that still runs is ended. */
  async function close(): Promise<void> {
    const end = await awaitEnd(program);
    program.stop();
    const how = isDeaf || end === null ? 'takes no more input' : end.how;
    const lastLine = end?.lastLine ?? '';
    handler.handleClose(isOurs() ? null : new RexaError('PROGRAM_LOST', [name, how, lastLine]));
  }

  /** Mostly it is just ending, which says more. */
  async function handleDeaf(): Promise<void> {
    if ((await awaitEnd(program)) !== null) return;
    isDeaf = true;
    program.stop();
  }

  /** How it ended says more than that it ended: that is waited for, and is then told by the close. */
  async function handleEnd(): Promise<void> {
    if ((await awaitEnd(program)) === null) handler.handleEnd();
  }

  stdout.on('data', handler.handleBytes);
  stdout.once('end', () => void handleEnd());
  stdin.on('drain', handler.handleDrain);
  stdin.once('error', () => void handleDeaf());
  // What is in a pipe is not at the far end yet: who leaves now would take the program along
  stdin.once('finish', () => void awaitEnd(program).then(handler.handleFinish));
  void Promise.all([stdin, stdout].map(waitForClose)).then(close);
}
