import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PIPE_CAPACITY_BYTES, PIPE_READ_BYTES } from '../../../../src/process/limits.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';
import { recycleBytes } from '../../../../src/runtime/chunk-memory.ts';
import { writePattern } from '../../../fixtures/pattern.ts';
import { closeStreams, createTestRunner, makeRequest } from '../../../fixtures/process/start-command.ts';
import { waitUntil } from '../../../fixtures/wait-until.ts';

const PATIENCE_MS = 60_000;
const BULK_BYTES = 64 << 20;
const runner = createTestRunner(await loadSystemCalls());

let folder: string;
let file: string;
let hashOfFile: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rexa-stream-'));
  file = path.join(folder, 'pattern');
  hashOfFile = writePattern(file, BULK_BYTES);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Bytes that a process has written so far (proc_pid_io(5)). */
function bytesWritten(pid: number): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

describe.runIf(process.platform === 'linux')('bulk output', () => {
  it.each<[string, (chunk: Buffer, index: number) => unknown]>([
    ['a reader that takes all at once', () => undefined],
    ['a reader that pauses', (_chunk, index) => (index % 3 === 0 ? turn() : undefined)],
    ['a reader that gives memory back', (chunk) => recycleBytes(chunk)],
  ])(
    'comes whole to %s',
    async (_what, handle) => {
      const running = await runner.start(makeRequest('cat', [file]));
      running.stderr.resume();
      const hash = createHash('sha256');
      let index = 0;
      for await (const chunk of running.stdout as AsyncIterable<Buffer>) {
        hash.update(chunk);
        await handle(chunk, index);
        index += 1;
      }
      expect(hash.digest('hex')).toBe(hashOfFile);
      expect(await running.exit).toEqual({ exitCode: 0, signal: null });
    },
    PATIENCE_MS,
  );

  it(
    'of several commands is never mixed up when memory is given back',
    async () => {
      const hashes = await Promise.all(
        Array.from({ length: 4 }, async () => {
          const running = await runner.start(makeRequest('cat', [file]));
          running.stderr.resume();
          const hash = createHash('sha256');
          for await (const chunk of running.stdout as AsyncIterable<Buffer>) {
            await turn();
            hash.update(chunk);
            recycleBytes(chunk);
          }
          return hash.digest('hex');
        }),
      );
      expect(hashes).toEqual(Array.from({ length: 4 }, () => hashOfFile));
    },
    PATIENCE_MS,
  );

  it('stops when nobody reads, within what a pipe and one read hold', async () => {
    const running = await runner.start(makeRequest('cat', ['/dev/zero']));
    let received = 0;
    running.stdout.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > 1 << 20) running.stdout.pause();
    });
    await waitUntil('the reader has had enough', () => running.stdout.isPaused());
    const bound = received + PIPE_CAPACITY_BYTES + running.stdout.readableHighWaterMark + 2 * PIPE_READ_BYTES;
    let before = -1;
    await waitUntil('the command writes no more', () => {
      const now = bytesWritten(running.pid);
      const stands = now === before;
      before = now;
      return stands;
    });
    expect(before).toBeLessThanOrEqual(bound);
    expect(running.stdout.readableLength).toBeLessThanOrEqual(
      running.stdout.readableHighWaterMark + PIPE_READ_BYTES,
    );
    await running.endTree(1000);
    closeStreams(running);
  });

  it('that nobody wants any more makes the command end by SIGPIPE', async () => {
    const running = await runner.start(makeRequest('cat', ['/dev/zero']));
    running.stdout.once('data', () => running.stdout.destroy());
    running.stderr.resume();
    expect(await running.exit).toEqual({ exitCode: null, signal: 'SIGPIPE' });
  });
});
