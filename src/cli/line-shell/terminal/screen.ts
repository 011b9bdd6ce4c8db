import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { showText } from '../../../protocol/show-text.ts';
import type { ByteSink } from '../../output/byte-sink.ts';
import type { LineOutput, OutputStream } from '../backend.ts';
import type { EditorView } from '../editor/layout.ts';
import { createOutputScanner, type OutputScanner } from './output-scanner.ts';
import { createPainter, type TerminalSize } from './painter.ts';
import { createSpinner } from './spinner.ts';

/** Where one of a command's streams goes: to the terminal itself, or elsewhere. */
export type OutputTarget =
  | { readonly kind: 'terminal'; readonly stream: WriteStream }
  | { readonly kind: 'elsewhere'; readonly sink: ByteSink };

export interface ScreenOptions {
  /** The terminal that prompts, messages and echo go to. */
  readonly terminal: WriteStream;
  readonly targets: Readonly<Record<OutputStream, OutputTarget>>;
  readonly hasColors: boolean;
  readonly charset: 'unicode' | 'ascii';
  /** A target elsewhere takes nothing more: it was closed, or its disk is full. */
  readonly handleFailure: (error: Error) => void;
}

/** The output of one line on its way to us. */
export interface ScreenOutput extends Omit<LineOutput, 'setEcho'> {
  /** Nothing more comes. */
  end(): void;
}

/** All that is written to the terminal goes through here, so that nothing is written into something else. */
export interface Screen {
  readonly size: TerminalSize;
  openOutput(): ScreenOutput;
  /** Shows the text that is edited; it stays below all that is written meanwhile. */
  draw(view: EditorView): void;
  /** Leaves it as it stands. */
  finish(): void;
  /** Takes it away. */
  erase(): void;
  /** Takes it up again where it was left, if nothing was written since. */
  resume(): void;
  /** What is typed while a command runs. */
  echo(text: string): void;
  /** A line of our own: one sentence. */
  say(text: string): void;
  /** Lines in the place of the text that is edited, which is drawn anew below them. They are safe, and may have colours. */
  print(lines: readonly string[]): void;
  /** Lines below the text that is edited, which is drawn anew below them. */
  list(lines: readonly string[]): void;
  /** Goes to the start of a line; behind output that did not end with one, with a mark. */
  startLine(): void;
  /** From now until `stopWaiting`, shows that something goes on when nothing else is to be seen. */
  startWaiting(): void;
  stopWaiting(): void;
  /** Clears all of it but the text that is edited. */
  clear(): void;
  bell(): void;
  /** Calls when the terminal has another size, and `draw` should be called. */
  onResize(handle: () => void): void;
  /** Another program had the terminal meanwhile: `draw` should be called. */
  forget(): void;
  close(): void;
}

const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';
/** No attributes, the usual characters, a cursor that is seen. */
const RESET = '\x1b[0m\x1b(B\x0f\x1b[?25h';
const CLEAR_ALL = '\x1b[H\x1b[2J';
const BELL = '\x07';
/** CAN and ST end whatever has begun. */
const ABORT = '\x18\x1b\\';
const CLEAR_LINE = '\r\x1b[K';
const ERROR_COLOR = ['\x1b[31m', '\x1b[39m'] as const;

