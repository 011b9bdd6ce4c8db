import type { RunResult } from '../../client/run-types.ts';
import { LEAVE_MS } from '../limits.ts';
import type { TerminalSession } from './session.ts';

/** The way out that a person takes: the session on the host is hung up. */
export interface Leaving {
  /** Asked for the second time, nothing is waited for. */
  leave(): void;
  /** Whether it was asked for. */
  readonly isAsked: boolean;
  handleConnection(isConnected: boolean): void;
  /** What is said of it: whom we have left, and what became of the program there. */
  describe(result: Pick<RunResult<unknown>, 'outcome' | 'exitCode' | 'signal'>): string;
}

/** Leaves a session: it goes on, and nothing is waited for. */
export function createDetaching(describeLeft: () => string, abandon: () => void): Leaving {
  let isAsked = false;
  return {
    leave() {
      isAsked = true;
      abandon();
    },
    get isAsked() {
      return isAsked;
    },
    handleConnection: () => undefined,
    describe: describeLeft,
  };
}

/**
 * @param discard shows no more of the session
 * @param abandon waits no longer for the host's word
 */
export function createLeaving(
  { run, host }: Pick<TerminalSession, 'run' | 'host'>,
  discard: () => void,
  abandon: () => void,
): Leaving {
  let isAsked = false;
  let isConnected = true;

  function describeProgram({
    outcome,
    exitCode,
    signal,
  }: Pick<RunResult<unknown>, 'outcome' | 'exitCode' | 'signal'>): string {
    if (outcome === 'lost' && !isConnected)
      return 'the connection is lost; the host hangs up the session after --resume-for of rexad';
    if (outcome === 'lost') return 'the session was hung up; the program has not ended yet';
    return signal === null
      ? `the program exited with code ${exitCode}`
      : `the program was ended by ${signal}`;
  }

  return {
    leave() {
      if (isAsked || !isConnected) {
        isAsked = true;
        return abandon();
      }
      isAsked = true;
      discard();
      run.hangUp();
      setTimeout(abandon, LEAVE_MS).unref();
    },
    get isAsked() {
      return isAsked;
    },
    handleConnection(next) {
      isConnected = next;
    },
    describe: (result) => `disconnected from ${host.address}: ${describeProgram(result)}`,
  };
}
