import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { attachLink } from '../../../src/link/attach-link.ts';
import { CONTROL_BACKLOG_BYTES, TURN_READ_BYTES } from '../../../src/link/limits.ts';
import { MAX_CHANNELS_PER_LINK } from '../../../src/protocol/limits.ts';
import { createRawPair } from '../../fixtures/link/link-pair.ts';
import { createMemoryPair } from '../../fixtures/link/memory-transport.ts';
import { frame, HELLO, type RawPeer } from '../../fixtures/raw-peer.ts';
import { waitUntil } from '../../fixtures/wait-until.ts';

const MIB = 1024 * 1024;

/** Sends the same bytes again and again as long as they are taken. @returns how to stop it */
function flood({ socket }: RawPeer, bytes: Uint8Array): () => void {
  let state: 'flooding' | 'stopped' = 'flooding';
  const write = async (): Promise<void> => {
    while (state === 'flooding' && socket.writable) {
      if (!socket.write(bytes)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
    }
  };
  write().catch(() => {});
  return () => {
    state = 'stopped';
  };
}

describe('a peer that sends fast', () => {
  it('is read by parts, one in each turn of the event loop, and loses nothing', async () => {
    const readBytes = 64 * 1024;
    const { near, far } = createMemoryPair({ capacityBytes: 16 * MIB, nextReadBytes: () => readBytes });
    const link = attachLink(near, { role: 'daemon', agent: 'test', encoding: 'utf-8' });
    let pongBytes = 0;
    far.start({
      handleBytes: (bytes) => {
        pongBytes += bytes.length;
      },
      handleDrain: () => undefined,
      handleEnd: () => undefined,
      handleFinish: () => undefined,
      handleClose: () => undefined,
    });
    const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(0x03, 0, '12345678')));
    const sent = [HELLO, ...Array<Buffer>(240).fill(pings)];
    const total = sent.reduce((sum, { length }) => sum + length, 0);
    far.write(sent);
    let most = 0;
    while (near.bytesRead < total) {
      const before = near.bytesRead;
      await nextTurn();
      most = Math.max(most, near.bytesRead - before);
    }
    expect(most).toBeLessThanOrEqual(TURN_READ_BYTES + readBytes);
    await waitUntil('all are answered', () => pongBytes >= 240 * pings.length);
    await link.leave();
  });
});

describe('a peer that floods', () => {
  it('pings and reads no answer is not read any more, and answered all of it when it does', async () => {
    const { peer, daemon, socket } = await createRawPair();
    peer.socket.pause();
    peer.send(HELLO);
    const stop = flood(peer, Buffer.concat(Array.from({ length: 4000 }, () => frame(0x03, 0, '12345678'))));
    await waitUntil('the daemon stops reading', () => socket.isPaused());
    // What waits here, what waits in the socket, and what one read brought.
    expect(socket.bytesRead).toBeLessThan(CONTROL_BACKLOG_BYTES + 2 * MIB);
    stop();
    let pongs = 0;
    const answered = new Promise<void>((resolve) => {
      peer.socket.on('data', (bytes: Buffer) => {
        pongs += bytes.length / 17;
        if (pongs > 20_000) resolve();
      });
    });
    peer.socket.resume();
    await answered;
    await waitUntil('the daemon reads again', () => !socket.isPaused());
    expect(daemon.channelCount).toBe(0);
  });

  it('messages that nobody reads is not read any more, and loses none', async () => {
    const { peer, daemon, socket } = await createRawPair();
    const count = 5000;
    const text = 'x'.repeat(1000);
    peer.send(HELLO, frame(0x10, 1, {}));
    for (let n = 0; n < count; n++) peer.socket.write(frame(0x11, 1, { n, text }));
    const channel = await daemon.nextChannel();
    await waitUntil('the daemon stops reading', () => socket.isPaused());
    expect(socket.bytesRead).toBeLessThan(CONTROL_BACKLOG_BYTES + MIB);
    for (let n = 0; n < count; n++) expect((await channel?.nextMessage())?.['n']).toBe(n);
    expect(socket.isPaused()).toBe(false);
  });

  it('messages and closes is read again although nobody took them', async () => {
    const { peer, daemon, socket } = await createRawPair();
    const text = 'x'.repeat(100_000);
    peer.send(HELLO, frame(0x10, 1, {}), ...Array.from({ length: 20 }, () => frame(0x11, 1, { text })));
    const channel = await daemon.nextChannel();
    await waitUntil('the daemon stops reading', () => socket.isPaused());
    channel?.abort({});
    peer.send(frame(0x12, 1, {}), frame(0x10, 3, { second: true }));
    // The close stands behind messages that wait in the socket: only the reader's end can free the way.
    while ((await channel?.nextMessage()) !== null);
    expect((await daemon.nextChannel())?.request).toEqual({ second: true });
  });

  it('messages on channels that it closes again leaves nothing behind', async () => {
    const { peer, daemon } = await createRawPair();
    const text = 'x'.repeat(600_000);
    peer.send(HELLO);
    for (const id of [1, 3, 5, 7])
      peer.send(frame(0x10, id, { id }), frame(0x11, id, { text }), frame(0x12, id, {}));
    for (const id of [1, 3, 5, 7]) expect((await daemon.nextChannel())?.request).toEqual({ id });
  });

  it('channels and answers no refusal ends its link', async () => {
    const { peer, daemon } = await createRawPair();
    const opens = Array.from({ length: 3 * MAX_CHANNELS_PER_LINK }, (_, at) => frame(0x10, 1 + 2 * at, {}));
    peer.send(HELLO, ...opens);
    expect(await daemon.ended).toMatchObject({ kind: 'failed', error: { code: 'FRAME_MISPLACED' } });
    expect(await peer.goawayCode()).toBe('FRAME_MISPLACED');
  });

  it('data on a stream that nobody reads is told at the first byte beyond its credit', async () => {
    const { peer, daemon } = await createRawPair();
    peer.send(HELLO, frame(0x10, 1, {}));
    const channel = await daemon.nextChannel();
    channel?.input(0).once('readable', () => {});
    peer.send(...Array.from({ length: 9 }, () => frame(0x20, 1, Buffer.alloc(64 * 1024))));
    expect(await daemon.ended).toMatchObject({ kind: 'failed', error: { code: 'CREDIT_OVERRUN' } });
  });
});

describe('a peer that is slow', () => {
  it('may send its hello and its request in single bytes', async () => {
    const { peer, daemon } = await createRawPair();
    peer.socket.setNoDelay(true);
    for (const byte of Buffer.concat([HELLO, frame(0x10, 1, { slow: true })])) peer.send(Uint8Array.of(byte));
    expect(await daemon.peer).toMatchObject({ agent: 'raw' });
    expect((await daemon.nextChannel())?.request).toEqual({ slow: true });
  });
});
