import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { REXA, startDaemon } from './daemon.ts';
import { raceTable, type Table } from './figures.ts';

const MEGABYTES = 256;
const BYTES = MEGABYTES * 1024 * 1024;
const ROUNDS = 5;

/** Throughput of a link that can be resumed beside one that can't, which keeps nothing for its peer. */
export async function measure(): Promise<Table[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'rexa-bench-'));
  try {
    await using daemon = await startDaemon();
    const file = path.join(folder, 'data');
    fs.writeFileSync(file, Buffer.alloc(BYTES, 'pattern '));
    const runDown = (words: readonly string[]): Promise<void> =>
      transfer(['run', ...words, '-n', daemon.address, '--', 'cat', file], null, BYTES);
    const runUp = (words: readonly string[]): Promise<void> =>
      transfer(['run', ...words, daemon.address, '--', 'wc', '-c'], file, `${BYTES}\n`.length);
    const off = ['--reconnect-for', '0'];
    const race = (what: string, transferOnce: (words: readonly string[]) => Promise<void>): Promise<Table> =>
      raceTable(
        [
          { name: 'rexa, can be resumed', once: () => transferOnce([]) },
          { name: 'rexa, cannot', once: () => transferOnce(off) },
        ],
        ROUNDS,
        { title: `${MEGABYTES} MiB ${what}`, unit: 'GB/s', better: 'more', figure: (ms) => BYTES / 1e6 / ms },
      );
    return [await race('down', runDown), await race('up', runUp)];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** Runs the client, and refuses another count of bytes on its stdout. */
async function transfer(words: readonly string[], input: string | null, expected: number): Promise<void> {
  const stdin = input === null ? 'ignore' : fs.openSync(input, 'r');
  const child = spawn(REXA, words, { stdio: [stdin, 'pipe', 'inherit'] });
  if (typeof stdin === 'number') fs.closeSync(stdin);
  let bytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(child, 'close');
  if (bytes !== expected) throw new Error(`${bytes} bytes came instead of ${expected}`);
}
