import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { DEFAULT_CONNECT_TIMEOUT_MS } from '../../protocol/limits.ts';
import { leaveSession } from '../../runtime/leave-session.ts';
import { EXIT_DROP_IN_FAILED } from '../exit-status.ts';
import type { ProcessContext } from '../run/run-plan.ts';
import { BACKGROUND_MARK } from './background-mark.ts';

const DESCRIPTOR = 3;

/**
 * `-f`: a process cannot leave its own shell behind in Node, so another one does the work, and this one ends once
 * that has logged in. Until then both are in the foreground, so that questions can be asked.
 * @returns the exit status: 0 when it has logged in, else its own
 */
export async function leaveBehind(): Promise<number> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, [BACKGROUND_MARK]: String(DESCRIPTOR) },
  });
  // Ctrl-C reaches both by itself; what is meant for this one alone is meant for the other
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1'] as const)
    process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  const loggedIn = new Promise<number>((resolve) => {
    child.stdio[DESCRIPTOR]?.once('data', () => resolve(0));
  });
  const ended = new Promise<number>((resolve) => {
    child.once('error', () => resolve(EXIT_DROP_IN_FAILED));
    child.once('exit', (code) => resolve(code ?? EXIT_DROP_IN_FAILED));
  });
  return Promise.race([loggedIn, ended]);
}

/**
 * Returns the process context of the process that continues in the background: it reports its login to the one in the
 * foreground, and from then on ignores SIGINT and SIGHUP.
 */
export function goOnBehind(around: ProcessContext): ProcessContext {
  const descriptor = Number(process.env[BACKGROUND_MARK]);
  delete process.env[BACKGROUND_MARK];
  const signals = new EventEmitter();
  let isBackground = false;
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM', 'SIGUSR1'] as const) {
    process.on(signal, () => {
      if (!isBackground || signal === 'SIGTERM' || signal === 'SIGUSR1') signals.emit(signal);
    });
  }
  const reportLoggedIn = (): void => {
    isBackground = true;
    try {
      fs.writeSync(descriptor, 'x');
      fs.closeSync(descriptor);
    } catch {
      // The process in the foreground has exited
    }
  };
  return {
    ...around,
    signals,
    async open(address, options) {
      // A client that may still be refused has not logged in
      const host = await around.open(address, { ...options, isEarly: false });
      host
        .greeted(options.timeout ?? DEFAULT_CONNECT_TIMEOUT_MS)
        .then(leaveSession)
        .then(reportLoggedIn, () => {});
      return host;
    },
  };
}
