import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import type { ChildReaper } from '../system/child-reaper.ts';
import type { ChildEnd } from '../system/system-calls.ts';
import { type SignalName, signalName } from './signals.ts';

/** The longest time of a Node timer. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * A child process as Node's ChildProcess is: the same fields and events, as far as there are no streams of Node. An end by a
 * signal that Node has no name for is told by its number (`SIG34`).
 */
export interface PosixChild extends EventEmitter {
  pid: number | undefined;
  exitCode: number | null;
  signalCode: SignalName | null;
  killed: boolean;
  readonly stdin: null;
  readonly stdout: null;
  readonly stderr: null;
  readonly stdio: readonly [null, null, null];
  readonly connected: false;
  readonly spawnfile: string;
  /** Sends a signal; false when the child has ended. @throws Error for a signal that there is none of */
  kill(signal?: NodeJS.Signals | number): boolean;
  ref(): void;
  unref(): void;
}

/** A child that is being made, and what tells it how that went. */
export interface ChildInTheMaking {
  readonly child: PosixChild;
  /**
   * To be called once, in the turn in which the pid is known; `spawn` or `error` follow in the next tick, when listeners are
   * there. @param pidOrError a negative errno when there is no child
   */
  settle(pidOrError: number): void;
}

/** @param file the program's name, for errors */
export function makePosixChild(reaper: ChildReaper, file: string): ChildInTheMaking {
  /** As long as it runs it keeps the event loop alive, as a child of Node does. */
  const alive = setInterval(() => undefined, FOR_EVER_MS);
  const child: PosixChild = Object.assign(new EventEmitter(), {
    pid: undefined,
    exitCode: null,
    signalCode: null,
    killed: false,
    stdin: null,
    stdout: null,
    stderr: null,
    stdio: [null, null, null] as const,
    connected: false as const,
    spawnfile: file,
    kill(signal: NodeJS.Signals | number = 'SIGTERM') {
      const { pid, exitCode, signalCode } = child;
      // Until it was waited for, the pid is its own
      if (pid === undefined || exitCode !== null || signalCode !== null || !trySignal(pid, signal))
        return false;
      child.killed = true;
      return true;
    },
    ref: () => void alive.ref(),
    unref: () => void alive.unref(),
  });

  function handleEnd({ exitCode, signal }: ChildEnd): void {
    clearInterval(alive);
    child.exitCode = exitCode;
    child.signalCode = signal === null ? null : signalName(signal);
    child.emit('exit', child.exitCode, child.signalCode);
    child.emit('close', child.exitCode, child.signalCode);
  }

  return {
    child,
    settle(pidOrError) {
      if (pidOrError > 0) {
        child.pid = pidOrError;
        reaper.watch(pidOrError, handleEnd);
        process.nextTick(() => child.emit('spawn'));
      } else {
        clearInterval(alive);
        process.nextTick(() => child.emit('error', spawnError(file, pidOrError)));
      }
    },
  };
}

function trySignal(pid: number, signal: NodeJS.Signals | number): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno === -constants.errno.ESRCH) return false;
    throw error;
  }
}

/** As Node makes it. */
function spawnError(file: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`spawn ${file} ${code}`), {
    errno,
    code,
    syscall: `spawn ${file}`,
    path: file,
  });
}
