import type { ChildProcess } from 'node:child_process';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty, ReadStream, type WriteStream } from 'node:tty';
import type { RunTerminal } from '../../client/run-types.ts';
import { LAST_WORDS_MS } from '../../protocol/limits.ts';
import { ECHO, ICANON } from '../../protocol/terminal-modes.ts';
import { type ByteSink, createStreamSink } from '../output/byte-sink.ts';
import { type MessageWriter, setMessageWriter } from '../output/messages.ts';
import { openStandardSink, standardTerminal } from '../output/standard-streams.ts';
import { NO_PIXELS, openTerminalQuestions } from './terminal-questions.ts';

/** Columns and rows in characters. */
export type TerminalSize = Pick<RunTerminal, 'columns' | 'rows'>;

/** Our own end of a session: the terminal that a person sits at, or what stands in its place. */
export interface LocalTerminal {
  /** As it is now: 80×24 where there is none, of 0 pixels where they are not known. */
  size(): Required<Omit<RunTerminal, 'modes' | 'term'>>;
  /** What the host is asked for: a terminal of this size and kind, with the special characters and modes that ours had when it was opened. */
  describe(): RunTerminal;
  /** Whether it was found in raw mode, as a program that was killed leaves it. */
  readonly isFoundRaw: boolean;
  /** Whether keys can be read one by one: stdin is a terminal. */
  readonly hasKeys: boolean;
  /** Calls when the size changes. @returns what stops it */
  onResize(handle: () => void): () => void;
  /**
   * From here on keys come as they are typed and bytes go as they are. Resolves when it is so.
   */
  enter(): Promise<void>;
  /** Gives the terminal back as it was. Does nothing where it was not taken. */
  leave(): void;
  /** Where the output goes. A terminal that takes nothing blocks only its writer. */
  readonly output: ByteSink;
  /** From now on messages go there, and not to the terminal itself; null: to the terminal again. */
  takeMessages(write: ((text: string) => void) | null): void;
  /** Writes at once what the terminal still takes, at the very end. */
  writeLast(text: string): void;
}

const DEFAULT_SIZE = { columns: 80, rows: 24 } as const;
const DEFAULT_TERM = 'dumb';

/** Opens the terminal of this process. stdin and stdout are touched as far as they are terminals. */
export async function openLocalTerminal(env: NodeJS.ProcessEnv = process.env): Promise<LocalTerminal> {
  const hasKeys = isatty(0);
  const calls = await openTerminalQuestions();
  const modes = hasKeys ? await calls.readModes(0) : null;
  const screen = isatty(1) ? openScreen() : null;
  const measured = findMeasured();
  let isRaw = false;
  let passing: ChildProcess | null = null;
  let writeMessage: ((text: string) => void) | null = null;
  // A message must not be held up by a terminal that takes nothing, or we could not leave
  if (screen !== null && isatty(2)) {
    setMessageWriter(
      writeMessages(screen, (line) => {
        // A line has to go back to the first column by itself
        const text = isRaw ? line.replaceAll('\n', '\r\n') : line;
        if (writeMessage !== null) writeMessage(text);
        else screen.write(text);
      }),
    );
  }

  function leave(): void {
    if (!isRaw) return;
    isRaw = false;
    // What it had still to change would be left changed
    passing?.kill('SIGKILL');
    process.stdin.setRawMode(false);
  }

  const size: LocalTerminal['size'] = () => ({
    columns: measured?.columns || DEFAULT_SIZE.columns,
    rows: measured?.rows || DEFAULT_SIZE.rows,
    ...(measured === null ? NO_PIXELS : calls.readPixels(screen === null ? 2 : 1)),
  });

  return {
    size,
    describe: () => ({ ...size(), term: readTerm(env['TERM']), ...(modes === null ? {} : { modes }) }),
    isFoundRaw: modes?.[ICANON] === 0 && modes[ECHO] === 0,
    hasKeys,
    onResize(handle) {
      // Node's own event is silent where the pixels alone have changed; its listener was the first to measure
      if (measured !== null) process.on('SIGWINCH', handle);
      return () => void process.off('SIGWINCH', handle);
    },
    async enter() {
      if (!hasKeys || isRaw) return;
      isRaw = true;
      process.stdin.setRawMode(true);
      const stty = passBytes();
      passing = stty;
      await hasEnded(stty);
      if (passing === stty) passing = null;
    },
    leave,
    takeMessages(write) {
      writeMessage = write;
    },
    output: screen === null ? openStandardSink(1) : createStreamSink(screen),
    writeLast(text) {
      try {
        if (screen !== null && text !== '') writeSync(1, text);
      } catch {
        // It takes nothing more, or is gone
      }
    },
  };
}

/**
 * Node's own stream for a terminal on stdout blocks the whole process where the terminal takes nothing; one for
 * reading does not, and it writes as well.
 */
function openScreen(): ReadStream {
  return new ReadStream(1);
}

function writeMessages(screen: ReadStream, write: (line: string) => void): MessageWriter {
  return {
    write,
    async flush() {
      if (screen.writableLength === 0 || screen.destroyed) return;
      const left = new Promise((resolve) => screen.write('', resolve));
      await Promise.race([left, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    },
  };
}

/** Node refreshes the size of what it writes to. */
function findMeasured(): WriteStream | null {
  return standardTerminal(1) ?? standardTerminal(2);
}

/** What TERM may hold on the wire. */
function readTerm(term: string | undefined): string {
  return term !== undefined && /^[A-Za-z0-9._+-]{1,64}$/.test(term) ? term : DEFAULT_TERM;
}

/**
 * Node's raw mode leaves some changes on that the terminal makes; the one on the other side makes them. Where there is
 * no stty(1), newlines are changed twice, which most programs survive.
 */
function passBytes(): ChildProcess {
  const linuxOnly = process.platform === 'linux' ? ['-iuclc'] : [];
  const words = ['-opost', '-inlcr', '-igncr', '-ixoff', '-ixany', '-parmrk', '-echonl', ...linuxOnly];
  const { spawn } = process.getBuiltinModule('node:child_process');
  return spawn('stty', words, { stdio: ['inherit', 'ignore', 'ignore'] });
}

function hasEnded(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
}
