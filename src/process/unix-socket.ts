import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { makeFolder } from '../places/make-folder.ts';
import { causedBy } from '../protocol/caused-by.ts';
import { RexaError } from '../protocol/errors.ts';
import { MAX_SOCKET_PATH_BYTES } from '../protocol/limits.ts';
import { SOCKET_LOOK_MS } from './limits.ts';
import type { PeerCredentials, SystemCalls } from './system/system-calls.ts';

/** A listening Unix socket that is ours alone. */
export interface UnixListener {
  readonly server: net.Server;
  /**
   * Takes the socket away and stops listening, once those who had found it are accepted. Open connections stay.
   * The lock is kept until {@link release}, so that no second daemon starts while this one still works.
   */
  close(): Promise<void>;
  /** Releases the lock, once the daemon has ended; the end of the process does the same. */
  release(): void;
}

/**
 * Listens on a Unix socket: mode 0600 in a folder that no other user can write. Two daemons that start at once settle it
 * by a lock on a file beside the socket, held for the daemon's life and freed by the system when it dies. Only a socket that
 * refuses connections is stale, and replaced. A socket, or a lock, that is removed while we live is made again.
 * @param report told when that happens, and when it fails
 * @throws RexaError ALREADY_LISTENING, SOCKET_PATH_TOO_LONG, SOCKET_NOT_OURS, LISTEN_FAILED
 */
export async function listenUnix(
  socketPath: string,
  system: SystemCalls,
  report: (text: string) => void = () => {},
): Promise<UnixListener> {
  checkSocketPath(socketPath);
  prepareFolder(path.dirname(socketPath));
  const lock = takeLock(`${socketPath}.lock`, socketPath, system);
  try {
    await removeStale(socketPath);
    const server = createServer();
    await bind(server, socketPath);
    const servers = [server];
    const place: WatchedPlace = { socketPath, lock, servers, system, report };
    const stopWatching = watchPlace(place);
    return {
      server,
      async close() {
        stopWatching();
        fs.rmSync(socketPath, { force: true });
        await setImmediate();
        for (const each of servers) each.close();
      },
      release: () => fs.closeSync(place.lock),
    };
  } catch (error) {
    fs.closeSync(lock);
    throw error;
  }
}

interface WatchedPlace {
  readonly socketPath: string;
  /** The first is the one that others know; what a later one accepts is handed to it. */
  readonly servers: net.Server[];
  readonly system: SystemCalls;
  readonly report: (text: string) => void;
  lock: number;
}

/**
 * Looks, whenever something happens in the folder and every second, whether socket and lock are still there. Without its
 * socket a daemon lives on and is not reached; without its lock a second one could start.
 * @returns what ends that
 */
function watchPlace(place: WatchedPlace): () => void {
  const { socketPath, report } = place;
  let state: 'idle' | 'mending' | 'stopped' = 'idle';
  let watcher: fs.FSWatcher | null = null;
  let lastFailure = '';

  /** Tells at once what the timer finds a second later; some systems, and folders that are gone, have no watchers. */
  function watchFolder(): void {
    watcher?.close();
    watcher = null;
    try {
      watcher = fs.watch(path.dirname(socketPath), { persistent: false }, (event) => {
        // What is written to files there, such as an audit file, removes nothing
        if (event === 'rename') look();
      });
      watcher.on('error', () => watcher?.close());
    } catch {
      // the timer is there
    }
  }

  function look(): void {
    if (state !== 'idle' || (isOurs(`${socketPath}.lock`, place.lock) && isThere(socketPath))) return;
    state = 'mending';
    mend()
      .catch((error: unknown) => {
        if (lastFailure !== String(error)) report(`the socket cannot be made again: ${String(error)}`);
        lastFailure = String(error);
      })
      .finally(() => {
        if (state === 'mending') state = 'idle';
      });
  }

  async function mend(): Promise<void> {
    prepareFolder(path.dirname(socketPath));
    if (!isOurs(`${socketPath}.lock`, place.lock)) {
      const removed = place.lock;
      place.lock = takeLock(`${socketPath}.lock`, socketPath, place.system);
      fs.closeSync(removed);
    }
    if (!isThere(socketPath)) await rebind(place);
    watchFolder();
    lastFailure = '';
    report('the socket was removed, and is made again');
  }

  watchFolder();
  const timer = setInterval(look, SOCKET_LOOK_MS).unref();
  return () => {
    state = 'stopped';
    clearInterval(timer);
    watcher?.close();
  };
}

/** What waits at the removed socket is still accepted. */
async function rebind({ socketPath, servers }: WatchedPlace): Promise<void> {
  const next = createServer();
  await bind(next, socketPath);
  next.on('connection', (socket) => servers[0]?.emit('connection', socket));
  servers.push(next);
}

