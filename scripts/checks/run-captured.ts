import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The clone's top folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Captured {
  readonly ok: boolean;
  /** stdout and stderr as they came, empty when they were shown at once. */
  readonly output: string;
  readonly stdout: string;
}

/** Runs a program in the top folder to its end; `shown` lets its output through instead of keeping it. */
export async function runCaptured(
  file: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly shown?: boolean } = {},
): Promise<Captured> {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: options.shown === true ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  const all: Buffer[] = [];
  const out: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => {
    all.push(chunk);
    out.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => all.push(chunk));
  const failure = await waitForEnd(child, file);
  const output = Buffer.concat(all).toString() + (failure ?? '');
  return { ok: failure === null, output, stdout: Buffer.concat(out).toString() };
}

/** Passes signals on meanwhile, so that no program outlives the run that was told to end. */
async function waitForEnd(child: ChildProcess, file: string): Promise<string | null> {
  const passOn = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, passOn);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve(`${error.message}\n`));
      child.once('close', (code, signal) => {
        resolve(code === 0 ? null : `${file} ended with ${signal ?? `exit status ${code}`}\n`);
      });
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, passOn);
  }
}
