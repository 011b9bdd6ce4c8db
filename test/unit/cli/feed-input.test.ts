import { PassThrough, Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { feedInput } from '../../../src/cli/run/feed-input.ts';

/** More than is read by whoever waits for the other end. */
const MANY_CHUNKS = 10_000;

/** Gives chunks when it is asked, and counts them. */
function createSource(): { readonly stream: Readable; readonly given: () => number } {
  let given = 0;
  const stream = new Readable({
    read() {
      given++;
      this.push(given < MANY_CHUNKS ? Buffer.alloc(1024) : null);
    },
  });
  return { stream, given: () => given };
}

async function letRun(): Promise<void> {
  for (let turn = 0; turn < 500; turn++) await setImmediate();
}

describe('feeding stdin', () => {
  it('reads no further than the run takes, and goes on when it does', async () => {
    const source = createSource();
    const waiting: (() => void)[] = [];
    const into = new Writable({
      highWaterMark: 4096,
      write: (_chunk, _encoding, done) => waiting.push(done),
    });
    feedInput(source.stream, into, () => {});
    await letRun();
    const first = source.given();
    await letRun();
    expect(source.given()).toBe(first);
    expect(first).toBeLessThan(1_000);
    while (waiting.length > 0) {
      waiting.shift()?.();
      await setImmediate();
      if (source.given() > first * 2) break;
    }
    expect(source.given()).toBeGreaterThan(first * 2);
    source.stream.destroy();
  });

  it('reads no further once nobody takes it', async () => {
    const source = createSource();
    const into = new Writable({ write: (_chunk, _encoding, done) => done(new Error('closed')) });
    feedInput(source.stream, into, () => {});
    await letRun();
    const read = source.given();
    await letRun();
    expect(source.given()).toBe(read);
    source.stream.destroy();
  });

  it('passes the end on', async () => {
    const into = new PassThrough();
    feedInput(Readable.from([Buffer.from('a'), Buffer.from('b')]), into, () => {});
    const read: string[] = [];
    for await (const chunk of into) read.push(String(chunk));
    expect(read.join('')).toBe('ab');
  });
});