function isThere(file: string): boolean {
  return fs.lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Whether a path still leads to the file of a descriptor. */
function isOurs(file: string, descriptor: number): boolean {
  const [there, ours] = [fs.lstatSync(file, { throwIfNoEntry: false }), fs.fstatSync(descriptor)];
  return there?.ino === ours.ino && there.dev === ours.dev;
}

/** @throws RexaError LISTEN_FAILED, SOCKET_PATH_TOO_LONG */
export function checkSocketPath(socketPath: string): void {
  if (socketPath.startsWith('\0') || socketPath.startsWith('@') || !path.isAbsolute(socketPath)) {
    throw new RexaError('LISTEN_FAILED', [
      socketPath,
      'an absolute path is needed; abstract sockets have no owner',
    ]);
  }
  const most = process.platform === 'linux' ? MAX_SOCKET_PATH_BYTES.linux : MAX_SOCKET_PATH_BYTES.other;
  const bytes = Buffer.byteLength(socketPath);
  if (bytes >= most) throw new RexaError('SOCKET_PATH_TOO_LONG', [socketPath, bytes, most - 1]);
}

/** The socket's folder: made 0700 if it is not there; one that others can write to is refused. */
function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (cause) {
    throw wrapFailure(folder, cause);
  }
  checkSocketFolder(folder);
}

/** Checks the folder of a socket, if it exists. @throws RexaError SOCKET_NOT_OURS, LISTEN_FAILED */
export function checkSocketFolder(folder: string): void {
  try {
    const status = fs.statSync(folder, { throwIfNoEntry: false });
    if (status === undefined) return;
    const own = process.getuid?.() ?? status.uid;
    if (status.uid !== own) {
      throw new RexaError('SOCKET_NOT_OURS', [
        folder,
        `the folder belongs to uid ${status.uid}, not to ${own}`,
      ]);
    }
    if ((status.mode & 0o022) !== 0) {
      throw new RexaError('SOCKET_NOT_OURS', [
        folder,
        `others can write to the folder; chmod 700 '${folder}'`,
      ]);
    }
  } catch (cause) {
    throw wrapFailure(folder, cause);
  }
}

function takeLock(lockPath: string, socketPath: string, system: SystemCalls): number {
  let lock: number;
  try {
    lock = fs.openSync(lockPath, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_NOFOLLOW, 0o600);
  } catch (cause) {
    throw wrapFailure(socketPath, cause);
  }
  // Where the system has no locks, a second daemon is still found by its socket's answer.
  if (system.lockFile(lock) !== 'busy') return lock;
  fs.closeSync(lock);
  throw new RexaError('ALREADY_LISTENING', [`unix:${socketPath}`]);
}

/** @throws RexaError ALREADY_LISTENING when something answers; LISTEN_FAILED when the path is no socket */
async function removeStale(socketPath: string): Promise<void> {
  const status = fs.lstatSync(socketPath, { throwIfNoEntry: false });
  if (!status) return;
  if (!status.isSocket())
    throw new RexaError('LISTEN_FAILED', [socketPath, 'a file of this name is there, and is no socket']);
  const code = await new Promise<string | null>((resolve) => {
    const probe = net.connect({ path: socketPath });
    probe
      .once('connect', () => resolve(null))
      .once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    probe.once('close', () => probe.destroy());
    probe.once('connect', () => probe.destroy());
  });
  if (code === null) throw new RexaError('ALREADY_LISTENING', [`unix:${socketPath}`]);
  if (code !== 'ECONNREFUSED') {
    throw new RexaError('LISTEN_FAILED', [socketPath, `a socket is there that is not stale (${code})`]);
  }
  fs.unlinkSync(socketPath);
}

function createServer(): net.Server {
  return net.createServer({ allowHalfOpen: true, noDelay: true });
}

async function bind(server: net.Server, socketPath: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  // The socket must never be there with a wider mode, not even for a moment: bind happens inside `listen`.
  const umask = process.umask(0o177);
  try {
    server.listen({ path: socketPath });
  } finally {
    process.umask(umask);
  }
  try {
    await listening;
  } catch (cause) {
    throw wrapFailure(socketPath, cause);
  }
  server.on('error', () => {});
}

function wrapFailure(where: string, cause: unknown): RexaError {
  if (cause instanceof RexaError) return cause;
  return causedBy('LISTEN_FAILED', cause, where);
}

/** Who is at the other end of a connection that was taken; null where the system can't tell. */
export function readPeer(socket: net.Socket, system: SystemCalls): PeerCredentials | null {
  // Node keeps the descriptor of a socket to itself; on Unix its handle has it
  const { _handle: handle } = socket as net.Socket & { _handle?: { fd?: number } | null };
  return handle?.fd !== undefined && handle.fd >= 0 ? system.peerCredentials(handle.fd) : null;
}
