import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { driveEnd } from '../../../src/files/drive-end.ts';
import type { TransferEnd } from '../../../src/files/transfer-end.ts';
import { codeOfAsync } from '../../fixtures/auth/fixtures.ts';

/** An end that is done as soon as it gets something, and has these pieces then, one for each call. */
function createScripted(pieces: readonly string[]): TransferEnd & { readonly isClosed: boolean } {
  const left = pieces.map((piece) => Buffer.from(piece));
  let state: TransferEnd['state'] = 'waiting';
  let isClosed = false;
  return {
    receive: async () => {
      state = 'done';
    },
    produce: () => (state === 'done' ? left.splice(0, 1) : []),
    get state() {
      return state;
    },
    close() {
      isClosed = true;
    },
    get isClosed() {
      return isClosed;
    },
  };
}

describe('driving an end', () => {
  it('that is done passes on all that it still has', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const end = createScripted(['a', 'b', 'finished']);
    input.write('finish');
    await driveEnd(end, { input, output });
    expect([String(output.read()), end.isClosed]).toEqual(['abfinished', true]);
  });

  it('whose output waits for its reader passes on what was added meanwhile', async () => {
    const input = new PassThrough();
    const output = new PassThrough({ highWaterMark: 1 });
    const pieces = Array.from({ length: 50 }, (_, n) => `${n} `);
    const read: string[] = [];
    input.write('finish');
    const driven = driveEnd(createScripted(pieces), { input, output });
    output.on('data', (bytes: Buffer) => read.push(bytes.toString()));
    await driven;
    output.end();
    await new Promise((resolve) => output.on('end', resolve));
    expect(read.join('')).toBe(pieces.join(''));
  });

  it('takes what its observer still held when the streams broke', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const seen = Promise.withResolvers<void>();
    const held = ['results', 'finished'];
    const got: string[] = [];
    let state: TransferEnd['state'] = 'waiting';
    const end: TransferEnd = {
      receive(bytes) {
        got.push(String(bytes));
        if (got.length === held.length) state = 'done';
        return undefined;
      },
      produce: () => [],
      get state() {
        return state;
      },
      close: () => undefined,
    };
    const observe = { received: () => seen.promise, produced: () => undefined };
    const driven = driveEnd(end, { input, output, observe });
    for (const text of held) {
      input.write(text);
      await nextTurn();
    }
    output.destroy();
    await once(output, 'close');
    await nextTurn();
    seen.resolve();
    await driven;
    expect(got).toEqual(held);
  });

  it.each(['received', 'produced'] as const)(
    'waits no more for an observer of what is %s once it is canceled',
    async (which) => {
      const input = new PassThrough();
      const output = new PassThrough();
      const controller = new AbortController();
      const asked = Promise.withResolvers<void>();
      const observe = {
        received: () => undefined,
        produced: () => undefined,
        [which]: () => {
          asked.resolve();
          return new Promise(() => undefined);
        },
      };
      const end: TransferEnd = {
        receive: () => undefined,
        produce: () => (which === 'produced' ? [Buffer.from('x')] : []),
        state: 'waiting',
        close: () => undefined,
      };
      const driven = driveEnd(end, { input, output, observe, signal: controller.signal });
      input.write('x');
      await asked.promise;
      controller.abort();
      input.destroy();
      output.destroy();
      expect(await codeOfAsync(() => driven)).toBe('CLOSED');
    },
  );

  it.each(['input', 'output'] as const)(
    'over streams of which the %s is closed fails at once',
    async (which) => {
      const streams = { input: new PassThrough(), output: new PassThrough() };
      streams[which].destroy();
      await new Promise((resolve) => streams[which].once('close', resolve));
      const end = createScripted([]);
      expect(await codeOfAsync(() => driveEnd(end, streams))).toBe('CLOSED');
      expect(end.isClosed).toBe(true);
    },
  );
});
