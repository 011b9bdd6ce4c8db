import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ByteSink } from '../../../src/cli/output/byte-sink.ts';
import { copyOutput } from '../../../src/cli/run/copy-output.ts';

/** A sink whose writes wait until they are let go. */
function createGatedSink() {
  const taken: string[] = [];
  const waiting: { readonly text: string; settle(error?: Error): void }[] = [];
  const sink: ByteSink = {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        const text = Buffer.from(bytes).toString();
        waiting.push({
          text,
          settle(error) {
            if (error) return reject(error);
            taken.push(text);
            resolve();
          },
        });
      }),
  };
  return { sink, taken, waiting };
}

async function settleAll(gate: ReturnType<typeof createGatedSink>, done: Promise<void>): Promise<void> {
  let state: 'open' | 'over' = 'open';
  void done.then(() => {
    state = 'over';
  });
  while (state === 'open') {
    gate.waiting.shift()?.settle();
    await setImmediate();
  }
}

describe('copying output', () => {
  it('hands over one chunk at a time, in order, to the end', async () => {
    const from = new PassThrough();
    const gate = createGatedSink();
    const copy = copyOutput(from, gate.sink, () => {});
    from.write('a');
    await setImmediate();
    from.write('b');
    from.end('c');
    await setImmediate();
    expect(gate.waiting.map(({ text }) => text)).toEqual(['a']);
    await settleAll(gate, copy.done);
    expect(gate.taken.join('')).toBe('abc');
  });

  it('reads and throws away the rest behind a write that failed, and tells it once', async () => {
    const from = new PassThrough();
    const gate = createGatedSink();
    const failures: Error[] = [];
    const copy = copyOutput(from, gate.sink, (error) => failures.push(error));
    from.write('a');
    await setImmediate();
    gate.waiting.shift()?.settle(new Error('gone'));
    for (let index = 0; index < 100; index++) from.write('x'.repeat(65_536));
    from.end();
    await copy.done;
    expect(failures.map(({ message }) => message)).toEqual(['gone']);
    expect(gate.waiting).toEqual([]);
  });

  it('comes to its end when the stream is cut off', async () => {
    const from = new PassThrough();
    const gate = createGatedSink();
    const copy = copyOutput(from, gate.sink, () => {});
    from.write('a');
    await setImmediate();
    from.destroy(new Error('cut'));
    await settleAll(gate, copy.done);
    expect(gate.taken).toEqual(['a']);
  });

  it('waits no longer for a stalled reader once it is given up', async () => {
    const from = new PassThrough();
    const gate = createGatedSink();
    const failures: Error[] = [];
    const copy = copyOutput(from, gate.sink, (error) => failures.push(error));
    from.write('a');
    await setImmediate();
    copy.giveUp();
    from.end('b');
    await copy.done;
    gate.waiting.shift()?.settle(new Error('late'));
    await setImmediate();
    expect([gate.taken, gate.waiting, failures]).toEqual([[], [], []]);
  });

  it('gives up a reader only if it took nothing between two looks', async () => {
    const from = new PassThrough();
    const gate = createGatedSink();
    const copy = copyOutput(from, gate.sink, () => {});
    from.write('a');
    await setImmediate();
    copy.giveUpIfStalled();
    gate.waiting.shift()?.settle();
    from.write('b');
    await setImmediate();
    copy.giveUpIfStalled();
    expect(gate.waiting.map(({ text }) => text)).toEqual(['b']);
    copy.giveUpIfStalled();
    from.end('c');
    await copy.done;
    expect(gate.taken).toEqual(['a']);
  });

  it('does not give up while there is nothing to write', async () => {
    const from = new PassThrough();
    const gate = createGatedSink();
    const copy = copyOutput(from, gate.sink, () => {});
    copy.giveUpIfStalled();
    copy.giveUpIfStalled();
    from.end('a');
    await settleAll(gate, copy.done);
    expect(gate.taken).toEqual(['a']);
  });
});