export function createScreen(options: ScreenOptions): Screen {
  const { terminal, targets, hasColors, charset } = options;
  const painter = createPainter();
  /** What is edited now. */
  let view: EditorView | null = null;
  /** Where the cursor is: at the start of a line, behind output, or behind what we wrote ourselves. */
  let place: 'start' | 'output' | 'own' = 'start';
  let isUntouched = false;
  let needsReset = false;
  const spinner = createSpinner(showSpinner, charset);
  /** The output that stands inside a control string, which would swallow all that others write. */
  let open: OutputScanner | null = null;
  /** What others have to write when that has ended. */
  let later: (() => void)[] = [];

  const size = (): TerminalSize => ({ columns: terminal.columns || 80, rows: terminal.rows || 24 });
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    hasColors ? styleText(style, text, { validateStream: false }) : text;

  function showSpinner(text: string | null): boolean {
    if (open !== null || (text !== null && (place !== 'start' || view !== null))) return false;
    isUntouched = false;
    terminal.write(text === null ? CLEAR_LINE : `${CLEAR_LINE}${paint('dim', text)}`);
    return true;
  }

  function whenWhole(write: () => void): void {
    if (open === null) write();
    else later.push(write);
  }

  function handleWhole(): void {
    open = null;
    const writes = later;
    later = [];
    for (const write of writes) whenWhole(write);
  }

  /** Ends a string that is not waited for any longer. */
  function endString(): void {
    if (open === null) return;
    terminal.write(ABORT);
    handleWhole();
  }

  /** Makes room: the spinner and the edited text stand aside, `write` writes, and the text comes back below. */
  function writeBetween(write: () => void): void {
    spinner.hide();
    isUntouched = false;
    if (view !== null) terminal.write(painter.erase());
    write();
    if (view === null) return;
    // The user edits a line: its display is not delayed
    endString();
    if (place !== 'start') terminal.write('\r\n');
    place = 'start';
    terminal.write(painter.draw(view, size()));
  }

  function writeOutput(
    stream: WriteStream,
    isError: boolean,
    scanner: OutputScanner,
    chunk: Uint8Array,
  ): void {
    if (open !== null && open !== scanner) {
      const copy = Uint8Array.from(chunk);
      return whenWhole(() => writeOutput(stream, isError, scanner, copy));
    }
    const goesOn = open === scanner;
    const { bytes, isAtLineStart } = scanner.take(chunk);
    if (bytes.length === 0) return;
    if (goesOn) {
      stream.write(bytes);
      if (!scanner.isOpen) handleWhole();
      return;
    }
    writeBetween(() => {
      const isPainted = isError && hasColors && !scanner.steersTerminal;
      if (isPainted) stream.write(ERROR_COLOR[0]);
      stream.write(bytes);
      if (isPainted) stream.write(ERROR_COLOR[1]);
      needsReset ||= scanner.steersTerminal;
      if (isAtLineStart !== null) place = isAtLineStart ? 'start' : 'output';
      if (scanner.isOpen) open = scanner;
    });
  }

  function startLine(): void {
    spinner.hide();
    if (place === 'output') terminal.write(`${paint('dim', charset === 'unicode' ? '⏎' : '%')}\r\n`);
    else if (place === 'own') terminal.write('\r\n');
    place = 'start';
    if (needsReset) terminal.write(RESET);
    needsReset = false;
  }

  function say(text: string): void {
    whenWhole(() =>
      writeBetween(() => {
        startLine();
        terminal.write(`${paint('yellow', 'rexa:')} ${showText(text)}\r\n`);
      }),
    );
  }

  return {
    get size() {
      return size();
    },
    openOutput() {
      const scanners = { stdout: createOutputScanner(), stderr: createOutputScanner() };
      return {
        async write(name, chunk) {
          const target = targets[name];
          spinner.count(chunk.length, target.kind === 'terminal');
          if (target.kind === 'elsewhere') return target.sink.write(chunk).catch(options.handleFailure);
          writeOutput(target.stream, name === 'stderr', scanners[name], chunk);
          if (!target.stream.writableNeedDrain) return;
          await new Promise((resolve) => target.stream.once('drain', resolve));
        },
        refuse(sentence) {
          whenWhole(() => terminal.write(BELL));
          say(sentence);
        },
        announce: spinner.announce,
        end() {
          for (const name of ['stdout', 'stderr'] as const) {
            const target = targets[name];
            if (open === scanners[name]) endString();
            const rest = scanners[name].flush();
            if (target.kind === 'terminal' && rest.length > 0) writeBetween(() => target.stream.write(rest));
          }
        },
      };
    },
    draw(next) {
      if (view === null) {
        endString();
        startLine();
        terminal.write(PASTE_ON);
      }
      view = next;
      terminal.write(painter.draw(next, size()));
    },
    finish() {
      if (view === null) return;
      terminal.write(`${painter.finish()}${PASTE_OFF}`);
      view = null;
      place = 'start';
      isUntouched = true;
    },
    erase() {
      if (view === null) return;
      terminal.write(`${painter.erase()}${PASTE_OFF}`);
      view = null;
    },
    resume() {
      if (isUntouched) painter.resume();
    },
    echo(text) {
      if (text === '') return;
      whenWhole(() => {
        spinner.hide();
        isUntouched = false;
        terminal.write(text);
        place = text.endsWith('\n') ? 'start' : 'own';
      });
    },
    say,
    print(lines) {
      whenWhole(() =>
        writeBetween(() => {
          startLine();
          terminal.write(lines.map((line) => `${line}\r\n`).join(''));
        }),
      );
    },
    list(lines) {
      if (view !== null) terminal.write(painter.finish());
      isUntouched = false;
      for (const line of lines) terminal.write(`${line}\r\n`);
      if (view !== null) terminal.write(painter.draw(view, size()));
    },
    startLine,
    startWaiting: spinner.start,
    stopWaiting: spinner.stop,
    clear() {
      painter.forget();
      terminal.write(CLEAR_ALL);
      place = 'start';
      if (view !== null) terminal.write(painter.draw(view, size()));
    },
    bell() {
      terminal.write(BELL);
    },
    onResize(handle) {
      terminal.on('resize', () => {
        if (view !== null) terminal.write(painter.eraseResized(size()));
        handle();
      });
    },
    forget() {
      painter.forget();
      place = 'own';
      view = null;
    },
    close() {
      endString();
      spinner.stop();
      if (view !== null) terminal.write(`${painter.finish()}${PASTE_OFF}`);
      view = null;
      startLine();
    },
  };
}
