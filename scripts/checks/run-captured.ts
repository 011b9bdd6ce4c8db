import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The clone's top folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Captured {
  readonly ok: boolean;
  /** stdout and stderr as they came, empty when they were shown at once. */
  readonly output: string;
  readonly stdout: string;
}

export interface CaptureOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Let its output through instead of keeping it. */
  readonly shown?: boolean;
  /** After so long it hangs, and is killed: a test worker that loops for ever is not ended by vitest. */
  readonly capMs?: number;
}

/** Runs a program in the top folder, in a process group of its own, to its end. */
export async function runCaptured(
  file: string,
  args: readonly string[],
  options: CaptureOptions = {},
): Promise<Captured> {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: options.shown === true ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const all: Buffer[] = [];
  const out: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => {
    all.push(chunk);
    out.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => all.push(chunk));
  const failure = await waitForEnd(child, file, options.capMs);
  const output = Buffer.concat(all).toString() + (failure === null ? '' : `${failure}\n`);
  return { ok: failure === null, output, stdout: Buffer.concat(out).toString() };
}

/** Gives null, or in words how it failed. Signals to us are passed on meanwhile, so that nothing outlives the run. */
async function waitForEnd(
  child: ChildProcess,
  file: string,
  capMs: number | undefined,
): Promise<string | null> {
  const passOn = (signal: NodeJS.Signals) => signalGroup(child, signal);
  for (const signal of PASSED_ON) process.on(signal, passOn);
  let isHung = false;
  const hang = () => {
    isHung = true;
    signalGroup(child, 'SIGKILL');
  };
  const timer = capMs === undefined ? undefined : setTimeout(hang, capMs);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => {
        if (isHung) resolve(`${file} hung: it was killed after ${capMs} ms`);
        else resolve(code === 0 ? null : `${file} ended with ${signal ?? `exit status ${code}`}`);
      });
    });
  } finally {
    clearTimeout(timer);
    for (const signal of PASSED_ON) process.off(signal, passOn);
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // the group is gone
  }
}
