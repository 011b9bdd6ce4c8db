import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';
import { keepChunk } from '../../runtime/chunk-memory.ts';
import { TERMINAL_LOOK_MS, TERMINAL_READ_BYTES } from '../limits.ts';
import type { TerminalCalls, TerminalPair, TerminalSize } from '../system/system-calls.ts';
import { createMarkerScanner, type MarkerScanner, makeMarker } from './end-marker.ts';

/** The two directions of a terminal, seen from here. */
export interface TerminalScreen {
  /** What is typed. Its end is typed too, as an end of file, when all before it was read. */
  readonly keyboard: Writable;
  /** What is shown. It ends behind what was written before `finish`, or when the terminal is closed. */
  readonly output: Readable;
  resize(size: TerminalSize): void;
  /** Whether the terminal takes lines, and does not echo them. */
  hidesInput(): boolean;
  /** The command has ended. */
  finish(): void;
  /** Hangs up: processes on the terminal get SIGHUP, and reads fail. */
  close(): void;
}

/** Ctrl-D, where the terminal does not say what it takes for an end of file. */
const CTRL_D = 0x04;
const NEWLINE = 0x0a;
/** Where every terminal is read into: a read and the copy out of it are one synchronous step. */
let scratch: Buffer | undefined;

/**
 * Reads and writes a terminal. It is held open from a program's side too, so that nothing of it is lost or hung up when the
 * last program leaves; so its end is not seen but written: a marker behind what the command wrote, up to which
 * is read.
 * @param pair belongs to this from here on
 * @throws Error with `code` when the terminal can't be opened
 */
export function openTerminalScreen(calls: TerminalCalls, { master, path }: TerminalPair): TerminalScreen {
  const slave = openSlave(master, path);
  scratch ??= Buffer.allocUnsafeSlow(TERMINAL_READ_BYTES);
  let state: 'open' | 'finishing' | 'closed' = 'open';
  let scanner: MarkerScanner | null = null;
  let unwritten: Buffer | null = null;
  let lastTyped = NEWLINE;
  let timer: NodeJS.Timeout | undefined;

  const socket = new ReadStream(master, {
    onread: { buffer: scratch, callback: (length, bytes) => handleRead(bytes.subarray(0, length)) },
  });
  socket.on('error', close);
  socket.on('close', close);

  const output = new Readable({
    read() {
      if (state === 'closed') return;
      socket.resume();
      writeMarker();
    },
    destroy(error, done) {
      close();
      done(error);
    },
  });
  const keyboard = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lastTyped = chunk.at(-1) ?? lastTyped;
      type(chunk, done);
    },
    final(done) {
      typeEndOfFile();
      done();
    },
  });
  keyboard.on('error', () => undefined);

  function handleRead(bytes: Uint8Array): boolean {
    if (scanner === null) return output.push(keepChunk(bytes));
    const { bytes: shown, isFound } = scanner.take(bytes);
    const hasRoom = shown.length === 0 || output.push(keepChunk(shown));
    if (isFound) close();
    else writeMarker();
    return hasRoom;
  }

  /** Node's own stream would wait in its write for a program that reads nothing, and all of the daemon with it. */
  function type(keys: Uint8Array, done: (error?: Error | null) => void): void {
    if (state === 'closed') return done();
    let written = 0;
    try {
      written = writeSync(master, keys);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return done(error as Error);
    }
    if (written === keys.length) return done();
    setTimeout(type, TERMINAL_LOOK_MS, keys.subarray(written), done);
  }

  /** The command can only be asked for an end of file once it has read what was typed before it. */
  function typeEndOfFile(): void {
    if (state !== 'open' || socket.destroyed) return;
    if (calls.unreadBytes(slave) > 0) {
      timer = setTimeout(typeEndOfFile, TERMINAL_LOOK_MS);
      return;
    }
    // In the middle of a line the first one only hands on what is there
    const endOfFile = calls.endOfFile(slave) ?? CTRL_D;
    type(Buffer.alloc(lastTyped === NEWLINE ? 1 : 2, endOfFile), () => undefined);
  }

  /** As much as there is room for: where output waits for a reader, the rest comes when that has taken some. */
  function writeMarker(): void {
    if (unwritten === null || state !== 'finishing') return;
    try {
      const written = writeSync(slave, unwritten);
      unwritten = written === unwritten.length ? null : unwritten.subarray(written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return close();
    }
    clearTimeout(timer);
    if (unwritten !== null && !socket.isPaused()) timer = setTimeout(writeMarker, TERMINAL_LOOK_MS);
  }

  function close(): void {
    if (state === 'closed') return;
    state = 'closed';
    clearTimeout(timer);
    socket.destroy();
    closeSync(slave);
    output.push(null);
  }

  return {
    keyboard,
    output,
    resize(size) {
      if (state !== 'closed') calls.resize(master, size);
    },
    hidesInput: () => state !== 'closed' && calls.hidesLines(slave),
    finish() {
      if (state !== 'open') return;
      state = 'finishing';
      clearTimeout(timer);
      unwritten = makeMarker();
      scanner = createMarkerScanner(unwritten);
      calls.restartOutput(slave);
      writeMarker();
    },
    close,
  };
}

function openSlave(master: number, path: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    closeSync(master);
    throw error;
  }
}
