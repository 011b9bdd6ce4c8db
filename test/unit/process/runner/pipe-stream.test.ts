import { createReadStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { openPipeWriter } from '../../../../src/process/runner/pipe-stream.ts';
import { loadSystemCalls } from '../../../../src/process/system/load-system-calls.ts';

describe('a pipe to a command', () => {
  it.each([
    [64, []],
    [4096, ['grown']],
  ])('of %i KiB is enlarged once if that is much', async (kibibytes, expected) => {
    const native = await loadSystemCalls();
    const pair = native.makePipe();
    if (pair === null) return;
    const grown: string[] = [];
    const system = { ...native, growPipe: () => void grown.push('grown') };
    const reader = createReadStream('', { fd: pair.readEnd });
    let bytes = 0;
    reader.on('data', (chunk) => {
      bytes += chunk.length;
    });
    const writer = openPipeWriter(system, pair.writeEnd);
    for (let left = kibibytes; left > 0; left -= 64)
      await new Promise((resolve) => void writer.write(Buffer.alloc(64 * 1024), resolve));
    writer.end();
    await finished(reader);
    expect([grown, bytes]).toEqual([expected, kibibytes * 1024]);
  });
});
