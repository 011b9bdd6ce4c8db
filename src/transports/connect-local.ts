import type { Socket } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stateFolder } from '../places/local-socket.ts';
import { RexaError } from '../protocol/errors.ts';
import { LOCAL_IDLE_MS } from './limits.ts';
import { connectOrStart } from './start-program.ts';

/**
 * Connects to this user's own daemon; if none answers, one is started that leaves when it has been idle for long.
 * @throws RexaError LOCAL_START_FAILED, and as connectUnix
 */
export async function connectLocal(
  socketPath: string,
  timeoutMs: number,
  log: (line: string) => void,
): Promise<Socket> {
  log(`connecting to ${socketPath}`);
  const logFile = path.join(stateFolder(), 'rexad.log');
  const rexad = {
    socketPath,
    script: fileURLToPath(new URL('bin/rexad.js', import.meta.resolve('rexa/package.json'))),
    words: ['--idle-exit', `${LOCAL_IDLE_MS}ms`],
    logFile,
    fail: (reason: string, cause?: unknown) =>
      new RexaError('LOCAL_START_FAILED', [reason, logFile], { cause }),
  };
  return connectOrStart(rexad, timeoutMs, () =>
    log(`no daemon answers there: starting one, its log is ${logFile}`),
  );
}
