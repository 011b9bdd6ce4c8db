import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { REXA, startDaemon } from '../fixtures/daemon.ts';
import { readPeakMiB, readResidentMiB } from '../fixtures/memory.ts';
import { writePattern } from '../fixtures/pattern.ts';
import { SHARE, shareOf } from './share.ts';

const BYTES = shareOf(1 << 30);
const PEAK_MIB = 150;
/** How long a reader stalls, while memory is watched: this is what is tested, not a wait for something. */
const STALL_MS = 10_000 * SHARE;

interface Piped {
  readonly sha256: string;
  readonly code: number | null;
  readonly clientPeakMiB: number;
}

/** Runs `rexa WORDS`, hashes its stdout, and watches its memory up to its end. */
async function runPiped(words: readonly string[], input: string | null): Promise<Piped> {
  const stdin = input === null ? 'ignore' : openSync(input, 'r');
  const child = spawn(process.execPath, [REXA, ...words], { stdio: [stdin, 'pipe', 'inherit'] });
  if (typeof stdin === 'number') closeSync(stdin);
  const hash = createHash('sha256');
  let clientPeakMiB = 0;
  let chunks = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    if (chunks++ % 100 === 0) clientPeakMiB = readPeakMiB(child.pid ?? 0);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { sha256: hash.digest('hex'), code, clientPeakMiB };
}

describe(`${BYTES} bytes of patterned data`, () => {
  it('come through `cat FILE` as they are, in bounded memory at both ends', async () => {
    await using daemon = await startDaemon();
    const file = join(daemon.folder, 'pattern');
    const sha256 = writePattern(file, BYTES);
    const result = await runPiped(['run', daemon.address, '-n', '--', 'cat', file], null);
    expect([result.sha256, result.code]).toEqual([sha256, 0]);
    expect(result.clientPeakMiB).toBeGreaterThan(0);
    expect(Math.max(result.clientPeakMiB, readPeakMiB(daemon.pid))).toBeLessThan(PEAK_MIB);
  });

  it('go through stdin and back as they are, in bounded memory at both ends', async () => {
    await using daemon = await startDaemon();
    const file = join(daemon.folder, 'pattern');
    const sha256 = writePattern(file, BYTES);
    const result = await runPiped(['run', daemon.address, '--', 'cat'], file);
    expect([result.sha256, result.code]).toEqual([sha256, 0]);
    expect(Math.max(result.clientPeakMiB, readPeakMiB(daemon.pid))).toBeLessThan(PEAK_MIB);
  });
});

describe('`yes` and a reader that stalls', () => {
  it('grow no memory, and another client is served meanwhile', async () => {
    await using daemon = await startDaemon();
    const client = spawn(
      process.execPath,
      [REXA, 'run', '-n', daemon.address, '--', 'yes', 'a line of output'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(client.stdout, 'readable');
    // From here on nobody reads: the pipes and windows fill up, and then everything stands.
    await pause(Math.min(1000, STALL_MS));
    const before = { daemon: readResidentMiB(daemon.pid), client: readResidentMiB(client.pid ?? 0) };
    await using other = await connect(daemon.address);
    const untilMs = performance.now() + STALL_MS;
    let served = 0;
    while (performance.now() < untilMs) {
      expect((await other.run('echo', [String(served)])).stdout).toBe(`${served}\n`);
      served++;
      await pause(20);
    }
    const growth = {
      daemon: readResidentMiB(daemon.pid) - before.daemon,
      client: readResidentMiB(client.pid ?? 0) - before.client,
    };
    expect(served).toBeGreaterThan(0);
    expect(growth.client).toBeLessThan(10);
    // The other client's commands warm the daemon's heap up: that is bounded, a stalled `yes` would not be.
    expect(growth.daemon).toBeLessThan(50);
    const gone = once(client, 'exit');
    client.kill('SIGTERM');
    client.stdout.resume();
    expect(await gone).toEqual([143, null]);
  });
});
