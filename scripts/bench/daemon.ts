import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** The built programs. */
export const REXA = path.resolve(import.meta.dirname, '../../bin/rexa.js');
export const REXAD = path.resolve(import.meta.dirname, '../../bin/rexad.js');

/** A daemon of this measurement alone. */
export interface BenchDaemon {
  readonly address: string;
  readonly pid: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the built daemon on a socket in a folder of its own; it is ended when the block is left.
 * @param words where to listen instead, and what belongs to it
 * @param home its home folder, up to which files of keys have to be safe
 */
export async function startDaemon(words: readonly string[] = [], home = os.homedir()): Promise<BenchDaemon> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-bench-'));
  const child: ChildProcess = spawn(
    process.execPath,
    [REXAD, ...(words.length > 0 ? words : ['--listen', `unix:${folder}/s`]), '--json'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, HOME: home },
    },
  );
  if (!child.stdout || child.pid === undefined) throw new Error('the daemon did not start');
  const ended = once(child, 'exit').then(() => {
    throw new Error('the daemon did not start: is everything built?');
  });
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
  ended.catch(() => undefined);
  const { url } = JSON.parse(line) as { url: string };
  return {
    address: url,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      fs.rmSync(folder, { recursive: true });
    },
  };
}
