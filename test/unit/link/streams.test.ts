import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { LinkChannel } from '../../../src/link/channel.ts';
import { createPayloadHolders } from '../../../src/link/payload-holders.ts';
import { FIRST_WINDOW_BYTES, STREAM_QUEUE_BYTES } from '../../../src/protocol/limits.ts';
import {
  createLinkPair,
  type LinkPair,
  SOCKET_KINDS,
  type SocketKind,
} from '../../fixtures/link/link-pair.ts';
import { readPattern, writePattern } from '../../fixtures/link/stream-bytes.ts';
import { patternBytes } from '../../fixtures/protocol/pattern.ts';

const MIB = 1024 * 1024;

interface OpenChannel extends LinkPair {
  readonly near: LinkChannel;
  readonly far: LinkChannel;
}

async function openChannel(
  kind: SocketKind = 'plain',
  receive: readonly number[] = [0, 1],
): Promise<OpenChannel> {
  const pair = await createLinkPair(kind);
  const near = pair.client.open({ service: 'test' }, receive);
  const far = await pair.daemon.nextChannel();
  if (!far) throw new Error('no channel came');
  return { ...pair, near, far };
}

describe.each(SOCKET_KINDS)('the streams of a channel over a %s socket', (kind) => {
  it('carry megabytes both ways at once, and end each by itself', async () => {
    const { near, far } = await openChannel(kind);
    const [up, down, err] = await Promise.all([
      readPattern(far.input(0), 1),
      readPattern(near.input(0), 2),
      readPattern(near.input(1), 3),
      writePattern(near.output(0), 1, 5 * MIB + 1, 100_003).then(() => near.output(0).end()),
      writePattern(far.output(0), 2, 8 * MIB + 7).then(() => far.output(0).end()),
      writePattern(far.output(1), 3, 3_000, 7).then(() => far.output(1).end()),
    ]);
    expect([up, down, err]).toEqual([5 * MIB + 1, 8 * MIB + 7, 3_000]);
  });

  it('bring every byte that was written in front of the last word, however slow the reader is', async () => {
    const { near, far } = await openChannel(kind);
    const bytes = 40 * 64 * 1024;
    // Nobody waits for room here, so most of it is still in the stream when the channel is closed.
    for (let at = 0; at < bytes; at += 64 * 1024) far.output(0).write(patternBytes(1, at, 64 * 1024));
    far.output(0).end();
    far.close({ outcome: 'done' });
    for (let turns = 0; turns < 20; turns++) await turn();
    expect(await readPattern(near.input(0), 1)).toBe(bytes);
    expect(await near.ended).toEqual({ kind: 'closed', last: { outcome: 'done' } });
  });

  it('bring bytes that were written one by one', async () => {
    const { near, far } = await openChannel(kind);
    const bytes = 20_000;
    for (let at = 0; at < bytes; at++) far.output(0).write(patternBytes(1, at, 1));
    far.output(0).end();
    expect(await readPattern(near.input(0), 1)).toBe(bytes);
  });
});

