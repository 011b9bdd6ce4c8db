import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { Readable } from 'node:stream';
import { type ByteSink, createOrderedSink } from './byte-sink.ts';

/**
 * Reads and writes a socket that others share. A socket cannot be opened once more, so instead of O_NONBLOCK, which all
 * who share it would get, each call says that it does not wait (MSG_DONTWAIT), and poll(2) does the waiting on a thread.
 */
interface SocketCalls {
  /** @returns the bytes, or null when it would have to wait @throws Error with `code` */
  receive(fd: number, into: Uint8Array): number | null;
  send(fd: number, bytes: Uint8Array): number | null;
  /** Resolves when a call need not wait. */
  untilReady(fd: number, direction: 'read' | 'write'): Promise<void>;
}

const MSG_DONTWAIT = process.platform === 'darwin' ? 0x80 : 0x40;
const O_CLOEXEC = 0o2000000;
const POLL_EVENTS = { read: 0x1, write: 0x4 } as const;
/** A struct pollfd: the descriptor, the events that are asked for, and those that are told. */
const POLLFD_BYTES = 8;
const READ_BYTES = 65_536;

let opened: Promise<SocketCalls | null> | undefined;

/** koffi is optional and costs 5 ms, so it is loaded when a socket is first used. Null where it is missing. */
function openCalls(): Promise<SocketCalls | null> {
  opened ??= loadCalls().catch(() => null);
  return opened;
}

async function loadCalls(): Promise<SocketCalls> {
  const { default: koffi } = await import('koffi');
  const libc = koffi.load(null);
  type Transfer = (fd: number, bytes: Uint8Array, count: number, flags: number) => number;
  const recv = libc.func('long recv(int fd, void *bytes, size_t count, int flags)') as Transfer;
  const send = libc.func('long send(int fd, const void *bytes, size_t count, int flags)') as Transfer;
  // macOS has no pipe2
  const makePipe: (ends: Int32Array) => number =
    process.platform === 'linux'
      ? (into) => libc.func('int pipe2(int32_t *ends, int flags)')(into, O_CLOEXEC) as number
      : libc.func('int pipe(int32_t *ends)');
  const poll = libc.func('int poll(void *fds, ulong count, int timeoutMs)');
  const ends = new Int32Array(2);
  if (makePipe(ends) !== 0) throw new Error('pipe');
  const [wakeEnd = -1, leaveEnd = -1] = ends;
  // A thread that waits for a peer would hold up the end of this process
  process.once('exit', () => writeSync(leaveEnd, 'x'));

  function transfer(call: Transfer, name: string, fd: number, bytes: Uint8Array): number | null {
    const count = call(fd, bytes, bytes.length, MSG_DONTWAIT);
    if (count >= 0) return count;
    const errno = koffi.errno();
    if (errno === constants.errno.EAGAIN || errno === constants.errno.EINTR) return null;
    const code = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `E${errno}`;
    throw Object.assign(new Error(`${code}: ${name} failed`), { code, errno: -errno, syscall: name });
  }

  return {
    receive: (fd, into) => transfer(recv, 'read', fd, into),
    send: (fd, bytes) => transfer(send, 'write', fd, bytes),
    untilReady(fd, direction) {
      const asked = Buffer.alloc(2 * POLLFD_BYTES);
      asked.writeInt32LE(fd, 0);
      asked.writeInt16LE(POLL_EVENTS[direction], 4);
      asked.writeInt32LE(wakeEnd, POLLFD_BYTES);
      asked.writeInt16LE(POLL_EVENTS.read, POLLFD_BYTES + 4);
      return new Promise((resolve) => {
        poll.async(asked, 2, -1, () => {
          // Until here the thread writes into it
          asked.fill(0);
          resolve();
        });
      });
    },
  };
}

/** @param fallback what is used where koffi is missing: it changes flags for all who share the socket */
export function createSocketSink(fd: number, fallback: () => ByteSink): ByteSink {
  let other: ByteSink | null = null;
  return createOrderedSink(async (bytes) => {
    const calls = await openCalls();
    if (calls === null) {
      other ??= fallback();
      return other.write(bytes);
    }
    for (let sent = 0; sent < bytes.length; ) {
      const count = calls.send(fd, bytes.subarray(sent));
      if (count === null) await calls.untilReady(fd, 'write');
      else sent += count;
    }
  });
}

/** The same as a source. */
export function createSocketSource(fd: number, fallback: () => Readable): Readable {
  let other: Readable | null = null;

  async function receive(source: Readable): Promise<void> {
    const calls = await openCalls();
    if (calls === null) {
      other ??= readFrom(fallback(), source);
      return void other.resume();
    }
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const count = calls.receive(fd, chunk);
      if (source.destroyed) return;
      if (count !== null) return void source.push(count === 0 ? null : chunk.subarray(0, count));
      await calls.untilReady(fd, 'read');
    }
  }
  return new Readable({
    highWaterMark: READ_BYTES,
    read() {
      receive(this).catch((error: Error) => this.destroy(error));
    },
  });
}

function readFrom(other: Readable, source: Readable): Readable {
  other.on('data', (chunk: Buffer) => {
    if (!source.push(chunk)) other.pause();
  });
  other.on('end', () => source.push(null));
  return other.on('error', (error) => source.destroy(error));
}
