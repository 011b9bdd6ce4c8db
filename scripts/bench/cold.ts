import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { REXA, startDaemon } from './daemon.ts';
import { race, toRows } from './figures.ts';

const ROUNDS = 21;
const EXECA_TRUE = path.resolve(import.meta.dirname, 'execa-true.ts');

/** A whole process from nothing to the exit of `true`: rexa to a daemon, execa here, and Node alone. */
export async function measure(): Promise<string[]> {
  await using daemon = await startDaemon();
  const contestants = [
    { name: 'rexa run HOST -- true', once: () => runNode(REXA, 'run', '-n', daemon.address, '--', 'true') },
    { name: "execa('true') in a fresh Node, unbundled", once: () => runNode(EXECA_TRUE) },
    { name: 'node -e 0', once: () => runNode('-e', '0') },
  ];
  const figures = await race(contestants, ROUNDS);
  return toRows(
    contestants.map(({ name }) => name),
    figures,
    'ms',
  );
}

async function runNode(...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}