describe('the streams of a channel', () => {
  it('bring what was written to a corked stream in front of the last word', async () => {
    const { near, far } = await openChannel();
    let bytes = 0;
    near.input(0).on('data', (chunk: Uint8Array) => {
      bytes += chunk.length;
    });
    far.output(0).cork();
    for (let at = 0; at < 10; at++) far.output(0).write(patternBytes(1, at * 100, 100));
    far.close({});
    await near.ended;
    expect(bytes).toBe(1000);
  });

  it('grant credit to the one that opened nothing at its first read', async () => {
    const { near, far } = await openChannel();
    near.output(0).end(patternBytes(1, 0, 1000));
    near.output(1).end(patternBytes(2, 0, 1000));
    expect(await readPattern(far.input(0), 1)).toBe(1000);
    expect(far.input(1).readableLength).toBe(0);
    expect(await readPattern(far.input(1), 2)).toBe(1000);
  });

  it('stay open in one direction when the other has ended, in both orders', async () => {
    const { near, far } = await openChannel();
    near.output(0).end();
    expect(await readPattern(far.input(0), 1)).toBe(0);
    await writePattern(far.output(0), 2, 1000);
    far.output(0).end();
    expect(await readPattern(near.input(0), 2)).toBe(1000);

    far.output(1).end();
    expect(await readPattern(near.input(1), 1)).toBe(0);
    near.output(1).end(patternBytes(3, 0, 500));
    expect(await readPattern(far.input(1), 3)).toBe(500);
  });

  it('stop a writer whose reader stalls, within window and queue, until the reader goes away', async () => {
    const { near, far } = await openChannel();
    const stream = far.output(0);
    const bytes = 4 * MIB;
    const chunkBytes = 16 * 1024;
    let accepted = 0;
    const finished = Promise.withResolvers<void>();
    const write = (): void => {
      stream.write(patternBytes(1, accepted, chunkBytes), () => {
        accepted += chunkBytes;
        if (accepted < bytes) write();
        else finished.resolve();
      });
    };
    write();
    // Nothing tells that nothing moves any more: it has not moved for many turns.
    for (let before = -1; before !== accepted; ) {
      before = accepted;
      for (let turns = 0; turns < 200; turns++) await turn();
    }
    expect(accepted).toBeGreaterThanOrEqual(FIRST_WINDOW_BYTES);
    expect(accepted).toBeLessThanOrEqual(FIRST_WINDOW_BYTES + STREAM_QUEUE_BYTES + 256 * 1024);
    near.input(0).destroy();
    await finished.promise;
  });

  it('are not held up by one that stalls among 200', async () => {
    const { client, daemon } = await createLinkPair();
    const stalled = client.open({ n: -1 }, [0]);
    const channels = Array.from({ length: 200 }, (_, n) => client.open({ n }, [0]));
    for (let opened = 0; opened < 201; opened++) {
      const far = await daemon.nextChannel();
      const n = far?.request['n'] as number;
      void writePattern(far?.output(0) as never, n + 1, n < 0 ? 8 * MIB : 50_000 + n).then(() =>
        far?.output(0).end(),
      );
    }
    const read = await Promise.all(channels.map((channel, n) => readPattern(channel.input(0), n + 1)));
    expect(read).toEqual(channels.map((_, n) => 50_000 + n));
    // And the one that stalled has lost nothing.
    expect(await readPattern(stalled.input(0), 0)).toBe(8 * MIB);
  });

  it('let a writer finish whose reader has gone away', async () => {
    const { near, far } = await openChannel();
    const written = writePattern(far.output(0), 1, 4 * MIB);
    for await (const chunk of near.input(0)) {
      expect(chunk).toBeDefined();
      break;
    }
    expect(near.input(0).destroyed).toBe(true);
    await written;
    far.output(0).end();
    far.close({ done: true });
    expect(await near.ended).toEqual({ kind: 'closed', last: { done: true } });
  });

  it('free a writer that waits when its channel is aborted, by either side', async () => {
    for (const side of ['near', 'far'] as const) {
      const channels = await openChannel('plain', []);
      const stream = channels.far.output(0);
      const written = new Promise((resolve) => {
        stream.write(patternBytes(1, 0, 2 * STREAM_QUEUE_BYTES), resolve);
      });
      channels[side].abort({ why: side });
      await written;
      const other = channels[side === 'near' ? 'far' : 'near'];
      expect(await other.ended).toEqual({ kind: 'closed', last: { why: side } });
    }
  });

  it('fail with CLOSED when the channel is closed before their end, and keep what arrived whole', async () => {
    const { near, far } = await openChannel();
    far.output(0).write(patternBytes(1, 0, 10));
    far.output(1).end(patternBytes(2, 0, 10));
    far.close({});
    const failed = once(near.input(0), 'error');
    await near.ended;
    expect(await failed).toMatchObject([{ code: 'CLOSED' }]);
    expect(await readPattern(near.input(1), 2)).toBe(10);
  });

  it('give memory back only when nobody needs it any more: it may be written to at once', async () => {
    let given = 0;
    const holder = createPayloadHolders((payload) => {
      given += payload.length;
      payload.fill(0xee);
    });
    const { client, daemon } = await createLinkPair('slab', { holder });
    const near = client.open({}, [0, 1]);
    const far = await daemon.nextChannel();
    if (!far) throw new Error('no channel came');
    void writePattern(far.output(0), 1, 8 * MIB, 300_001).then(() => far.output(0).end());
    void writePattern(far.output(1), 2, 100_000, 777).then(() => far.output(1).end());
    for (let turns = 0; turns < 50; turns++) await turn();
    expect(await Promise.all([readPattern(near.input(0), 1), readPattern(near.input(1), 2)])).toEqual([
      8 * MIB,
      100_000,
    ]);
    expect(given).toBeGreaterThanOrEqual(8 * MIB + 100_000);
  });

  it('are destroyed when their channel is over and what arrived has been read', async () => {
    const { near, far } = await openChannel();
    far.output(0).end(patternBytes(1, 0, 10));
    far.close({});
    await near.ended;
    const closed = once(near.input(0), 'close');
    expect(await readPattern(near.input(0), 1)).toBe(10);
    await closed;
    expect(near.input(0).errored).toBe(null);
  });

  it('swallow what is written after the channel is over', async () => {
    const { near, far } = await openChannel();
    near.close({});
    await far.ended;
    await new Promise((resolve) => {
      far.output(5).write(Buffer.alloc(2 * MIB), resolve);
    });
    far.output(5).end();
    expect(await near.ended).toEqual({ kind: 'closed', last: {} });
  });
});
