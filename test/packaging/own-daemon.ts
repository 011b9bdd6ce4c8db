import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Nothing of the machine's user: every folder that rexa may write to lies in the given one. */
export function createEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
}

/** Starts a program `rexad` on a socket in the folder; it ends with the block. */
export async function startDaemon(
  program: string,
  folder: string,
  env = createEnvironment(folder),
): Promise<AsyncDisposable & { readonly url: string }> {
  const socketFolder = join(folder, 'daemon');
  await mkdir(socketFolder, { mode: 0o700 });
  const daemon = spawn(program, ['--json', '--listen', `unix:${socketFolder}/rexad.sock`], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(daemon, 'exit');
  const [line] = (await Promise.race([once(createInterface(daemon.stdout), 'line'), ended])) as [unknown];
  if (typeof line !== 'string') throw new Error('rexad ended before it listened');
  const { url } = JSON.parse(line) as { url: string };
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      daemon.kill();
      await ended;
    },
  };
}
