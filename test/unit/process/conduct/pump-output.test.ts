import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { pumpOutput } from '../../../../src/process/conduct/pump-output.ts';

const DECODER = {
  write: (bytes: Uint8Array) => bytes,
  end: () => new Uint8Array(0),
  holdMs: null,
  flush: () => new Uint8Array(0),
  receipt: () => ({ name: 'binary', source: 'option', replaced: 0 }) as const,
};

it.each<[string, (from: PassThrough) => void]>([
  ['has ended', (from) => void from.end().resume()],
  ['was destroyed by an error', (from) => void from.on('error', () => {}).destroy(new Error('cut off'))],
])('ends the output of a stream that %s before anybody listens', async (_what, close) => {
  const from = new PassThrough();
  close(from);
  if (!from.closed) await once(from, 'close');
  const into = new PassThrough().resume();
  const ended = once(into, 'end');
  await new Promise<void>((resolve) => {
    pumpOutput(from, into, DECODER, {
      isWaiting: () => false,
      handleBytes: () => undefined,
      handleBlocked: () => undefined,
      handleEnd: resolve,
    });
  });
  await ended;
  expect(from.closed).toBe(true);
});
