import { createReadStream, fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, type WriteStream } from 'node:tty';
import { STDIN_FILE_READ_BYTES } from '../limits.ts';
import { type ByteSink, createFileSink, createStreamSink } from './byte-sink.ts';
import { openOwnDescriptor } from './own-descriptor.ts';
import { createSocketSink, createSocketSource } from './shared-socket.ts';

const sinks: { 1?: ByteSink; 2?: ByteSink } = {};

/**
 * Our own stdout (1) or stderr (2), one sink for all who write there. Processes that share the descriptor find its flags
 * as they were: pipes and terminals are opened once more, sockets are never waited for, all else is written as it is.
 * process.stdout and process.stderr are for terminals alone: on a pipe they set O_NONBLOCK for everybody, that for a file
 * loses what a short write has left over, and what is no stream takes bytes and drops them.
 */
export function openStandardSink(fd: 1 | 2): ByteSink {
  sinks[fd] ??= openSink(fd);
  return sinks[fd];
}

function openSink(fd: 1 | 2): ByteSink {
  const stats = fstatSync(fd);
  const nodes = (): ByteSink => createStreamSink(fd === 1 ? process.stdout : process.stderr);
  if (stats.isSocket()) return createSocketSink(fd, nodes);
  if (stats.isFIFO()) return openPipeSink(fd, nodes);
  // A terminal that is stopped (Ctrl-S) would hold up a thread, and so the end of this process
  const own = isatty(fd) ? openOwnDescriptor(fd, 'write') : fd;
  return createFileSink(typeof own === 'number' ? own : fd);
}

function openPipeSink(fd: number, fallback: () => ByteSink): ByteSink {
  const own = openOwnDescriptor(fd, 'write');
  if (own === 'shared') return fallback();
  // The first write says what is wrong with it
  if (own === 'unusable') return createFileSink(fd);
  return createStreamSink(new Socket({ fd: own, readable: false, writable: true }));
}

let input: Readable | null = null;

/** Our own stdin, one stream for all who read it. Its flags stay as they are, as those of openStandardSink. */
export function openStandardInput(): Readable {
  input ??= openInput();
  return input;
}

function openInput(): Readable {
  const stats = fstatSync(0);
  if (stats.isSocket()) return createSocketSource(0, () => process.stdin);
  if (stats.isFile())
    return createReadStream('', { fd: 0, autoClose: false, highWaterMark: STDIN_FILE_READ_BYTES });
  if (!stats.isFIFO()) return process.stdin;
  const own = openOwnDescriptor(0, 'read');
  if (own === 'shared') return process.stdin;
  if (own === 'unusable') return createReadStream('', { fd: 0, autoClose: false });
  return new Socket({ fd: own, readable: true, writable: false });
}

/** Our own stdout (1) or stderr (2) where it is a terminal. */
export function standardTerminal(fd: 1 | 2): WriteStream | null {
  if (!isatty(fd)) return null;
  return fd === 1 ? process.stdout : process.stderr;
}
