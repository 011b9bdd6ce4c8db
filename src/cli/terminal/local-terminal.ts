import { type ChildProcess, spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty, ReadStream, type WriteStream } from 'node:tty';
import type { RunTerminal } from '../../client/run-types.ts';
import { LAST_WORDS_MS } from '../../protocol/limits.ts';
import { type ByteSink, createStreamSink } from '../output/byte-sink.ts';
import { type MessageWriter, setMessageWriter } from '../output/messages.ts';
import { openStandardSink, standardTerminal } from '../output/standard-streams.ts';

/** In characters. */
export type TerminalSize = Pick<RunTerminal, 'columns' | 'rows'>;

/** Our own end of a session: the terminal that a person sits at, or what stands in its place. */
export interface LocalTerminal {
  /** As it is now: 80×24 where there is none. */
  size(): Required<RunTerminal>;
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
  /** Where the output goes. A terminal that takes nothing holds up nobody but who writes. */
  readonly output: ByteSink;
  /** From now on messages go there, and not to the terminal itself; null: to the terminal again. */
  takeMessages(write: ((text: string) => void) | null): void;
  /** Writes at once what the terminal still takes, at the very end. */
  writeLast(text: string): void;
}

const DEFAULT_SIZE = { columns: 80, rows: 24 } as const;
const DEFAULT_TERM = 'dumb';

/** The terminal of this process. stdin and stdout are touched as far as they are terminals. */
export function openLocalTerminal(env: NodeJS.ProcessEnv = process.env): LocalTerminal {
  const hasKeys = isatty(0);
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

  return {
    size: () => ({
      columns: measured?.columns || DEFAULT_SIZE.columns,
      rows: measured?.rows || DEFAULT_SIZE.rows,
      term: readTerm(env['TERM']),
    }),
    hasKeys,
    onResize(handle) {
      measured?.on('resize', handle);
      return () => measured?.off('resize', handle);
    },
    async enter() {
      if (!hasKeys || isRaw) return;
      isRaw = true;
      process.stdin.setRawMode(true);
      if (screen === null) return;
      const stty = passOutput();
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
 * Node's raw mode leaves the terminal's changes of newlines on; programs on the other side have made theirs already.
 * Where there is no stty(1), newlines are changed twice, which most programs survive.
 */
function passOutput(): ChildProcess {
  return spawn('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}

function hasEnded(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
}
