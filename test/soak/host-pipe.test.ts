import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../fixtures/daemon.ts';
import { readPeakMiB } from '../fixtures/memory.ts';
import { shareOf } from './share.ts';

const GIB = 1 << 30;
const BYTES = shareOf(10 * GIB);
/** Of a daemon. */
const PEAK_MIB = 128;
/** Of a program with the library, which leaves it to V8 when some 64 MiB of what was read are collected. */
const PROGRAM_PEAK_MIB = 200;
const PROGRAM = fileURLToPath(new URL('../fixtures/host-pipe.mjs', import.meta.url));
/** Numbers, a line each: no two blocks are the same. */
const LINE = `seq 0 1 9999999999 | head -c ${BYTES}`;

const run = promisify(execFile);

describe(`${BYTES} bytes from one host to another`, () => {
  it('arrive as they are, in constant memory at all three ends', async () => {
    await using source = await startDaemon();
    await using destination = await startDaemon();
    const piped = await run(process.execPath, [PROGRAM, source.address, destination.address, LINE]);
    const { stdout, peakMiB } = JSON.parse(piped.stdout) as { stdout: string; peakMiB: number };
    const expected = await run('sh', ['-c', `${LINE} | sha256sum`]);
    expect(stdout).toBe(expected.stdout.trimEnd());
    expect(Math.max(readPeakMiB(source.pid), readPeakMiB(destination.pid))).toBeLessThan(PEAK_MIB);
    expect(peakMiB).toBeLessThan(PROGRAM_PEAK_MIB);
  });
});
