import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Call } from './pattern.ts';

/** Runs a program that has to end with 0. */
export async function runCall({ file, args }: Call): Promise<void> {
  const child = spawn(file, args, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${code}`);
}

/** Calls so many times, with so many calls under way at once. */
export async function runInFlight(
  calls: number,
  inFlight: number,
  runOne: () => Promise<unknown>,
): Promise<void> {
  let left = calls;
  const work = async (): Promise<void> => {
    while (left-- > 0) await runOne();
  };
  await Promise.all(Array.from({ length: inFlight }, work));
}

/** Runs a program so many times, and returns the milliseconds of CPU time that one run took, its children included. */
export function measureCpu({ file, args }: Call, times: number): number {
  const script = `i=0; while [ $i -lt ${times} ]; do "$@" >/dev/null 2>&1 </dev/null || exit 1; i=$((i+1)); done; times`;
  const lines = execFileSync('sh', ['-c', script, 'sh', file, ...args], { encoding: 'utf8' }).split('\n');
  const seconds = [...(lines[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return (seconds.reduce((sum, each) => sum + each, 0) / times) * 1000;
}
