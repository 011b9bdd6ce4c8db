import { escapeText, showText } from '../../protocol/show-text.ts';
import type { ColorChoice } from '../tables/common.ts';
import { eraseDrawn } from './drawn-lines.ts';
import { openStandardSink, standardTerminal } from './standard-streams.ts';

/** All human text: on stderr, behind `rexa: `, with control characters shown and not sent. */
export interface Messages {
  /** What went wrong; `-q` does not silence it. @param isWhole a long text is not cut, such as a command to be pasted */
  fail(text: string, isWhole?: boolean): void;
  /** What should be known of a success; silenced by `-q`. */
  warn(text: string): void;
  /** What happens: level 1 for `-v`, 2 for `-vv`, 3 for `-vvv`. */
  debug(level: 1 | 2 | 3, text: string): void;
  /** Whether `debug` of this level says anything: for what is dear to put together. */
  isShown(level: 1 | 2 | 3): boolean;
  /** Whether only errors are wanted. */
  readonly isQuiet: boolean;
}

export interface MessageOptions {
  readonly q: boolean;
  readonly v: number;
  readonly color: ColorChoice | undefined;
}

/** How messages are where the options are not known. */
export const PLAIN_MESSAGES: MessageOptions = { q: false, v: 0, color: undefined };

type Style = 'red' | 'yellow' | 'dim';

/** @param write takes a line with its newline; default: stderr */
export function createMessages(options: MessageOptions, write = writeToStderr): Messages {
  const isShown = (level: 1 | 2 | 3): boolean => options.v >= level;
  const say = (style: Style, text: string, isWhole = false): void => {
    const shown = isWhole ? escapeText(text) : showText(text);
    write(`${colorize(style, 'rexa:', options.color ?? 'auto')} ${shown}\n`);
  };
  return {
    fail: (text, isWhole) => say('red', text, isWhole),
    warn: (text) => {
      if (!options.q) say('yellow', text);
    },
    debug: (level, text) => {
      if (isShown(level)) say('dim', `debug${level}: ${text}`);
    },
    isShown,
    isQuiet: options.q,
  };
}

function colorize(style: Style, text: string, choice: ColorChoice): string {
  if (choice === 'never') return text;
  // Imported at the top it would cost each start several milliseconds
  const { styleText } = process.getBuiltinModule('node:util');
  if (choice === 'always') return styleText(style, text, { validateStream: false });
  const stream = standardTerminal(2);
  if (stream !== null) return styleText(style, text, { stream });
  return isColorForced(process.env['FORCE_COLOR']) ? styleText(style, text, { validateStream: false }) : text;
}

/** As Node reads it for a stream that is no terminal. */
function isColorForced(wish: string | undefined): boolean {
  return wish !== undefined && ['', 'true', '1', '2', '3'].includes(wish);
}

/** Resolves when all messages so far have left, or could not. */
let written: Promise<unknown> | null = null;
let writer: MessageWriter | null = null;

/** What takes messages in the place of stderr. */
export interface MessageWriter {
  write(line: string): void;
  /** Resolves when every message has left, or is not waited for any longer. */
  flush(): Promise<void>;
}

/** From now on messages of this process go there: who has the terminal also writes what we say. */
export function setMessageWriter(next: MessageWriter): void {
  writer = next;
}

function writeToStderr(line: string): void {
  writeBytes(Buffer.from(line));
}

function writeBytes(bytes: Buffer): void {
  if (writer !== null) return writer.write(bytes.toString());
  // Each line is erased by a write that starts before this one: the message replaces it
  void eraseDrawn();
  // The parent may have closed stderr
  written = openStandardSink(2)
    .write(bytes)
    .catch(() => undefined);
}

/** Passes on what a program of this command has written to its stderr, as it is. */
export function passOnStderr(bytes: Uint8Array): void {
  writeBytes(Buffer.from(bytes));
}

/** Resolves when every message has left for the system. */
export async function flushMessages(): Promise<void> {
  await writer?.flush();
  await written;
}
